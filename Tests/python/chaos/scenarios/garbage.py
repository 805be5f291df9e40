"""Fuzzed frames on every socket: no crash, no leak, and whoever sends sense meanwhile is answered."""

import dataclasses
import socket
import time

import zmq
from chaos.checks.answers import Tally
from chaos.cluster import gauges
from chaos.cluster.process import NodeProcess
from chaos.load import asking, questions
from chaos.load.calls import OK, Calls, status_name
from chaos.load.fuzz import Fuzzer
from chaos.load.retrying import RetryingCalls
from chaos.report import milliseconds, percentile
from chaos.scenarios.workers_fail import take


@dataclasses.dataclass(frozen=True)
class Size:
    frames: int
    # Other clients' calls are timed for so long without garbage, and for so long with it.
    timed_seconds: float


LONG, SHORT = Size(10_000_000, 60), Size(50_000, 2)
PACE = 2_000
ASKED_PER_SECOND = 20
# Growth of resident memory over all frames that is no sign of a leak: queues, caches and the allocator's own.
MOST_GROWTH = 128 << 20


def run(bench, report, size):
    node = NodeProcess(bench.switchboard, bench.folder, "node", ["gateway", "retriever", "updater"], ["--threads", "1"])
    node.start()
    try:
        pairs = questions.load_orders(bench.context, node.index, 100)
        asked = questions.equal_questions(pairs)
        # What is done for the first time takes longer.
        ask_and_send(bench, report, node, asked, None, 1)
        calm = ask_and_send(bench, report, node, asked, None, size.timed_seconds)
        flood = Flood(bench, node)
        beside = ask_and_send(bench, report, node, asked, flood, size.timed_seconds)
        warm = gauges.resident_bytes(node.pid)
        pour(bench, report, node, flood, size.frames)
        flood.close()
        knock(bench, node)
        judge(bench, report, node, asked, warm)
        report.figures |= {
            "frames": flood.sent,
            "p99_calm_ms": milliseconds(percentile(calm, 0.99)),
            "p99_beside_garbage_ms": milliseconds(percentile(beside, 0.99)),
        }
        if calm and beside:
            ratio = percentile(beside, 0.99) / percentile(calm, 0.99)
            report.reach("p99_ratio", round(ratio, 2), at_most=1.5)
        report.skipped.append("garbage under a valid key: the node of this proof has no keys")
    finally:
        bench.stop(node)


def pour(bench, report, node, flood, frames):
    """As fast as the node takes them."""
    told, progress = 0, time.monotonic()
    while flood.sent < frames and node.is_running():
        if flood.send(1_000):
            progress = time.monotonic()
        elif time.monotonic() > progress + 60:
            report.wrong(f"after {flood.sent} frames the node took no more for a minute")
            return
        if flood.sent >= told + 1_000_000:
            told = flood.sent
            bench.say(f"{flood.sent} frames, {gauges.resident_bytes(node.pid) >> 20} MiB resident")


class Flood:
    """DEALER sockets to every service, which are dropped and made again now and then, as a broken client's would."""

    LIFE = 5_000

    def __init__(self, bench, node):
        self.bench, self.node = bench, node
        self.fuzzer = Fuzzer(bench.random)
        self.sockets = {}
        self.sent = 0

    def send(self, messages):
        """Returns how many frames left."""
        before = self.sent
        for _ in range(messages):
            address = self.bench.random.choice([self.node.router, self.node.worker, self.node.index])
            made = self.sockets.get(address)
            if made is None or self.bench.random.random() < 1 / self.LIFE:
                if made is not None:
                    made.close()
                made = self.sockets[address] = self._open(address)
            frames = self.fuzzer.message()
            try:
                made.send_multipart(frames, zmq.NOBLOCK)
                self.sent += len(frames)
            except zmq.Again:
                # The node takes no more for the moment; that is its right.
                time.sleep(0.001)
            self._drop_replies(made)
        return self.sent - before

    def _open(self, address):
        made = self.bench.context.socket(zmq.DEALER)
        made.setsockopt(zmq.LINGER, 0)
        made.connect(address)
        return made

    @staticmethod
    def _drop_replies(made):
        while made.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            made.recv_multipart()

    def close(self):
        for made in self.sockets.values():
            made.close(linger=1_000)


def ask_and_send(bench, report, node, asked, flood, seconds):
    """Asks at a steady pace, with garbage at its pace beside it. Returns the seconds of the answers."""
    lane = RetryingCalls(Calls(bench.context), [node.router], 10.0)
    tallies = {asked[0].method: (Tally(), [])}
    began = time.monotonic()
    due = sent_due = began
    while time.monotonic() < began + seconds:
        now = time.monotonic()
        while due <= now:
            due += bench.random.expovariate(ASKED_PER_SECOND)
            question = bench.random.choice(asked)
            lane.want(question, question.method, question.payload, 10.0)
        if flood and sent_due <= now:
            flood.send(10)
            sent_due += 20 / PACE
        take(lane.pump(0.001), tallies)
    take(lane.drain(20), tallies)
    lane.calls.close()
    tally, taken = tallies[asked[0].method]
    report.wrong(tally.violations({"RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}))
    return taken


def knock(bench, node):
    """What is not even ZeroMQ: bytes on the bare ports, the HTTP one among them."""
    for address in (node.router, node.worker, node.index, f"tcp://{node.http}"):
        host, port = address.removeprefix("tcp://").rsplit(":", 1)
        for length in (0, 1, 10, 64, 4_096):
            with socket.create_connection((host, int(port)), timeout=5) as plain:
                try:
                    plain.sendall(bench.random.randbytes(length))
                except OSError:
                    pass


def judge(bench, report, node, asked, warm):
    if not node.is_running():
        report.wrong(f"the node died: {node.last_words()}")
        return
    growth = gauges.resident_bytes(node.pid) - warm
    report.figures["resident_growth_mib"] = round(growth / 2**20, 1)
    if growth > MOST_GROWTH:
        report.wrong(f"resident memory grew by {growth >> 20} MiB")
    node.wait_until_ready(30)
    calls = Calls(bench.context)
    for question in asked:
        calls.open(node.router, question.method, question.payload, 20, question)
    for ended in calls.drain(60):
        if ended.code != OK:
            report.wrong(f"after the garbage a call was answered with {status_name(ended.code)}: {ended.message}")
    calls.close()
    report.figures["records_after"] = asking.stats(bench.context, node.index).position.seq
    refused = sum(value for name, value in node.metrics().items() if name.startswith("switchboard_refused_total"))
    report.figures["refused_by_the_node"] = int(refused)
    if not refused:
        report.wrong("the node refused nothing: the garbage did not reach it")
