"""Gateways are killed, stopped and asked to leave: routers go on at another, and what is published is there once."""

import dataclasses
import time

from chaos.checks import answers
from chaos.checks.ledger import Ledger
from chaos.cluster.cluster import Cluster
from chaos.cluster.faults import Faults, has_workers
from chaos.cluster.witness import check_replicas
from chaos.load import asking, questions, steady
from chaos.load.calls import OK, Calls, status_name
from chaos.load.logged import check_log
from chaos.load.pairs import make_pair
from chaos.load.publishing import Publisher
from chaos.report import percentile


@dataclasses.dataclass(frozen=True)
class Size:
    seconds: float
    pairs: int
    calls_per_second: float = 30.0
    scores_per_second: float = 1.0
    published_per_second: int = 20


LONG, SHORT = Size(seconds=600, pairs=1_300), Size(seconds=20, pairs=200)

GATEWAYS = 3
WORKERS = {"switchboard.v1.Retriever": 2, "switchboard.v1.Scorer": 1}


def run(bench, report, size):
    with Cluster(bench, gateways=GATEWAYS, retrievers=2, scorers=1) as cluster:
        pairs = questions.load_orders(bench.context, cluster.updater.index, size.pairs)
        router = cluster.routers[0]
        asked = questions.equal_questions(pairs)
        asked += questions.leading_questions(bench.context, router, pairs, size.pairs // 2)
        scored = questions.score_questions(bench.context, router, pairs, 4)
        bench.say(f"{len(asked)} questions have known answers")
        in_hand, ledger, receipts = InHand(bench, scored), Ledger(), []
        faults = Faults(
            bench, "gateway", cluster.gateways, ("kill", "stop", "leave"),
            lambda: has_workers(cluster.gateways, WORKERS), before=in_hand.send,
        )
        # Without vectors: each append needs a gateway too, to have some made.
        publisher = Publisher(
            bench, cluster.updater.index, None, ledger, size.published_per_second, 5,
            told=lambda operation, began: receipts.append(time.time() - began),
        )
        paces = [
            steady.Pace(asked, size.calls_per_second, first_try=0.8, sockets_each=2),
            steady.Pace(scored, size.scores_per_second, first_try=6.0),
        ]
        steps = [lambda: faults.step(more=True), publisher.step, in_hand.step]
        tallies = steady.ask_steadily(bench, cluster.routers, paces, size.seconds, steps)
        faults.end()
        steady.judge(report, tallies)
        faults.report(report)
        in_hand.end(report)
        publisher.end(report)
        if not receipts:
            report.wrong("nothing was published")
        report.figures |= {
            "acknowledged_pairs": len(ledger.receipts) * publisher.pairs_each,
            "receipt_p50_s": round(percentile(receipts, 0.5) or 0, 3),
            "receipt_max_s": round(max(receipts, default=0), 3),
        }
        published = make_pair(bench.seed, 0).vertical
        report.wrong(check_log(bench.context, cluster.updater.index, ledger, vertical=published, has_vectors=False))
        report.wrong(check_replicas(cluster.retrievers, asking.stats(bench.context, cluster.updater.index)))


class InHand:
    """Long calls that a gateway has in hand when it is asked to leave. None may be left without a reply."""

    EACH = 2
    # What it may take for a call to be there, in seconds.
    WAY = 0.1

    def __init__(self, bench, scored):
        self.bench, self.scored = bench, scored
        self.calls = Calls(bench.context)
        self.sent = self.finished = 0
        self.refused, self.faults = {}, []

    def send(self, gateway, what):
        if what != "leave":
            return
        for _ in range(self.EACH):
            question = self.bench.random.choice(self.scored)
            self.calls.open(gateway.router, question.method, question.payload, 10, question)
            self.sent += 1
        until = time.monotonic() + self.WAY
        while time.monotonic() < until:
            self.step(0.01)

    def step(self, wait=0.0):
        self._take(self.calls.pump(wait))

    def _take(self, all_ended):
        for ended in all_ended:
            question = ended.tag
            if ended.code == OK:
                self.finished += 1
                fault = answers.fault(question.expected, question.text, questions.answer(question, ended.payload))
                self.faults += [fault] * bool(fault)
            elif ended.code is None:
                self.faults.append("a call that a gateway had when it was asked to leave was left without a reply")
            elif status_name(ended.code) in steady.CLEAR:
                self.refused[status_name(ended.code)] = self.refused.get(status_name(ended.code), 0) + 1
            else:
                self.faults.append(f"a leaving gateway answered with {status_name(ended.code)}: {ended.message}")

    def end(self, report):
        self._take(self.calls.drain(20))
        report.wrong(self.faults)
        if self.calls.strays:
            report.wrong(f"{self.calls.strays} calls to a leaving gateway had a second reply")
        self.calls.close()
        report.figures |= {"in_hand_of_leaving": self.sent, "in_hand_refused": self.refused}
        if self.sent:
            report.reach("in_hand_finished_percent", round(100 * self.finished / self.sent, 2), at_least=99)
