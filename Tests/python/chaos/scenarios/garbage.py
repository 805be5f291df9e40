"""Fuzzed frames on every socket, from strangers and under valid keys: no crash, no leak, and whoever sends sense
meanwhile is answered."""

import dataclasses
import socket
import time

import zmq
from chaos.checks.answers import Tally
from chaos.cluster import gauges
from chaos.cluster.keys import NodeKeys
from chaos.cluster.process import NodeProcess
from chaos.load import asking, questions
from chaos.load.calls import OK, Calls, status_name
from chaos.load.fuzz import Fuzzer
from chaos.load.retrying import RetryingCalls
from chaos.load.steady import take
from chaos.report import milliseconds, percentile
from switchboard_client import KeyFile, connect


@dataclasses.dataclass(frozen=True)
class Size:
    # To both nodes together.
    frames: int
    # Other clients' calls are timed for so long without garbage, and for so long with it, at each node.
    timed_seconds: float


LONG, SHORT = Size(10_000_000, 60), Size(50_000, 1)
PACE = 2_000
ASKED_PER_SECOND = 20
# Growth of resident memory over all frames of a node that is no sign of a leak: queues, caches and the allocator's own.
MOST_GROWTH = 128 << 20


@dataclasses.dataclass
class Place:
    """A node, and whose keys are shown to it; None where it has none."""

    node: NodeProcess
    admin: KeyFile | None = None
    # Of the client that sends sense.
    asker: KeyFile | None = None
    # Of those that send garbage; each socket shows one of them.
    senders: tuple = (None,)
    # Of the figures' names.
    ending: str = ""


def run(bench, report, size):
    report.figures["frames"] = 0
    for is_keyed in (False, True):
        name, roles = "keyed" if is_keyed else "node", ["gateway", "retriever", "updater"]
        node = NodeProcess(bench.switchboard, bench.folder, name, roles, ["--threads", "1"])
        keys = NodeKeys(bench.switchboard, bench.folder, node) if is_keyed else None
        node.start()
        try:
            send_to(bench, report, placed(node, keys), size.frames // 2, size.timed_seconds)
        finally:
            bench.stop(node)


def placed(node, keys):
    if keys is None:
        return Place(node)
    senders = tuple(keys.add(f"garbage-{role}", role) for role in ("classify", "worker"))
    return Place(node, keys.admin, keys.add("asker", "classify"), senders, "_under_keys")


def send_to(bench, report, place, frames, timed_seconds):
    """The same for either node."""
    pairs = questions.load_orders(bench.context, place.node.index, 100, key=place.admin)
    asked = questions.equal_questions(pairs)
    # What is done for the first time takes longer.
    ask_and_send(bench, report, place, asked, None, 1)
    calm = ask_and_send(bench, report, place, asked, None, timed_seconds)
    flood = Flood(bench, place)
    beside = ask_and_send(bench, report, place, asked, flood, timed_seconds)
    warm = gauges.resident_bytes(place.node.pid)
    pour(bench, report, place.node, flood, frames)
    flood.close()
    knock(bench, place.node)
    judge(bench, report, place, asked, warm)
    report.figures["frames"] += flood.sent
    report.figures |= {
        f"p99_calm_ms{place.ending}": milliseconds(percentile(calm, 0.99)),
        f"p99_beside_garbage_ms{place.ending}": milliseconds(percentile(beside, 0.99)),
    }
    if calm and beside:
        ratio = percentile(beside, 0.99) / percentile(calm, 0.99)
        report.reach(f"p99_ratio{place.ending}", round(ratio, 2), at_most=1.5)


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
    """DEALER sockets to every service, which are dropped and made again now and then, as a broken client's would. Where
    there are keys each shows a valid one."""

    LIFE = 5_000

    def __init__(self, bench, place):
        self.bench, self.node, self.keys = bench, place.node, place.senders
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
        connect(made, address, self.bench.random.choice(self.keys))
        return made

    @staticmethod
    def _drop_replies(made):
        while made.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            made.recv_multipart()

    def close(self):
        for made in self.sockets.values():
            made.close(linger=1_000)


def ask_and_send(bench, report, place, asked, flood, seconds):
    """Asks at a steady pace, with garbage at its pace beside it. Returns the seconds of the answers."""
    lane = RetryingCalls(Calls(bench.context, key=place.asker), [place.node.router], 10.0)
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
        # A key may hold any sign.
        host, port = address.partition("#")[0].removeprefix("tcp://").rsplit(":", 1)
        for length in (0, 1, 10, 64, 4_096):
            with socket.create_connection((host, int(port)), timeout=5) as plain:
                try:
                    plain.sendall(bench.random.randbytes(length))
                except OSError:
                    pass


def judge(bench, report, place, asked, warm):
    node = place.node
    if not node.is_running():
        report.wrong(f"the node died: {node.last_words()}")
        return
    growth = gauges.resident_bytes(node.pid) - warm
    report.figures[f"resident_growth_mib{place.ending}"] = round(growth / 2**20, 1)
    if growth > MOST_GROWTH:
        report.wrong(f"resident memory grew by {growth >> 20} MiB")
    node.wait_until_ready(30)
    calls = Calls(bench.context, key=place.asker)
    for question in asked:
        calls.open(node.router, question.method, question.payload, 20, question)
    for ended in calls.drain(60):
        if ended.code != OK:
            report.wrong(f"after the garbage a call was answered with {status_name(ended.code)}: {ended.message}")
    calls.close()
    stats = asking.stats(bench.context, node.index, place.admin)
    report.figures[f"records_after{place.ending}"] = stats.position.seq
    refused = sum(value for name, value in node.metrics().items() if name.startswith("switchboard_refused_total"))
    report.figures[f"refused_by_the_node{place.ending}"] = int(refused)
    if not refused:
        report.wrong("the node refused nothing: the garbage did not reach it")
