"""A full disk and a read-only one: nothing acknowledged is lost, nothing refused is there, and the node says why.

What is expected is what docs/operating.md promises, at the line that says "Promised"."""

import dataclasses
import subprocess
import time

from chaos.cluster import disk
from chaos.load.writer import Writer, all_in_one


@dataclasses.dataclass(frozen=True)
class Size:
    rounds: int


LONG, SHORT = Size(10), Size(1)
DISK_MIB = 48


def run(bench, report, size):
    missing = disk.why_not()
    if missing:
        report.skipped.append(missing)
        return
    for number in range(size.rounds):
        report.wrong(full_and_read_only(bench, f"disk-{number}"))
        report.figures["rounds"] = number + 1


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
    if not writer.knows(0):
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
