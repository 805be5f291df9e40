"""What a reviewing tool in another language does: utterances nobody could explain become an intent, by Protos/ alone."""

import json
import secrets
import subprocess
import time

import pytest
from conftest import PAIRS, Node
from switchboard.v1 import call_pb2, common_pb2, discovery_pb2, index_pb2, router_pb2
from switchboard_client import CallError, DealerClient, ReqClient

CLASSIFY = "switchboard.v1.Router/Classify"
DISCOVERY = "switchboard.v1.Discovery/"
PATH = b"heating/red-light"
SAID = [
    "the thermostat blinks red", "my thermostat keeps blinking red", "there is a red light on the thermostat",
    "the thermostat flashes a red light", "why is the thermostat blinking red", "the thermostat shows a red light",
    "our thermostat has a red blinking light", "a red light blinks on our thermostat", "thermostat is flashing red",
    "the light of the thermostat is red", "what does the red light on the thermostat mean", "red thermostat light",
]


@pytest.fixture(scope="module")
def node(request, tmp_path_factory):
    """One of its own, in whose pool is nothing but what these tests say, and whose index is sure of equal texts alone."""
    node = Node(
        request.config.getoption("--switchboard"), tmp_path_factory.mktemp("discovery"), "--scorer", "none",
        "--pool-below", "1",
    )
    yield node
    assert node.stop() == 0


@pytest.fixture(scope="module")
def clients(node, context):
    made = [ReqClient(context, address, timeout_ms=60_000) for address in (node.router, node.index, node.discovery)]
    request = index_pb2.AppendRequest(
        operation_id=b"first-pairs", source=b"tests", author=b"python", wait=index_pb2.WAIT_APPLIED
    )
    for text, intent in PAIRS:
        upsert = request.commands.add().upsert
        upsert.vertical, upsert.text, upsert.intent = "shop", text.encode(), intent.encode()
    made[1].call("switchboard.v1.Index/Append", request, index_pb2.AppendReceipt, 30_000_000)
    yield made
    for client in made:
        client.close()


def classify(router, text, position=None):
    request = router_pb2.ClassifyRequest(text=text.encode(), verticals=["shop"], llm=common_pb2.LLM_MODE_OFF)
    if position is not None:
        request.min_position.CopyFrom(position)
    return router.call(CLASSIFY, request, router_pb2.ClassifyResponse)


def ask(discovery, method, request, response_type):
    return discovery.call(DISCOVERY + method, request, response_type, 30_000_000)


def watch(context, address, run):
    """The states of a run until it is over."""
    client = DealerClient(context, address, timeout_ms=120_000)
    call_id = client.open(DISCOVERY + "Watch", discovery_pb2.DiscoveryWatchRequest(run_id=run), grant=1)
    states = []
    try:
        while True:
            header, payload = client.receive()
            if header.kind == call_pb2.FRAME_KIND_REPLY:
                assert header.status.code == call_pb2.STATUS_CODE_OK, header.status.message
                return states
            if header.kind == call_pb2.FRAME_KIND_MESSAGE:
                client.send(call_id, call_pb2.FRAME_KIND_GRANT, grant=1)
                states.append(discovery_pb2.DiscoveryWatchResponse.FromString(payload).progress)
    finally:
        client.close()


def pooled(discovery):
    """How many calls of the vertical are in pools."""
    request = discovery_pb2.DiscoveryPurgeRequest(vertical="shop", dry_run=True)
    return ask(discovery, "Purge", request, discovery_pb2.DiscoveryPurgeResponse).entries


def review(proposal, kind):
    request = discovery_pb2.DiscoveryReviewRequest(
        proposal_id=proposal, operation_id=secrets.token_bytes(16), author=b"ana"
    )
    request.action.kind = kind
    return request


def start(discovery, **fields):
    request = discovery_pb2.DiscoveryStartRequest(**fields)
    request.settings.keyword_names = True
    request.settings.judge = discovery_pb2.JUDGE_KIND_NONE
    return ask(discovery, "Start", request, discovery_pb2.DiscoveryStartResponse).run_id


def test_an_empty_pool_is_told(clients):
    with pytest.raises(CallError) as error:
        start(clients[2])
    assert error.value.code == call_pb2.STATUS_CODE_FAILED_PRECONDITION
    with pytest.raises(CallError) as error:
        ask(
            clients[2], "Watch", discovery_pb2.DiscoveryWatchRequest(), discovery_pb2.DiscoveryWatchResponse
        )
    assert error.value.code == call_pb2.STATUS_CODE_INVALID_ARGUMENT


def test_what_nobody_could_explain_is_accepted_and_answered(node, context, clients):
    router, _, discovery = clients
    for text in SAID:
        assert classify(router, text).intent != PATH
    deadline = time.monotonic() + 60
    while pooled(discovery) < len(SAID):
        assert time.monotonic() < deadline, f"{pooled(discovery)} of {len(SAID)} utterances came into the pool"
        time.sleep(0.05)

    run = start(discovery, verticals=["shop"])
    states = watch(context, node.discovery, run)
    assert states[-1].phase == discovery_pb2.RUN_PHASE_FINISHED, states[-1].note
    fractions = [state.fraction for state in states]
    assert fractions == sorted(fractions) and fractions[-1] == 1

    listed = ask(
        discovery, "List", discovery_pb2.DiscoveryListRequest(run_id=run), discovery_pb2.DiscoveryListResponse
    )
    best = listed.proposals[0]
    shown = ask(
        discovery, "Show", discovery_pb2.DiscoveryShowRequest(proposal_id=best.proposal.proposal_id),
        discovery_pb2.DiscoveryShowResponse,
    )
    members = [member.text.decode() for member in shown.proposal.members]
    assert len(members) == shown.size == best.size
    assert not shown.HasField("begun") and not shown.history
    assert set(members) <= set(SAID)

    request = review(best.proposal.proposal_id, discovery_pb2.REVIEW_ACTION_KIND_ACCEPT)
    request.action.path, request.action.vertical = PATH, "shop"
    request.action.attributes.add(key=b"queue", value=b"heating")
    first = ask(discovery, "Review", request, discovery_pb2.DiscoveryReviewResponse)
    assert first.proposal.state.kind == discovery_pb2.REVIEW_STATE_KIND_ACCEPTED
    reply = classify(router, members[0], first.receipt)
    assert (reply.outcome, reply.intent) == (router_pb2.OUTCOME_ROUTE, PATH)
    # The same again gets the first answer; another acceptance is told.
    assert ask(discovery, "Review", request, discovery_pb2.DiscoveryReviewResponse) == first
    request.operation_id = secrets.token_bytes(16)
    with pytest.raises(CallError) as error:
        ask(discovery, "Review", request, discovery_pb2.DiscoveryReviewResponse)
    assert error.value.code == call_pb2.STATUS_CODE_ALREADY_EXISTS

    undo = review(best.proposal.proposal_id, discovery_pb2.REVIEW_ACTION_KIND_UNDO)
    undone = ask(discovery, "Review", undo, discovery_pb2.DiscoveryReviewResponse)
    assert undone.proposal.state.kind == discovery_pb2.REVIEW_STATE_KIND_OPEN
    assert classify(router, members[0], undone.receipt).intent != PATH


def test_what_is_not_there_is_told(clients):
    for method, request, response_type in (
        ("Show", discovery_pb2.DiscoveryShowRequest(proposal_id=bytes(16)), discovery_pb2.DiscoveryShowResponse),
        ("Cancel", discovery_pb2.DiscoveryCancelRequest(run_id=bytes(16)), discovery_pb2.DiscoveryCancelResponse),
        ("Review", review(bytes(16), discovery_pb2.REVIEW_ACTION_KIND_REJECT), discovery_pb2.DiscoveryReviewResponse),
    ):
        with pytest.raises(CallError) as error:
            ask(clients[2], method, request, response_type)
        assert error.value.code == call_pb2.STATUS_CODE_NOT_FOUND, method
        assert "run is" in error.value.message or "there is no run" in error.value.message


def test_a_file_that_is_not_read_to_its_end_is_a_failure(request, node, tmp_path):
    calls = tmp_path / "calls.txt"
    calls.write_text("\n".join(SAID) + "\n" + "x" * (5 << 20) + "\nnever read\n")
    place = ["--connect", node.router, "--discovery", node.discovery]
    done = subprocess.run(
        [
            request.config.getoption("--switchboard"), "discover", "run", str(calls), "--format", "lines", "--vertical",
            "shop", "--judge", "none", "--keyword-names", "--json", *place,
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "the rest of the file was not read" in done.stderr
    assert f"{len(SAID)} utterances added" in done.stderr
    assert all(json.loads(line)["proposal"] for line in done.stdout.splitlines())
