"""kill -9 of the updater at random moments while pairs stream in: what was acknowledged is there, once, no more."""

import dataclasses
import time

from chaos.checks.ledger import Ledger
from chaos.cluster.cluster import Cluster
from chaos.cluster.process import NodeDied
from chaos.cluster.witness import check_replicas
from chaos.load import asking
from chaos.load.logged import check_log
from chaos.load.publishing import Publisher
from chaos.report import milliseconds, percentile


@dataclasses.dataclass(frozen=True)
class Size:
    kills: int
    pairs_per_second: int = 500
    pairs_each: int = 10


LONG, SHORT = Size(kills=100), Size(kills=5)


def run(bench, report, size):
    with Cluster(bench, retrievers=1) as cluster:
        encoder = asking.encoder_id(bench.context, cluster.routers[0])
        ledger = Ledger()
        publisher = Publisher(
            bench, cluster.updater.index, encoder, ledger, size.pairs_per_second, size.pairs_each
        )
        recoveries = [kill_once(bench, cluster, publisher, number) for number in range(size.kills)]
        recoveries = [recovery for recovery in recoveries if recovery is not None]
        publisher.end(report)
        check(bench, cluster, ledger, report)
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
