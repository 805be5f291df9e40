"""A full disk, a read-only one, a torn page, a flipped bit, a lost tail: what was acknowledged is there, or the node says that
it is not. What is expected is what docs/operations.md and the design promise, a line each at the place where it is asked."""

import dataclasses
import shutil
import subprocess
import time

from chaos.checks.ledger import Ledger, Receipt
from chaos.cluster import disk
from chaos.cluster.cluster import Cluster
from chaos.cluster.process import NodeProcess
from chaos.load import asking
from chaos.load.calls import CLASSIFY, status_name
from chaos.load.logged import check_log, entry_of
from chaos.load.pairs import append_request, make_pair
from switchboard.v1 import common_pb2, router_pb2
from switchboard_client import CallError


@dataclasses.dataclass(frozen=True)
class Size:
    # Each fault so many times, at other places.
    rounds: int


LONG, SHORT = Size(10), Size(1)
DISK_MIB, BATCH = 48, 50


class Writer:
    """Appends batch after batch to an all-in-one node and keeps the ledger."""

    def __init__(self, bench, node):
        self.bench, self.node = bench, node
        self.ledger, self.number = Ledger(), 0
        self.encoder = None

    def append(self):
        """Appends the next batch. Returns the status' name."""
        self.encoder = self.encoder or asking.encoder_id(self.bench.context, self.node.router)
        pairs = [self.pair(self.number * BATCH + place) for place in range(BATCH)]
        operation = f"disk-{self.bench.seed}-{self.number}".encode()
        self.number += 1
        self.ledger.send(operation, [entry_of(pair) for pair in pairs])
        try:
            receipt = asking.append(self.bench.context, self.node.index, append_request(operation, pairs, self.encoder))
        except CallError as error:
            self.ledger.refuse(operation)
            return status_name(error.code)
        self.ledger.acknowledge(operation, Receipt(receipt.first_seq, receipt.position.seq))
        return "OK"

    def pair(self, number):
        return make_pair(self.bench.seed, number)

    def check(self):
        return check_log(self.bench.context, self.node.index, self.ledger)


def all_in_one(bench, name, data=None):
    return NodeProcess(
        bench.switchboard, bench.folder, name, ["gateway", "retriever", "updater"], ["--threads", "1"], data=data
    )


def run(bench, report, size):
    missing = disk.why_not()
    if missing:
        report.skipped.append(f"full and read-only disk: {missing}")
    for number in range(size.rounds):
        faults = [torn_page, flipped_bit, lost_tail] + ([] if missing else [full_and_read_only])
        for fault in faults:
            name = fault.__name__.replace("_", "-")
            bench.say(name)
            report.wrong(f"{name}: {sentence}" for sentence in fault(bench, f"{name}-{number}"))
            report.figures[name.replace("-", "_")] = number + 1


def classify(bench, node, text):
    request = router_pb2.ClassifyRequest(text=text.encode(), llm=common_pb2.LLM_MODE_OFF, do_not_store=True)
    return asking.ask(bench.context, node.router, CLASSIFY, request, router_pb2.ClassifyResponse, 10)


def is_known(bench, node, pair):
    reply = classify(bench, node, pair.text)
    return reply.decided_by == router_pb2.DECIDED_BY_EXACT and reply.intent.decode() == pair.intent


def full_and_read_only(bench, name):
    with disk.SmallDisk(bench.folder / name, DISK_MIB) as small:
        node = all_in_one(bench, name, data=small.path / "data")
        writer = Writer(bench, node)
        try:
            node.start()
            yield from full(bench, node, writer, small)
            node.stop()
            yield from read_only(node, small)
            node.start()
            yield from writer.check()
        finally:
            bench.stop(node)


def full(bench, node, writer, small):
    status = "OK"
    while status == "OK" and writer.number < DISK_MIB * 20:
        status = writer.append()
    # Promised: nothing is written, RESOURCE_EXHAUSTED, and callers go on being answered.
    if status != "RESOURCE_EXHAUSTED":
        yield f"on a full disk an append was answered with {status}, not RESOURCE_EXHAUSTED"
    if not node.is_running():
        yield f"the node died of a full disk: {node.last_words()}"
        return
    if not is_known(bench, node, writer.pair(0)):
        yield "on a full disk a Classify does not know an exemplar any more"
    small.remount(f"size={4 * DISK_MIB}m")
    # Promised: once there is space, appends go on without a restart.
    deadline = time.monotonic() + 30
    while (status := writer.append()) != "OK" and time.monotonic() < deadline:
        time.sleep(0.5)
    if status != "OK":
        yield f"half a minute after space was made an append is answered with {status}"
    yield from writer.check()
    node.kill()
    node.start()
    yield from writer.check()


def read_only(node, small):
    small.remount("ro")
    node.start(wait=False)
    try:
        # Promised: no start without a word; it ends by itself and says that it cannot write there.
        code = node.process.wait(timeout=60)
        if code == 0:
            yield "on a read-only disk the node ended with code 0"
        words = node.last_words()
        if not any(word in words for word in ("cannot be written", "read-only", "Read-only", "permission")):
            yield "on a read-only disk the node ended without saying that it cannot write"
    except subprocess.TimeoutExpired:
        yield "on a read-only disk the node neither ended nor said anything for a minute"
        node.kill()
    finally:
        small.remount("rw")


def torn_page(bench, name):
    node = all_in_one(bench, name)
    writer = Writer(bench, node)
    try:
        node.start()
        for _ in range(bench.random.randrange(3, 12)):
            yield from expect("OK", writer.append(), "an append")
        node.kill()
        disk.tear(node.data / "log.sqlite-wal", bench.random)
        # Promised: an unfinished write at the end is rolled back; it was never acknowledged.
        node.start()
        yield from writer.check()
        yield from expect("OK", writer.append(), "an append after a torn page")
        yield from writer.check()
    finally:
        bench.stop(node)


def flipped_bit(bench, name):
    node = all_in_one(bench, name)
    writer = Writer(bench, node)
    try:
        node.start()
        for _ in range(6):
            yield from expect("OK", writer.append(), "an append")
        node.stop()
        log = node.data / "log.sqlite"
        backup = bench.folder / f"{name}-backup.sqlite"
        shutil.copy(log, backup)
        hurt = writer.pair(bench.random.randrange(2 * BATCH, 6 * BATCH))
        if not disk.flip_bit(log, hurt.text.encode(), bench.random):
            yield "the text of an acknowledged pair is not in log.sqlite"
            return
        yield from doctor(bench, node)
        yield from damaged(bench, node, writer, hurt)
        # Promised: the restored copy is whole.
        shutil.copy(backup, log)
        node.start()
        yield from writer.check()
    finally:
        bench.stop(node)


def doctor(bench, node):
    # Promised: doctor finds it, ends with 1 and says what to do.
    told = subprocess.run(
        [bench.switchboard, "doctor", "--data", str(node.data)], capture_output=True, text=True, timeout=120
    )
    words = told.stdout + told.stderr
    if told.returncode != 1 or "restore" not in words:
        yield f"doctor ended with {told.returncode} on a flipped bit and said nothing of restoring"


def damaged(bench, node, writer, hurt):
    """The node on a log with a damaged record. Promised: it serves what is before, refuses appends with DATA_LOSS, and skips
    nothing."""
    node.start(wait=False)
    deadline = time.monotonic() + 60
    while True:
        try:
            if node.metrics().get("switchboard_log_writable") == 0:
                break
        except OSError:
            pass
        if not node.is_running():
            yield f"the node does not start on a log with a flipped bit: {node.last_words()[-300:]}"
            return
        if time.monotonic() > deadline:
            yield "within a minute the node has not noticed the flipped bit"
            break
        time.sleep(0.1)
    try:
        before = asking.until_answered(lambda: is_known(bench, node, writer.pair(0)), 30)
        if not before:
            yield "an exemplar from before the damage is not known"
        if is_known(bench, node, hurt):
            yield "the damaged exemplar is known"
        if is_known(bench, node, writer.pair(writer.number * BATCH - 1)):
            yield "an exemplar from behind the damage is known: the damaged record was skipped"
        yield from expect("DATA_LOSS", writer.append(), "an append to a damaged log")
    except CallError as error:
        yield f"with a damaged log a Classify of what is before it is answered with {error}"
    bench.stop(node)


def lost_tail(bench, name):
    """The disk loses what it had promised to keep, and a replica still has it."""
    folder, bench.folder = bench.folder, bench.folder / name
    bench.folder.mkdir()
    try:
        with Cluster(bench, retrievers=1) as cluster:
            encoder = asking.encoder_id(bench.context, cluster.routers[0])
            for start in range(0, 10 * BATCH, BATCH):
                pairs = [make_pair(bench.seed, start + place) for place in range(BATCH)]
                request = append_request(f"tail-{start}".encode(), pairs, encoder)
                asking.append(bench.context, cluster.updater.index, request)
            yield from cut_tail(bench, cluster, encoder)
    finally:
        bench.folder = folder


def cut_tail(bench, cluster, encoder):
    updater, index = cluster.updater, cluster.updater.index
    head = asking.stats(bench.context, index).position.seq
    updater.kill()
    wal = updater.data / "log.sqlite-wal"
    with open(wal, "r+b") as file:
        file.truncate(wal.stat().st_size * 2 // 3)
    updater.start(wait=False)
    now = asking.until_answered(lambda: asking.stats(bench.context, index), 60).position.seq
    if now >= head:
        yield f"after its tail was cut the log still ends at record {now}"
        return
    deadline = time.monotonic() + 30
    label = 'switchboard_refused_total{reason="follower_ahead"}'
    while not updater.metrics().get(label) and time.monotonic() < deadline:
        time.sleep(0.1)
    # Promised: a follower that is ahead means that acknowledged records were lost; appends are refused with DATA_LOSS.
    request = append_request(b"after-the-loss", [make_pair(bench.seed, 10**6)], encoder)
    try:
        asking.append(bench.context, index, request)
        yield f"a replica has record {head}, the log ends at {now}, and an append was taken"
    except CallError as error:
        yield from expect("DATA_LOSS", status_name(error.code), "an append to a log that a replica is ahead of")


def expect(wanted, got, what):
    if got != wanted:
        yield f"{what} was answered with {got}, not {wanted}"
