"""Retrievers and scorers are killed, stopped and cut off: routers get right answers in time, or a clear status."""

import dataclasses
import time
import urllib.error

from chaos.checks import answers
from chaos.cluster import network
from chaos.cluster.cluster import Cluster
from chaos.cluster.witness import check_replicas
from chaos.load import asking, questions
from chaos.load.calls import OK, SCORE, Calls, status_name
from chaos.load.retrying import RetryingCalls, is_in_time
from chaos.report import milliseconds, percentile


@dataclasses.dataclass(frozen=True)
class Size:
    seconds: float
    pairs: int
    calls_per_second: float = 30.0
    scores_per_second: float = 1.0


LONG, SHORT = Size(seconds=1_800, pairs=1_300), Size(seconds=30, pairs=200)

CLASSIFY_WITHIN, SCORE_WITHIN = 3.0, 15.0
FIRST_TRY = {True: 6.0, False: 0.8}
GRACE = 0.1
CLEAR = {"UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}
SERVICE = {"retriever": "switchboard.v1.Retriever", "scorer": "switchboard.v1.Scorer"}


class Faults:
    """Hurts one worker of a kind at a time: then another of it is there. The next comes when all are attached again."""

    def __init__(self, bench, cluster, kind, workers):
        self.bench, self.cluster, self.kind, self.workers = bench, cluster, kind, workers
        self.done = {"kill": 0, "stop": 0, "cut": 0}
        self.recoveries = []
        self.hurt = self.what = None
        self.mended = 0.0
        self.next = time.monotonic() + bench.random.uniform(0, 3)

    def step(self, more):
        now = time.monotonic()
        if now < self.next:
            return
        if self.hurt is None:
            if more:
                self._break(now)
        elif not self.mended:
            self._mend(now)
        elif self._is_whole():
            self.recoveries.append(now - self.mended)
            self.hurt, self.mended = None, 0.0
            self.next = now + self.bench.random.uniform(0.5, 3)
        else:
            self.next = now + 0.25

    @property
    def is_over(self):
        return self.hurt is None

    def _break(self, now):
        self.hurt = self.bench.random.choice(self.workers)
        ways = {"kill": self.hurt.kill, "stop": self.hurt.pause}
        if self.hurt.namespace:
            ways["cut"] = self.hurt.namespace.cut
        self.what = self.bench.random.choice(sorted(ways))
        self.done[self.what] += 1
        ways[self.what]()
        self.next = now + self.bench.random.uniform(0.5, 5)

    def _mend(self, now):
        if self.what == "kill":
            self.hurt.start(wait=False)
        elif self.what == "stop":
            self.hurt.resume()
        else:
            self.hurt.namespace.mend()
        self.mended = self.next = now

    def _is_whole(self):
        """Whether every gateway has all workers of the kind."""
        label = f'switchboard_workers{{service="{SERVICE[self.kind]}"}}'
        try:
            return all(gateway.metrics().get(label) == len(self.workers) for gateway in self.cluster.gateways)
        except (OSError, urllib.error.URLError):
            return False


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
        faults = [Faults(bench, cluster, kind, workers) for kind, workers in kinds.items()]
        tallies = load(bench, cluster, size, faults, asked, scored)
        for method, (tally, seconds) in tallies.items():
            name = method.rpartition("/")[2].lower()
            report.wrong(tally.violations(CLEAR))
            report.figures |= {
                f"{name}_calls": tally.all,
                f"{name}_refused": dict(sorted(tally.refused.items())),
                f"{name}_late": tally.late,
                f"{name}_p50_ms": milliseconds(percentile(seconds, 0.5)),
                f"{name}_p99_ms": milliseconds(percentile(seconds, 0.99)),
            }
            report.reach(f"{name}_right_in_time_percent", round(100 * tally.share, 3), at_least=99.9)
            if not tally.right:
                report.wrong(f"no call of {method} was answered")
        for fault in faults:
            report.figures[f"{fault.kind}_faults"] = fault.done
            report.figures[f"{fault.kind}_back_max_s"] = round(max(fault.recoveries, default=0), 2)
            if not fault.is_over:
                report.wrong(f"{fault.hurt.name} was not attached again within a minute of its {fault.what}")
        report.wrong(check_replicas(cluster.retrievers, asking.stats(bench.context, cluster.updater.index)))


def load(bench, cluster, size, faults, asked, scored):
    """Asks at a steady pace while the faults come and go. Returns tally and seconds of each method."""
    calls = Calls(bench.context, sockets_each=2)
    lanes = {
        is_score: RetryingCalls(calls_of, cluster.routers, FIRST_TRY[is_score])
        for is_score, calls_of in ((False, calls), (True, Calls(bench.context)))
    }
    began = time.monotonic()
    tallies = {question.method: (answers.Tally(), []) for question in asked + scored}
    due = {False: began, True: began}
    told = 60.0
    while time.monotonic() < began + size.seconds:
        now = time.monotonic()
        for is_score, pool, pace, within in (
            (False, asked, size.calls_per_second, CLASSIFY_WITHIN), (True, scored, size.scores_per_second, SCORE_WITHIN)
        ):
            # Open loop: who waits for an answer keeps nobody else from asking.
            while due[is_score] <= now:
                due[is_score] += bench.random.expovariate(pace)
                question = bench.random.choice(pool)
                lanes[is_score].want(question, question.method, question.payload, within)
        for lane in lanes.values():
            take(lane.pump(0.004), tallies)
        for fault in faults:
            fault.step(more=True)
        if now - began > told:
            bench.say(f"{sum(tally.all for tally, _ in tallies.values())} calls answered")
            told += 60
    for lane in lanes.values():
        take(lane.drain(30), tallies)
    until = time.monotonic() + 60
    while not all(fault.is_over for fault in faults) and time.monotonic() < until:
        for fault in faults:
            fault.step(more=False)
        time.sleep(0.05)
    for lane in lanes.values():
        tally = tallies[asked[0].method][0]
        tally.faults += [f"{lane.calls.strays} calls had a second reply"] * bool(lane.calls.strays)
        lane.calls.close()
    return tallies


def take(granted, tallies):
    for one in granted:
        question = one.tag
        tally, seconds = tallies[question.method]
        if one.code is None:
            tally.hanging += 1
        elif one.code != OK:
            name = status_name(one.code)
            tally.refused[name] = tally.refused.get(name, 0) + 1
        elif fault := answers.fault(question.expected, question.text, questions.answer(question, one.payload)):
            tally.faults.append(fault)
        elif not is_in_time(one, SCORE_WITHIN if question.method == SCORE else CLASSIFY_WITHIN, GRACE):
            tally.late += 1
        else:
            tally.right += 1
            seconds.append(one.seconds)
