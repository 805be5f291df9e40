"""Three times the calls that a node can do, open loop: it does what it can, refuses the rest early, and recovers."""

import dataclasses
import time

from chaos.checks import overload
from chaos.cluster import gauges
from chaos.cluster.process import NodeProcess
from chaos.load import questions
from chaos.load.calls import CLASSIFY, Calls, status_name
from chaos.report import milliseconds, percentile


@dataclasses.dataclass(frozen=True)
class Size:
    seconds: float
    peak_seconds: float


LONG, SHORT = Size(60, 10), Size(5, 2)

TIMES = 3
DEADLINE, GRACE = 1.0, 0.1
AFTERWARDS = 6.0


def run(bench, report, size):
    node = NodeProcess(bench.switchboard, bench.folder, "node", ["gateway", "retriever", "updater"], ["--threads", "1"])
    node.start()
    calls = Calls(bench.context, sockets_each=8)
    try:
        questions.load_orders(bench.context, node.index, 200)
        payloads = [questions.classify_payload(text) for text, _ in questions.utterances("orders.test.jsonl")]
        peak, usual = measure_peak(bench, node, calls, payloads, size.peak_seconds)
        bench.say(f"{peak:.0f} calls/s at most; now {TIMES} times as many")
        warm, sent, ended = flood(bench, node, calls, payloads, TIMES * peak, size.seconds)
        stopped = time.monotonic()
        report.wrong(overload.violations(ended, sent, calls.strays))
        after_sent, after = trickle(bench, node, calls, payloads, peak / 4, AFTERWARDS)
        report.wrong(overload.violations(after, after_sent, 0))
        figures(report, size, node, peak, warm, sent, ended, after, stopped, usual)
    finally:
        calls.close()
        bench.stop(node)


def figures(report, size, node, peak, warm, sent, ended, after, stopped, usual):
    accepted = [outcome.seconds for outcome in ended if outcome.status == "OK"]
    refused = [outcome for outcome in ended if outcome.status == "RESOURCE_EXHAUSTED"]
    report.figures |= {
        "peak_per_second": round(peak, 1),
        "offered_per_second": round(sent / size.seconds, 1),
        "refused": len(refused),
        "deadline_exceeded": sum(outcome.status == "DEADLINE_EXCEEDED" for outcome in ended),
        "accepted_p99_ms": milliseconds(percentile(accepted, 0.99)),
        "refused_p99_ms": milliseconds(percentile([outcome.seconds for outcome in refused], 0.99)),
    }
    good = overload.good_per_second(ended, DEADLINE + GRACE, size.seconds)
    report.reach("goodput_to_peak", round(good / peak, 3), at_least=0.9)
    report.reach("accepted_and_late", overload.late(ended, DEADLINE, GRACE), at_most=0)
    report.reach("refused_without_retry_after", sum(not outcome.retry_after for outcome in refused), at_most=0)
    report.reach("offered_to_peak", round(sent / size.seconds / peak, 2), at_least=0.9 * TIMES)
    report.reach("resident_growth_percent", round(100 * (gauges.resident_bytes(node.pid) / warm - 1), 2), at_most=5)
    report.reach("recovery_s", round(overload.recovery(after, stopped, usual), 2), at_most=2)


def outcome(ended):
    return overload.Outcome(status_name(ended.code), ended.began, ended.ended - ended.began, ended.retry_after)


def measure_peak(bench, node, calls, payloads, seconds):
    """Closed loop with 64 under way, after half a second to warm up.

    Returns calls by the second, and the slowest answer that counts as usual at a quarter of that.
    """
    done, began, number = 0, time.monotonic() + 0.5, 0
    while (now := time.monotonic()) < began + seconds:
        while len(calls) < 64:
            number += 1
            calls.open(node.router, CLASSIFY, payloads[number % len(payloads)], 10)
        ended = calls.pump(0.01)
        done += len(ended) if now >= began else 0
    calls.drain(15)
    _, calm = trickle(bench, node, calls, payloads, done / seconds / 4, 2)
    return done / seconds, 2 * percentile([outcome.seconds for outcome in calm], 0.99)


def flood(bench, node, calls, payloads, pace, seconds):
    """Returns resident memory after the first third, how many were sent, and what became of them."""
    began = due = time.monotonic()
    warm, sent, ended = None, 0, []
    while (now := time.monotonic()) < began + seconds:
        # Not a hundred at once without a look at what came back.
        for _ in range(100):
            if due > now:
                break
            due += bench.random.expovariate(pace)
            calls.open(node.router, CLASSIFY, payloads[sent % len(payloads)], DEADLINE)
            sent += 1
        ended += [outcome(one) for one in calls.pump(0.0005)]
        if warm is None and now > began + seconds / 3:
            warm = gauges.resident_bytes(node.pid)
    return warm or gauges.resident_bytes(node.pid), sent, ended + [outcome(one) for one in calls.drain(DEADLINE + 5)]


def trickle(bench, node, calls, payloads, pace, seconds):
    """An easy load: how many were sent, and what became of them."""
    began = due = time.monotonic()
    sent, ended = 0, []
    while (now := time.monotonic()) < began + seconds:
        while due <= now:
            due += bench.random.expovariate(pace)
            calls.open(node.router, CLASSIFY, payloads[sent % len(payloads)], DEADLINE)
            sent += 1
        ended += [outcome(one) for one in calls.pump(0.002)]
    return sent, ended + [outcome(one) for one in calls.drain(DEADLINE + 5)]
