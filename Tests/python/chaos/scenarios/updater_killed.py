"""kill -9 of the updater at random moments while pairs stream in: what was acknowledged is there, once, no more."""

import dataclasses
import time

from chaos.checks.ledger import Ledger, Receipt
from chaos.cluster.cluster import Cluster
from chaos.cluster.process import NodeDied
from chaos.cluster.witness import check_replicas
from chaos.load import asking
from chaos.load.calls import APPEND, OK, Calls, status_name
from chaos.load.logged import check_log, entry_of
from chaos.load.pairs import append_request, make_pair
from chaos.report import milliseconds, percentile
from switchboard.v1 import call_pb2, index_pb2


@dataclasses.dataclass(frozen=True)
class Size:
    kills: int
    pairs_per_second: int = 500
    pairs_each: int = 10


LONG, SHORT = Size(kills=100), Size(kills=5)

# An append that failed so may have been written: it is sent again with its operation id.
UNSURE = {None, call_pb2.STATUS_CODE_UNAVAILABLE, call_pb2.STATUS_CODE_DEADLINE_EXCEEDED,
          call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED, call_pb2.STATUS_CODE_CANCELLED}


class Publisher:
    """Sends operations at a steady pace and each of them until it is acknowledged, and now and then once more."""

    MOST_OPEN = 48
    REPEATED = 0.02

    def __init__(self, bench, index, encoder, size, ledger):
        self.bench, self.index, self.encoder, self.size, self.ledger = bench, index, encoder, size, ledger
        self.calls = Calls(bench.context)
        self.payloads, self.again, self.faults = {}, [], []
        self.number, self.next = 0, time.monotonic()

    def step(self, sends=True):
        """Sends what is due and takes receipts. Returns how many came."""
        now = time.monotonic()
        while sends and now >= self.next and len(self.calls) < self.MOST_OPEN:
            self.next = max(self.next + self.size.pairs_each / self.size.pairs_per_second, now - 0.5)
            self._send(self.again.pop() if self.again else self._make())
        return sum(self._take(ended) for ended in self.calls.pump(0.005))

    def _make(self):
        first = self.number * self.size.pairs_each
        operation = f"op-{self.bench.seed}-{self.number}".encode()
        pairs = [make_pair(self.bench.seed, first + place) for place in range(self.size.pairs_each)]
        self.number += 1
        self.ledger.send(operation, [entry_of(pair) for pair in pairs])
        self.payloads[operation] = append_request(operation, pairs, self.encoder).SerializeToString()
        return operation

    def _send(self, operation):
        self.calls.open(self.index, APPEND, self.payloads[operation], 10, operation)

    def _take(self, ended):
        operation = ended.tag
        if ended.code == OK:
            receipt = index_pb2.AppendReceipt.FromString(ended.payload)
            self.ledger.acknowledge(operation, Receipt(receipt.first_seq, receipt.position.seq))
            if self.bench.random.random() < self.REPEATED:
                self.again.append(operation)
            else:
                self.payloads.pop(operation, None)
            return 1
        if ended.code in UNSURE:
            self.again.append(operation)
        else:
            self.faults.append(f"an append was answered with {status_name(ended.code)}: {ended.message}")
        return 0

    def lose(self):
        """The updater is dead: its connection goes, and what was open is unsure."""
        for ended in self.calls.forget(self.index):
            self._take(ended)

    def finish(self, limit):
        """Until everything that was sent is acknowledged."""
        deadline = time.monotonic() + limit
        while (self.again or len(self.calls)) and time.monotonic() < deadline:
            if self.again and len(self.calls) < self.MOST_OPEN:
                self._send(self.again.pop())
            self.step(sends=False)
        return not self.again and not len(self.calls)


def run(bench, report, size):
    with Cluster(bench, retrievers=1) as cluster:
        encoder = asking.encoder_id(bench.context, cluster.routers[0])
        ledger = Ledger()
        publisher = Publisher(bench, cluster.updater.index, encoder, size, ledger)
        recoveries = [kill_once(bench, cluster, publisher, number) for number in range(size.kills)]
        recoveries = [recovery for recovery in recoveries if recovery is not None]
        if not publisher.finish(60):
            report.wrong("operations were not acknowledged within a minute after the last kill")
        report.wrong(publisher.faults)
        if publisher.calls.strays:
            report.wrong(f"{publisher.calls.strays} calls had a second reply")
        check(bench, cluster, ledger, report)
        publisher.calls.close()
        report.figures |= {
            "kills": size.kills,
            "acknowledged_pairs": len(ledger.receipts) * size.pairs_each,
            "kill_to_next_receipt_p50_ms": milliseconds(percentile(recoveries, 0.5)),
            "kill_to_next_receipt_max_ms": milliseconds(max(recoveries, default=None)),
        }


def kill_once(bench, cluster, publisher, number):
    """Publishes for a random time, kills, starts again.

    Returns seconds from the kill to the next receipt; None where the updater was killed once more while it started.
    """
    until = time.monotonic() + bench.random.uniform(0.1, 1.5)
    while time.monotonic() < until:
        publisher.step()
    killed = time.monotonic()
    cluster.updater.kill()
    publisher.lose()
    cluster.updater.start(wait=False)
    if bench.random.random() < 0.15:
        time.sleep(bench.random.uniform(0, 0.4))
        cluster.updater.kill()
        cluster.updater.start(wait=False)
        killed = None
    deadline = time.monotonic() + 60
    while not publisher.step():
        if not cluster.updater.is_running():
            raise NodeDied(f"the updater did not start again: {cluster.updater.last_words()}")
        if time.monotonic() > deadline:
            raise NodeDied(f"no receipt within a minute of kill {number + 1}: {cluster.updater.last_words()}")
    if (number + 1) % 10 == 0:
        bench.say(f"{number + 1} kills, {len(publisher.ledger.receipts)} operations acknowledged")
    return None if killed is None else time.monotonic() - killed


def check(bench, cluster, ledger, report):
    index = cluster.updater.index
    stats = asking.stats(bench.context, index)
    report.wrong(check_log(bench.context, index, ledger))
    report.wrong(check_replicas(cluster.retrievers, stats))
