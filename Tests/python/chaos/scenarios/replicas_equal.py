"""Replicas with different lives hold the same index: equal digests, and equal bits in their answers."""

import dataclasses
import time

from chaos.checks.replicas import comparable, differences
from chaos.cluster.cluster import Cluster
from chaos.cluster.witness import check_replicas, stands_at
from chaos.load import asking
from chaos.load.calls import OK, RETRIEVE, Calls, status_name
from chaos.load.pairs import append_request, make_pair, unit_vector
from switchboard.v1 import index_pb2, retriever_pb2
from switchboard_client import CallError


@dataclasses.dataclass(frozen=True)
class Size:
    pairs: int
    queries: int


# A vertical's segment is sealed, and gets a graph, at each 8,192nd upsert.
LONG, SHORT = Size(20_000, 1_000), Size(1_500, 100)
BATCH = 100
TRIM = "switchboard.v1.Index/Trim"


def run(bench, report, size):
    with Cluster(bench, retrievers=3, addressable=True) as cluster:
        encoder = asking.encoder_id(bench.context, cluster.routers[0])
        fill(bench, cluster, size, encoder)
        trim(bench, report, cluster)
        began = time.monotonic()
        late = cluster.add_retriever()
        report.figures["new_replica_ready_s"] = round(time.monotonic() - began, 2)
        stats = asking.stats(bench.context, cluster.updater.index)
        report.wrong(check_replicas(cluster.retrievers, stats))
        compare(bench, report, cluster, size, encoder, exact=True)
        if all(has_graphs(retriever) for retriever in cluster.retrievers):
            compare(bench, report, cluster, size, encoder, exact=False)
        else:
            report.wrong("graphs were not built within five minutes")
        report.figures |= {
            "records": stats.position.seq,
            "queries": size.queries,
            "replicas": len(cluster.retrievers),
            "late_replica": late.name,
        }


def fill(bench, cluster, size, encoder):
    """Upserts, re-labellings and removals; meanwhile one replica is killed, one stopped, one lives in peace."""
    killed, paused, _ = cluster.retrievers
    batches = range(0, size.pairs, BATCH)
    for number, start in enumerate(batches):
        pairs = [make_pair(bench.seed, start + place) for place in range(BATCH)]
        request = append_request(f"fill-{start}".encode(), pairs, encoder)
        change(bench, request, pairs, start, encoder)
        asking.append(bench.context, cluster.updater.index, request, 60)
        if number == len(batches) // 4:
            paused.pause()
        elif number == len(batches) // 3:
            killed.kill()
        elif number == len(batches) // 2:
            paused.resume()
            killed.start(wait=False)
    head = asking.stats(bench.context, cluster.updater.index).position.seq
    for retriever in cluster.retrievers:
        retriever.wait_until_ready()
        if stands_at(retriever, head, 120) is None:
            raise TimeoutError(f"{retriever.name} did not catch up with record {head} within two minutes")


def change(bench, request, pairs, start, encoder):
    """In the same batch, of what earlier batches brought: some get another intent, some go."""
    for _ in range(BATCH // 10 if start else 0):
        old = make_pair(bench.seed, bench.random.randrange(start))
        if bench.random.random() < 0.5:
            dataclasses.replace(old, intent=bench.random.choice(pairs).intent).add_to(request, encoder)
        else:
            remove = request.commands.add().remove
            remove.vertical, remove.text = old.vertical, old.text.encode()


def trim(bench, report, cluster):
    """Takes the beginning of the log away, so that a new replica has to come from a snapshot."""
    head = asking.stats(bench.context, cluster.updater.index).position.seq
    request = index_pb2.TrimRequest(before_seq=head)
    try:
        answer = asking.ask(bench.context, cluster.updater.index, TRIM, request, index_pb2.TrimResponse, 60)
        report.figures["log_begins_at"] = answer.first_seq
    except CallError as error:
        report.skipped.append(f"a replica from a snapshot alone; the log was not trimmed: {error}")


def compare(bench, report, cluster, size, encoder, exact):
    answers = {}
    for retriever in cluster.retrievers:
        answers[retriever.name] = retrieve(bench, cluster.router_of(retriever), size, encoder, exact)
        for number, answer in enumerate(answers[retriever.name]):
            if isinstance(answer, str):
                report.wrong(f"{retriever.name} answered query {number} with {answer}")
    report.wrong(f"{'exact' if exact else 'by graphs'}: {words}" for words in differences(answers))


def retrieve(bench, router, size, encoder, exact):
    """Answers to the same vectors, in their order; a status' name where there is none."""
    calls, answers, next_query = Calls(bench.context), [None] * size.queries, 0
    while next_query < size.queries or len(calls):
        while next_query < size.queries and len(calls) < 16:
            request = retriever_pb2.RetrieveRequest(
                verticals=["chaos"], k=10, exact=exact, encoder_id=encoder,
                vector=unit_vector(bench.seed + 1, next_query).tolist(),
            )
            calls.open(router, RETRIEVE, request.SerializeToString(), 20, next_query)
            next_query += 1
        for ended in calls.pump(0.05):
            if ended.code == OK:
                answers[ended.tag] = comparable(retriever_pb2.RetrieveResponse.FromString(ended.payload))
            else:
                answers[ended.tag] = status_name(ended.code)
    calls.close()
    return answers


def has_graphs(retriever, limit=300):
    """Waits until no sealed segment lacks its graph: from then on replicas search the same segments."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        figures = retriever.metrics()
        segments = {name: value for name, value in figures.items() if name.startswith("switchboard_index_segments")}
        if segments and not any(value for name, value in segments.items() if "awaiting_graph" in name):
            return True
        time.sleep(0.2)
    return False
