"""Calls of the clusterer, and utterances of the demonstration (deploy/demo-data) for it to look through."""

import time

from chaos.checks.discovery import Found
from chaos.load import asking
from chaos.load.questions import utterances
from switchboard.v1 import common_pb2, discovery_pb2

SERVICE = "switchboard.v1.Discovery/"
REVIEW = SERVICE + "Review"
VERTICALS = ("orders", "devices")
OVER = {discovery_pb2.RUN_PHASE_FINISHED, discovery_pb2.RUN_PHASE_CANCELLED, discovery_pb2.RUN_PHASE_FAILED}


def entries(each, first=0):
    """So many different utterances of each vertical from this one on, round about; four turns a conversation."""
    made = []
    for vertical in VERTICALS:
        texts = list(dict.fromkeys(text for text, _ in utterances(f"{vertical}.train.jsonl")))
        turn = first % len(texts)
        texts = (texts[turn:] + texts[:turn])[:each]
        for number, text in enumerate(texts):
            made.append(
                discovery_pb2.PoolEntry(
                    request_id=f"{vertical}-{number}".encode(), text=text.encode(), vertical=vertical,
                    role=common_pb2.ROLE_CALLER, conversation_id=f"{vertical}-{number // 4}".encode(),
                    reason=discovery_pb2.POOL_REASON_FILE, time_us=number + 1,
                )
            )
    return made


def add(context, address, pool, made):
    """Returns how many were added."""
    added = 0
    for start in range(0, len(made), 500):
        request = discovery_pb2.DiscoveryAddRequest(entries=made[start:start + 500], pool=pool)
        added += asking.ask(context, address, SERVICE + "Add", request, discovery_pb2.DiscoveryAddResponse).added
    return added


def start(context, address, pool):
    request = discovery_pb2.DiscoveryStartRequest(pool=pool)
    # No language model is there.
    request.settings.keyword_names = True
    return asking.ask(context, address, SERVICE + "Start", request, discovery_pb2.DiscoveryStartResponse).run_id


def progress(context, address, run):
    request = discovery_pb2.DiscoveryListRequest(run_id=run, limit=1)
    answer = asking.ask(context, address, SERVICE + "List", request, discovery_pb2.DiscoveryListResponse, 10)
    return answer.runs[0].progress


def wait_until_over(context, address, run, limit):
    """Its last state."""
    deadline = time.monotonic() + limit
    while True:
        last = asking.until_answered(lambda: progress(context, address, run), 60)
        if last.phase in OVER:
            return last
        if time.monotonic() > deadline:
            raise TimeoutError(f"the run was not over within {limit} s: {last}")
        time.sleep(0.1)


def proposals(context, address, run):
    """All that a run proposes, whole."""
    request = discovery_pb2.DiscoveryListRequest(run_id=run, hidden=True, limit=1_000)
    answer = asking.ask(context, address, SERVICE + "List", request, discovery_pb2.DiscoveryListResponse)
    return [whole(context, address, listed.proposal.proposal_id) for listed in answer.proposals]


def whole(context, address, proposal):
    """A proposal with all its members."""
    found = None
    while found is None or len(found.proposal.members) < found.size:
        after = len(found.proposal.members) if found else 0
        request = discovery_pb2.DiscoveryShowRequest(proposal_id=proposal, limit=1_000, after=after)
        page = asking.ask(context, address, SERVICE + "Show", request, discovery_pb2.DiscoveryShowResponse)
        if found is None:
            found = page
        else:
            found.proposal.members.extend(page.proposal.members)
        if not page.proposal.members:
            break
    return found.proposal


def found(proposal):
    """What has to be equal in equal runs."""
    judgement, relation = proposal.judgement, proposal.relation
    members = ((m.text, m.calls, m.conversations, m.centrality) for m in proposal.members)
    return Found(
        proposal.vertical, proposal.role, proposal.name.decode(), proposal.name_source, tuple(proposal.keywords),
        (judgement.probability, judgement.low, judgement.high, judgement.good),
        (relation.kind, relation.intent, relation.share), proposal.continuity.kind, tuple(sorted(members)),
    )


def accept_request(proposal, operation, path):
    request = discovery_pb2.DiscoveryReviewRequest(
        proposal_id=proposal.proposal_id, operation_id=operation, author=b"deploy/chaos"
    )
    request.action.kind = discovery_pb2.REVIEW_ACTION_KIND_ACCEPT
    request.action.path, request.action.vertical = path.encode(), proposal.vertical
    return request
