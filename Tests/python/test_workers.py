"""Workers and gateways in processes of their own that are stopped, killed and told to go, while a router asks."""

import signal
import time

import pytest
from conftest import PAIRS, Node
from switchboard.v1 import call_pb2, index_pb2, router_pb2
from switchboard_client import DealerClient, GatewaysClient, ReqClient

CLASSIFY = "switchboard.v1.Router/Classify"
RETRIEVERS = 'switchboard_workers{service="switchboard.v1.Retriever"}'


class Fleet:
    """A gateway with the updater, another gateway, and two retrievers that are attached to both."""

    def __init__(self, command, folder):
        self.command, self.folder = command, folder
        self.first = self.start("first", "--roles", "gateway", "updater", waits=False)
        self.second = self.start("second", "--roles", "gateway", "--updater", self.first.index, waits=False)
        self.retrievers = [self.start_retriever("one"), self.start_retriever("two")]
        self.wait_for_retrievers(2)

    def start(self, name, *arguments, waits=True):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Node(self.command, folder, "--name", name, "--threads", "1", *arguments, "--scorer", "none", waits=waits)

    def start_retriever(self, name):
        return self.start(
            name, "--roles", "retriever", "--updater", self.first.index, "--connect", self.first.worker,
            "--connect", self.second.worker,
        )

    def wait_for_retrievers(self, count):
        for gateway in (self.first, self.second):
            if gateway.process.poll() is None:
                gateway.wait_for_metric(RETRIEVERS, count)

    def stop(self):
        for node in (*self.retrievers, self.second, self.first):
            if node.process.poll() is None:
                node.process.send_signal(signal.SIGCONT)
                node.stop()


@pytest.fixture
def fleet(request, tmp_path, context):
    fleet = Fleet(request.config.getoption("--switchboard"), tmp_path)
    client = ReqClient(context, fleet.first.index, timeout_ms=60_000)
    batch = index_pb2.AppendRequest(
        operation_id=b"pairs", source=b"tests", author=b"python", wait=index_pb2.WAIT_APPLIED
    )
    for text, intent in PAIRS:
        command = batch.commands.add()
        command.upsert.vertical = "shop"
        command.upsert.text = text.encode()
        command.upsert.intent = intent.encode()
    receipt = client.call("switchboard.v1.Index/Append", batch, index_pb2.AppendReceipt, 30_000_000)
    assert receipt.added == len(PAIRS)
    client.close()
    yield fleet
    fleet.stop()


def ask(dealer, count, time_left_us=10_000_000):
    request = router_pb2.ClassifyRequest(text=b"i forgot my password")
    return {dealer.open(CLASSIFY, request, time_left_us=time_left_us) for _ in range(count)}


def answers(dealer, asked):
    """Each call's answer, which has to be the right one."""
    while asked:
        header, payload = dealer.receive()
        assert header.status.code == call_pb2.STATUS_CODE_OK, header.status.message
        assert router_pb2.ClassifyResponse.FromString(payload).intent == b"account/password"
        asked.remove(header.call_id)


def test_the_calls_of_a_stopped_retriever_are_answered_by_another(fleet, context):
    dealer = DealerClient(context, fleet.first.router)
    for retriever in fleet.retrievers:
        retriever.process.send_signal(signal.SIGSTOP)
        # A half of them is given to the one that is stopped.
        answers(dealer, ask(dealer, 20))
        retriever.process.send_signal(signal.SIGCONT)
        answers(dealer, ask(dealer, 20))
    assert fleet.first.metric('switchboard_worker_repeats_total{reason="lost"}') > 0
    fleet.wait_for_retrievers(2)
    dealer.close()


def test_the_calls_of_a_killed_retriever_are_answered_by_another_and_it_comes_back(fleet, context):
    dealer = DealerClient(context, fleet.first.router)
    answers(dealer, ask(dealer, 20))
    asked = ask(dealer, 100)
    fleet.retrievers[0].process.kill()
    answers(dealer, asked)
    fleet.retrievers[0].process.wait()
    fleet.wait_for_retrievers(1)
    fleet.retrievers[0] = fleet.start_retriever("one")
    fleet.wait_for_retrievers(2)
    # It takes work: the other has gone.
    fleet.retrievers[1].process.kill()
    answers(dealer, ask(dealer, 20))
    dealer.close()


def test_a_retriever_that_is_told_to_go_finishes_what_it_has(fleet, context):
    dealer = DealerClient(context, fleet.first.router)
    asked = ask(dealer, 200)
    fleet.retrievers[0].process.terminate()
    answers(dealer, asked)
    assert fleet.retrievers[0].process.wait(timeout=30) == 0
    answers(dealer, ask(dealer, 20))
    # Nothing that it had was taken from it.
    assert fleet.first.metric('switchboard_worker_repeats_total{reason="lost"}') == 0
    fleet.wait_for_retrievers(1)
    dealer.close()


def test_a_router_goes_on_when_one_of_two_gateways_is_killed(fleet, context):
    client = GatewaysClient(context, [fleet.second.router, fleet.first.router])
    request = router_pb2.ClassifyRequest(text=b"i forgot my password")
    for number in range(30):
        if number == 10:
            fleet.second.process.kill()
            fleet.second.process.wait()
        reply = client.call(CLASSIFY, request, router_pb2.ClassifyResponse, 4_000_000)
        assert reply.intent == b"account/password"
    client.close()


def test_a_worker_that_is_attached_nowhere_is_not_ready_and_says_why(fleet):
    lost = fleet.start(
        "lost", "--roles", "retriever", "--updater", fleet.first.index, "--connect", fleet.first.router, waits=False
    )
    try:
        deadline = time.monotonic() + 60
        while not any("workers attach at that port + 1" in reason for reason in lost.readiness()["reasons"]):
            assert time.monotonic() < deadline, lost.readiness()
            time.sleep(0.05)
    finally:
        assert lost.stop() == 0


def test_a_worker_notes_which_gateway_it_is_not_attached_to(fleet):
    nobody = "tcp://127.0.0.1:1"
    worker = fleet.start(
        "half", "--roles", "retriever", "--updater", fleet.first.index, "--connect", fleet.first.worker,
        "--connect", nobody,
    )
    try:
        deadline = time.monotonic() + 60
        while not any(f"{nobody}: no node answers" in note for note in worker.readiness()["notes"]):
            assert time.monotonic() < deadline, worker.readiness()
            time.sleep(0.05)
        assert worker.readiness()["good"]
    finally:
        assert worker.stop() == 0
