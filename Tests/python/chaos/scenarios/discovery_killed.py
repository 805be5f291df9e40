"""The clusterer is killed in its runs and in reviews: runs come to the same end, and what was accepted is there once."""

import dataclasses
import time

from chaos.checks.discovery import accepted_once, differences
from chaos.cluster.cluster import Cluster
from chaos.cluster.process import NodeDied, NodeProcess
from chaos.load import asking, discovering
from chaos.load.calls import CLASSIFY, OK, Calls, status_name
from switchboard.v1 import call_pb2, common_pb2, discovery_pb2, index_pb2, router_pb2


@dataclasses.dataclass(frozen=True)
class Size:
    kills: int
    # Of each of two verticals.
    utterances: int
    # Each is hurt.
    accepts: int


LONG, SHORT = Size(kills=60, utterances=600, accepts=40), Size(kills=4, utterances=120, accepts=3)

# So often a run may be ended without leaving a new stage; docs/discovery.md: once more, and it is given up.
FRUITLESS = 2
# Where a machine is so quick that most are over before they are killed.
MOST_RUNS = 40
# A review that failed so may have been done: it is sent again with its operation id.
UNSURE = {None, call_pb2.STATUS_CODE_UNAVAILABLE, call_pb2.STATUS_CODE_DEADLINE_EXCEEDED,
          call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED, call_pb2.STATUS_CODE_CANCELLED, call_pb2.STATUS_CODE_ABORTED}


def run(bench, report, size):
    with Cluster(bench, retrievers=1) as cluster:
        clusterer = NodeProcess(
            bench.switchboard, bench.folder, "clusterer", ["clusterer"],
            ["--connect", cluster.gateways[0].worker, "--updater", cluster.updater.index],
        )
        clusterer.start()
        try:
            teach(bench, cluster)
            hurt = runs(bench, report, clusterer, size)
            reviews(bench, report, cluster, clusterer, hurt, size)
        finally:
            bench.stop(clusterer)


def teach(bench, cluster):
    """What the index knows of both verticals, for proposals to be compared with."""
    request = index_pb2.AppendRequest(
        operation_id=b"known", source=b"chaos", author=b"deploy/chaos", wait=index_pb2.WAIT_APPLIED
    )
    for vertical in discovering.VERTICALS:
        for text in ("what are your opening hours", "when do you open", "are you open on sunday"):
            upsert = request.commands.add().upsert
            upsert.vertical, upsert.text, upsert.intent = vertical, text.encode(), b"shop/hours"
    asking.append(bench.context, cluster.updater.index, request, 60)


# MARK: runs


def runs(bench, report, clusterer, size):
    """Runs that are killed, and after each one in peace, until all kills are spent. Returns what the last one hurt
    proposes."""
    context, address = bench.context, clusterer.discovery
    kills, number, hurt = 0, 0, []
    while kills < size.kills and number < MOST_RUNS:
        # Other utterances each time, since vectors are kept, and a pool of its own: a later run over the same one goes on
        # from what the earlier proposed.
        made = discovering.entries(size.utterances, first=number * size.utterances)
        fill(bench, report, clusterer, f"hurt-{number}", made)
        run_id = discovering.start(context, address, f"hurt-{number}")
        spent = kill_often(bench, clusterer, run_id, size.kills - kills)
        kills, number = kills + spent, number + 1
        last = discovering.wait_until_over(context, address, run_id, 600)
        if last.phase != discovery_pb2.RUN_PHASE_FINISHED:
            report.wrong(f"a run that was killed {spent} times did not finish: {last.note.decode()}")
            return []
        hurt = discovering.proposals(context, address, run_id)
        discovering.add(context, address, f"calm-{number}", made)
        run_id = discovering.start(context, address, f"calm-{number}")
        discovering.wait_until_over(context, address, run_id, 600)
        calm = discovering.proposals(context, address, run_id)
        report.wrong(differences(*([discovering.found(proposal) for proposal in found] for found in (calm, hurt))))
        bench.say(f"{kills} kills in {number} runs")
    if not kills:
        report.wrong("no run could be killed before it was over")
    report.figures |= {"kills_in_runs": kills, "runs": number, "proposals": len(hurt)}
    return hurt


def fill(bench, report, clusterer, pool, made):
    """Adds, is killed, and adds all again, as somebody does who got no answer: each counts once."""
    context, address = bench.context, clusterer.discovery
    discovering.add(context, address, pool, made[:len(made) // 2])
    clusterer.kill()
    clusterer.start()
    added = discovering.add(context, address, pool, made)
    if added != len(made) - len(made) // 2:
        report.wrong(f"{added} utterances were added after a kill, not the {len(made) - len(made) // 2} that were new")


def kill_often(bench, clusterer, run_id, most):
    """Kills at random moments until the run is over. Returns how often."""
    folder = clusterer.data / "runs" / run_id.hex()
    kills = fruitless = 0
    while kills < most:
        before = stages(folder)
        until = time.monotonic() + bench.random.expovariate(4)
        while not is_over(folder) and (
            time.monotonic() < until or (fruitless >= FRUITLESS and stages(folder) <= before)
        ):
            if not clusterer.is_running():
                raise NodeDied(f"the clusterer left: {clusterer.last_words()}")
            time.sleep(0.005)
        if is_over(folder):
            break
        clusterer.kill()
        kills += 1
        fruitless = fruitless + 1 if stages(folder) <= before else 0
        clusterer.start()
    return kills


def stages(folder):
    """Names of what the run has left so far."""
    try:
        return {path.name for path in (folder / "stages").iterdir() if path.suffix != ".tmp"}
    except OSError:
        return set()


def is_over(folder):
    return (folder / "outcome").exists()


# MARK: reviews


def reviews(bench, report, cluster, clusterer, proposals, size):
    accepted, kills = {}, 0
    calls = Calls(bench.context)
    for number, proposal in enumerate(proposals[:size.accepts]):
        path = f"found/intent-{number}"
        operation = bench.random.randbytes(16)
        victim = bench.random.choice([clusterer, clusterer, cluster.updater])
        receipt = accept(bench, report, calls, clusterer, victim, discovering.accept_request(proposal, operation, path))
        kills += 1
        if receipt is None:
            break
        accepted |= {(proposal.vertical, member.text.decode()): path for member in proposal.members}
        ask_one(bench, report, cluster, proposal, path, receipt)
    calls.close()
    report.figures |= {"kills_in_reviews": kills, "accepted_utterances": len(accepted)}
    if not accepted:
        report.wrong("nothing was accepted")
        return
    index = cluster.updater.index
    records = (
        record.exemplar_upserted
        for record in asking.records(bench.context, index)
        if record.WhichOneof("fact") == "exemplar_upserted"
    )
    upserts = [(fact.vertical, fact.text.decode(), fact.intent.decode()) for fact in records]
    exported = [
        (exemplar.vertical, exemplar.text.decode(), exemplar.intent.decode())
        for exemplar in asking.export(bench.context, index)
    ]
    report.wrong(accepted_once(accepted, upserts, exported))


def accept(bench, report, calls, clusterer, victim, request):
    """Sends it, kills somebody who has a part in it, and sends it until it is answered, and once more. Returns the
    position."""
    payload = request.SerializeToString()
    calls.open(clusterer.discovery, discovering.REVIEW, payload, 30)
    calls.pump(bench.random.uniform(0, 0.06))
    victim.kill()
    calls.forget(clusterer.discovery)
    victim.start()
    answers, deadline = [], time.monotonic() + 120
    while len(answers) < 2:
        calls.open(clusterer.discovery, discovering.REVIEW, payload, 30)
        for ended in calls.drain(40):
            if ended.code == OK:
                answers.append(discovery_pb2.DiscoveryReviewResponse.FromString(ended.payload))
            elif ended.code not in UNSURE:
                report.wrong(f"a review was answered with {status_name(ended.code)}: {ended.message}")
                return None
        if time.monotonic() > deadline:
            report.wrong("a review was not answered within two minutes after a kill")
            return None
    if answers[0].receipt != answers[1].receipt or not answers[0].HasField("receipt"):
        report.wrong(f"the same review has receipts {answers[0].receipt} and {answers[1].receipt}")
    return answers[0].receipt


def ask_one(bench, report, cluster, proposal, path, receipt):
    """A caller who says what was just accepted."""
    request = router_pb2.ClassifyRequest(
        text=proposal.members[0].text, verticals=[proposal.vertical], llm=common_pb2.LLM_MODE_OFF, do_not_store=True,
        min_position=receipt,
    )
    reply = asking.until_answered(
        lambda: asking.ask(bench.context, cluster.routers[0], CLASSIFY, request, router_pb2.ClassifyResponse, 10), 60
    )
    if reply.intent.decode() != path or reply.decided_by != router_pb2.DECIDED_BY_EXACT:
        report.wrong(f"{proposal.members[0].text!r} was accepted as {path} and is answered with {reply.intent!r}")
