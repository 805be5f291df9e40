"""Everything at once for half an hour, at a pace that the cluster can do: nothing grows, nothing is lost or wrong."""

import dataclasses
import time

from chaos.checks import answers, growth
from chaos.cluster import gauges
from chaos.cluster.cluster import Cluster
from chaos.cluster.witness import check_replicas
from chaos.load import asking, questions
from chaos.load.calls import APPEND, OK, Calls, status_name
from chaos.load.pairs import append_request, make_pair
from chaos.load.retrying import RetryingCalls
from chaos.load.steady import CLEAR, take
from chaos.report import milliseconds, percentile
from switchboard.v1 import call_pb2, router_pb2
from switchboard_client import DealerClient


@dataclasses.dataclass(frozen=True)
class Size:
    seconds: float
    calls_per_second: float = 20.0
    scores_per_second: float = 0.3
    changes_per_second: float = 1.0


LONG, SHORT = Size(1_800), Size(30)

# The index stays as large as it is: the same pairs get other intents, and go and come back.
CHURNED = 200

# Changes before the soak, of its own kind, at least so many. An updater keeps in memory the newest operations (16 MiB)
# and the pages of the log that it touched last (32 MiB). At a change a second these fill for four hours, and what fills
# looks like what is never given back. They are full after 14,400 changes; malloc has come to rest about them a little
# later. With more than 30,000 the updater would write a snapshot in the midst of the soak.
WARMING, LOT = 20_000, 64

# A replica's growing segment is given back when it is sealed, at every 8,192nd upsert of a vertical, and takes 2 MiB
# at once where it is large. So the soak begins when one of the churned pairs has so few rows: its own changes then
# cost some 0.6 % of a retriever, page by page, and seal none.
FRESH_ROWS = 128


def run(bench, report, size):
    with Cluster(bench, retrievers=2, scorers=1) as cluster:
        pairs = questions.load_orders(bench.context, cluster.updater.index, 300)
        encoder = asking.encoder_id(bench.context, cluster.routers[0])
        churned = [make_pair(bench.seed, number, vertical="churn") for number in range(CHURNED)]
        asking.load_pairs(bench.context, cluster.updater.index, churned, encoder, "churn")
        asked = questions.equal_questions(pairs)
        fill(bench, cluster, churned, encoder)
        scored = questions.score_questions(bench.context, cluster.routers[0], pairs, 3)
        samples, tallies = load(bench, cluster, size, asked, scored, churned, encoder)
        for method, (tally, seconds) in tallies.items():
            name = method.rpartition("/")[2].lower()
            report.wrong(tally.violations(CLEAR))
            report.figures[f"{name}_calls"] = tally.all
            report.figures[f"{name}_p99_ms"] = milliseconds(percentile(seconds, 0.99))
            report.reach(f"{name}_right_in_time_percent", round(100 * tally.share, 3), at_least=99.9)
        for node, taken in samples.items():
            report.reach(
                f"{node}_resident_growth_percent", round(100 * growth.resident_growth(taken), 2), at_most=1
            )
            report.misses += growth.leaks(node, taken)
        report.wrong(check_replicas(cluster.retrievers, asking.stats(bench.context, cluster.updater.index)))


def fill(bench, cluster, churned, encoder):
    """As much log as the updater keeps in memory, as fast as it takes the changes, until a segment was just sealed."""
    lane, sent = Calls(bench.context), 0
    while sent < WARMING or any(growing_rows(retriever) > FRESH_ROWS for retriever in cluster.retrievers):
        for _ in range(LOT):
            sent += 1
            request = churn(bench, churned, encoder, f"filling-{sent}")
            lane.open(cluster.updater.index, APPEND, request.SerializeToString(), 30)
        while len(lane):
            for ended in lane.pump(0.1):
                if ended.code != OK:
                    raise RuntimeError(f"a change before the load was answered with {status_name(ended.code)}")
    lane.close()
    bench.say(f"{sent} changes before the load")


def growing_rows(retriever):
    """Rows of the churned pairs in the segment of a replica that is not sealed yet."""
    return sum(
        rows
        for name, rows in retriever.metrics().items()
        if name.startswith("switchboard_index_rows{") and 'vertical="churn"' in name and 'state="growing"' in name
    )


def load(bench, cluster, size, asked, scored, churned, encoder):
    lane = RetryingCalls(Calls(bench.context, sockets_each=2), cluster.routers, 3.0)
    tallies = {question.method: (answers.Tally(), []) for question in asked + scored}
    samples = {node.name: [] for node in cluster.nodes}
    began = time.monotonic()
    streams, changes, told = 0, 0, began + 60

    def ask(pool, within):
        question = bench.random.choice(pool)
        lane.want(question, question.method, question.payload, within)

    def change():
        nonlocal changes
        changes += 1
        asking.append(bench.context, cluster.updater.index, churn(bench, churned, encoder, changes))

    def look():
        for node in cluster.nodes:
            resident, threads = gauges.resident_bytes(node.pid), gauges.threads(node.pid)
            descriptors = gauges.descriptors(node.pid)
            samples[node.name].append(growth.Sample(time.monotonic(), resident, threads, descriptors))

    def come_and_go():
        nonlocal streams
        streams += 1
        leave_in_mid_stream(bench, cluster)
        if streams % 10 == 0:
            asking.export(bench.context, cluster.updater.index)

    due = {
        (lambda: ask(asked, 3.0)): 1 / size.calls_per_second,
        (lambda: ask(scored, 15.0)): 1 / size.scores_per_second,
        change: 1 / size.changes_per_second,
        come_and_go: 3.0,
        look: min(5.0, size.seconds / 60),
    }
    turns = {task: began for task in due}
    while (now := time.monotonic()) < began + size.seconds:
        for task, pause in due.items():
            if turns[task] <= now:
                turns[task] = max(turns[task] + pause, now - 1)
                task()
        take(lane.pump(0.005), tallies)
        if now > told:
            bench.say(f"{sum(tally.all for tally, _ in tallies.values())} calls, {changes} changes")
            told += 60
    take(lane.drain(30), tallies)
    lane.calls.close()
    return samples, tallies


def churn(bench, churned, encoder, number):
    """One pair goes, another comes back or gets another intent; `number` is of this change alone."""
    gone, back = bench.random.sample(churned, 2)
    back = dataclasses.replace(back, intent=bench.random.choice(churned).intent)
    request = append_request(f"churn-{bench.seed}-{number}".encode(), [back], encoder)
    remove = request.commands.add().remove
    remove.vertical, remove.text = gone.vertical, gone.text.encode()
    return request


def leave_in_mid_stream(bench, cluster):
    """A client that opens a stream and goes."""
    client = DealerClient(bench.context, cluster.routers[0])
    client.open("switchboard.v1.Router/Intents", router_pb2.IntentsRequest(then_changes=True), grant=4)
    header, _ = client.receive()
    if header.kind == call_pb2.FRAME_KIND_REPLY:
        bench.faults.append(f"a stream of intents ended at once: {header.status.message.decode(errors='replace')}")
    client.close()
