"""Retrievers and scorers are killed, stopped and cut off: routers get right answers in time, or a clear status."""

import dataclasses

from chaos.cluster import network
from chaos.cluster.cluster import Cluster
from chaos.cluster.faults import Faults, has_workers
from chaos.cluster.witness import check_replicas
from chaos.load import asking, questions, steady

SERVICE = {"retriever": "switchboard.v1.Retriever", "scorer": "switchboard.v1.Scorer"}


@dataclasses.dataclass(frozen=True)
class Size:
    seconds: float
    pairs: int
    calls_per_second: float = 30.0
    scores_per_second: float = 1.0


LONG, SHORT = Size(seconds=1_800, pairs=1_300), Size(seconds=30, pairs=200)


def run(bench, report, size):
    why_not = network.why_not()
    if why_not:
        report.skipped.append(f"cutting workers off: {why_not}")
    with Cluster(bench, gateways=2, retrievers=2, scorers=2, cuttable=not why_not) as cluster:
        pairs = questions.load_orders(bench.context, cluster.updater.index, size.pairs)
        router = cluster.routers[0]
        asked = questions.equal_questions(pairs)
        asked += questions.leading_questions(bench.context, router, pairs, size.pairs // 2)
        scored = questions.score_questions(bench.context, router, pairs, 4)
        bench.say(f"{len(asked)} questions have known answers")
        kinds = {"retriever": cluster.retrievers, "scorer": cluster.scorers}
        faults = [faults_of(bench, cluster, kind, workers) for kind, workers in kinds.items()]
        paces = [
            steady.Pace(asked, size.calls_per_second, first_try=0.8, sockets_each=2),
            steady.Pace(scored, size.scores_per_second, first_try=6.0),
        ]
        steps = [lambda fault=fault: fault.step(more=True) for fault in faults]
        tallies = steady.ask_steadily(bench, cluster.routers, paces, size.seconds, steps)
        for fault in faults:
            fault.end()
        steady.judge(report, tallies)
        for fault in faults:
            fault.report(report)
        report.wrong(check_replicas(cluster.retrievers, asking.stats(bench.context, cluster.updater.index)))


def faults_of(bench, cluster, kind, workers):
    counts = {SERVICE[kind]: len(workers)}
    return Faults(
        bench, kind, workers, ("kill", "stop", "cut"), lambda: has_workers(cluster.gateways, counts)
    )
