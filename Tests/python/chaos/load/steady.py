"""Questions with known answers at a steady pace, asked as a router does, while something else goes on."""

import dataclasses
import time

from chaos.checks import answers
from chaos.load import questions
from chaos.load.calls import CLASSIFY, OK, SCORE, Calls, status_name
from chaos.load.retrying import RetryingCalls, is_in_time
from chaos.report import milliseconds, percentile

# Seconds from the question to the answer.
WITHIN = {CLASSIFY: 3.0, SCORE: 15.0}
GRACE = 0.1
# What a router may be told besides an answer.
CLEAR = {"UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}


@dataclasses.dataclass(frozen=True)
class Pace:
    """Questions of one method, so many of them a second. `first_try`: seconds that the first gateway is given."""

    questions: list
    per_second: float
    first_try: float
    sockets_each: int = 1

    @property
    def method(self):
        return self.questions[0].method


def tallies_of(asked):
    """For `take`: of each method what became of the calls, and the seconds of those that were right and in time."""
    return {question.method: (answers.Tally(), []) for question in asked}


def ask_steadily(bench, routers, paces, seconds, beside=(), key=None):
    """Asks for so long; `beside` are functions that are called again and again meanwhile. Returns tallies by method."""
    lanes = [
        (pace, RetryingCalls(Calls(bench.context, pace.sockets_each, key), routers, pace.first_try)) for pace in paces
    ]
    tallies = tallies_of([pace.questions[0] for pace in paces])
    began = time.monotonic()
    due, told = [began] * len(lanes), 60.0
    while (now := time.monotonic()) < began + seconds:
        for number, (pace, lane) in enumerate(lanes):
            # Open loop: who waits for an answer keeps nobody else from asking.
            while due[number] <= now:
                due[number] += bench.random.expovariate(pace.per_second)
                question = bench.random.choice(pace.questions)
                lane.want(question, question.method, question.payload, WITHIN[question.method])
        for _, lane in lanes:
            take(lane.pump(0.004), tallies)
        for step in beside:
            step()
        if now - began > told:
            bench.say(f"{sum(tally.all for tally, _ in tallies.values())} calls answered")
            told += 60
    for pace, lane in lanes:
        take(lane.drain(30), tallies)
        tally, _ = tallies[pace.method]
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
        elif not is_in_time(one, WITHIN[question.method], GRACE):
            tally.late += 1
        else:
            tally.right += 1
            seconds.append(one.seconds)


def judge(report, tallies, allowed=CLEAR):
    """`allowed`: statuses that a caller may have got."""
    for method, (tally, seconds) in tallies.items():
        name = method.rpartition("/")[2].lower()
        report.wrong(tally.violations(allowed))
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
