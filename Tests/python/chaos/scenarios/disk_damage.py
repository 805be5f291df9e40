"""A torn page, a flipped bit, a lost tail: what was acknowledged is there, or the node says that it is not.

What is expected is what docs/operating.md and the design promise, at the lines that say "Promised"."""

import dataclasses
import shutil
import subprocess
import time

from chaos.cluster import disk
from chaos.cluster.cluster import Cluster
from chaos.cluster.witness import stands_at
from chaos.load import asking
from chaos.load.calls import status_name
from chaos.load.pairs import append_request, make_pair
from chaos.load.writer import BATCH, Writer, all_in_one, expect
from switchboard_client import CallError


@dataclasses.dataclass(frozen=True)
class Size:
    # Each fault so many times, at other places.
    rounds: int


LONG, SHORT = Size(10), Size(1)


def run(bench, report, size):
    for number in range(size.rounds):
        for fault in (torn_page, flipped_bit, lost_tail):
            name = fault.__name__.replace("_", "-")
            report.wrong(f"{name}: {sentence}" for sentence in fault(bench, f"{name}-{number}"))
        report.figures["rounds"] = number + 1


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
        hurt = bench.random.randrange(2 * BATCH, 6 * BATCH)
        if not disk.flip_bit(log, writer.pair(hurt).text.encode(), bench.random):
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
    """The node on a log with a damaged record.

    Promised: it serves what is before, refuses appends with DATA_LOSS, and skips nothing.
    """
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
        before = asking.until_answered(lambda: writer.knows(0), 30)
        if not before:
            yield "an exemplar from before the damage is not known"
        if writer.knows(hurt):
            yield "the damaged exemplar is known"
        if writer.knows(writer.number * BATCH - 1):
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
    if stands_at(cluster.retrievers[0], head) is None:
        yield f"the replica did not come to record {head} within a minute"
        return
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
    while not updater.metrics().get(label):
        if time.monotonic() > deadline:
            yield f"the updater did not notice within 30 s that a replica is ahead: {cluster.retrievers[0].last_words()}"
            return
        time.sleep(0.1)
    # Promised: a follower that is ahead means that acknowledged records were lost; appends are refused with DATA_LOSS.
    request = append_request(b"after-the-loss", [make_pair(bench.seed, 10**6)], encoder)
    try:
        asking.append(bench.context, index, request)
        yield f"a replica has record {head}, the log ends at {now}, and an append was taken"
    except CallError as error:
        yield from expect("DATA_LOSS", status_name(error.code), "an append to a log that a replica is ahead of")
