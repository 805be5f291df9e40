"""What a router in another language does: classify on REQ and DEALER, feedback, names."""

import json
import subprocess

import pytest
import zmq
from switchboard.v1 import call_pb2, common_pb2, index_pb2, router_pb2
from switchboard_client import CallError, DealerClient, ReqClient

CLASSIFY = "switchboard.v1.Router/Classify"


@pytest.fixture
def req(filled, context):
    client = ReqClient(context, filled[0].router)
    yield client
    client.close()


@pytest.fixture
def dealer(filled, context):
    client = DealerClient(context, filled[0].router)
    yield client
    client.close()


def test_an_equal_text_is_answered_exactly(req):
    reply = req.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"i forgot my  password"), router_pb2.ClassifyResponse)
    assert reply.outcome == router_pb2.OUTCOME_ROUTE
    assert reply.decided_by == router_pb2.DECIDED_BY_EXACT
    assert reply.intent == b"account/password"
    assert reply.vertical == "shop"
    assert reply.text == b"i forgot my password"
    assert len(reply.reply_id) == 16


def test_a_near_text_brings_its_evidence(req):
    request = router_pb2.ClassifyRequest(
        text=b"i do not remember my password", evidence=3, request_id=b"r-1", llm=common_pb2.LLM_MODE_OFF
    )
    reply = req.call(CLASSIFY, request, router_pb2.ClassifyResponse)
    assert reply.candidates[0].intent == b"account/password"
    assert reply.decided_by == router_pb2.DECIDED_BY_RETRIEVAL
    assert len(reply.evidence) == 3
    similarities = [evidence.similarity for evidence in reply.evidence]
    assert similarities == sorted(similarities, reverse=True)
    assert reply.request_id == b"r-1"
    assert reply.timings.total_us > 0


def test_a_plain_req_socket_works(filled, context):
    socket = context.socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 10_000)
    socket.connect(filled[0].router)
    header = call_pb2.Header(version=1, kind=call_pb2.FRAME_KIND_CALL, method=CLASSIFY)
    for _ in range(3):
        socket.send_multipart(
            [header.SerializeToString(), router_pb2.ClassifyRequest(text=b"where is my box").SerializeToString()]
        )
        reply = socket.recv_multipart()
        assert len(reply) == 2
        assert call_pb2.Header.FromString(reply[0]).status.code == call_pb2.STATUS_CODE_OK
    socket.close()


def test_many_calls_in_flight_each_get_one_reply(dealer):
    expected = {}
    for number in range(200):
        text = f"i forgot my password number {number}".encode()
        call_id = dealer.open(CLASSIFY, router_pb2.ClassifyRequest(text=text), time_left_us=30_000_000)
        expected[call_id] = text
    seen = set()
    for _ in range(200):
        header, payload = dealer.receive()
        assert header.kind == call_pb2.FRAME_KIND_REPLY
        assert header.status.code == call_pb2.STATUS_CODE_OK, header.status.message
        assert header.call_id not in seen
        seen.add(header.call_id)
        assert router_pb2.ClassifyResponse.FromString(payload).text == expected[header.call_id]
    assert seen == set(expected)


def test_more_calls_than_allowed_are_refused_and_none_is_lost(dealer):
    count = 2_000
    for number in range(count):
        dealer.open(CLASSIFY, router_pb2.ClassifyRequest(text=b"where is my box"), time_left_us=30_000_000)
    codes = [dealer.receive()[0].status.code for _ in range(count)]
    assert set(codes) <= {call_pb2.STATUS_CODE_OK, call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED}
    assert codes.count(call_pb2.STATUS_CODE_OK) >= 256


def test_feedback_is_stored_and_counted(request, filled, req, context, tmp_path):
    reply = req.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"give me a refund"), router_pb2.ClassifyResponse)
    feedback = router_pb2.FeedbackRequest(
        reply_id=reply.reply_id,
        text=reply.text,
        vertical="shop",
        answered_intent=reply.candidates[0].intent,
        verdict=router_pb2.VERDICT_CONFIRMED,
        source=router_pb2.FEEDBACK_SOURCE_CALLER,
    )
    index = ReqClient(context, filled[0].index)
    before = index.call("switchboard.v1.Index/Stats", index_pb2.StatsRequest(), index_pb2.StatsResponse)
    first = req.call("switchboard.v1.Router/Feedback", feedback, router_pb2.FeedbackResponse)
    second = req.call("switchboard.v1.Router/Feedback", feedback, router_pb2.FeedbackResponse)
    after = index.call("switchboard.v1.Index/Stats", index_pb2.StatsRequest(), index_pb2.StatsResponse)
    assert (first.replaced, second.replaced) == (False, True)
    assert after.feedback == before.feedback + 1
    assert after.feedback_confirmed == before.feedback_confirmed + 1
    index.close()
    said = tmp_path / "said.jsonl"
    command = [request.config.getoption("--switchboard"), "feedback", "export", "--connect", filled[0].router]
    command += ["--updater", filled[0].index]
    report = json.loads(subprocess.run([*command, str(said), "--json"], capture_output=True, check=True).stdout)
    assert report["words"] == report["lines"] == after.feedback
    assert report["file"] == str(said) and report["bytes"] == said.stat().st_size
    # To stdout go the words themselves.
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert lines == said.read_text() and "CONFIRMED" in [json.loads(line)["verdict"] for line in lines.splitlines()]


def test_intents_are_streamed(dealer):
    call_id = dealer.open("switchboard.v1.Router/Intents", router_pb2.IntentsRequest(), grant=10)
    paths = []
    while True:
        header, payload = dealer.receive()
        assert header.call_id == call_id
        if header.kind == call_pb2.FRAME_KIND_REPLY:
            assert header.status.code == call_pb2.STATUS_CODE_OK
            break
        if header.kind == call_pb2.FRAME_KIND_MESSAGE:
            paths += [intent.path for intent in router_pb2.IntentsResponse.FromString(payload).intents]
    assert b"delivery" in paths and b"delivery/lost" in paths


def test_streaming_over_req_is_refused(req):
    with pytest.raises(CallError) as error:
        req.call("switchboard.v1.Router/Intents", router_pb2.IntentsRequest(), router_pb2.IntentsResponse)
    assert error.value.code == call_pb2.STATUS_CODE_INVALID_ARGUMENT


def test_min_position_waits_for_the_record_and_knows_its_log(filled, req):
    _, receipt = filled
    request = router_pb2.ClassifyRequest(text=b"where is my box", min_position=receipt.position)
    reply = req.call(CLASSIFY, request, router_pb2.ClassifyResponse)
    assert reply.position.seq >= receipt.position.seq
    other = common_pb2.Position(log_id=bytes(16), seq=1)
    with pytest.raises(CallError) as error:
        req.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"x", min_position=other), router_pb2.ClassifyResponse)
    assert error.value.code in (
        call_pb2.STATUS_CODE_FAILED_PRECONDITION,
        call_pb2.STATUS_CODE_INVALID_ARGUMENT,
    )
    late = common_pb2.Position(log_id=receipt.position.log_id, seq=10**9)
    with pytest.raises(CallError) as error:
        req.call(
            CLASSIFY, router_pb2.ClassifyRequest(text=b"x", min_position=late), router_pb2.ClassifyResponse, 200_000
        )
    assert error.value.code == call_pb2.STATUS_CODE_DEADLINE_EXCEEDED
