"""Bad input through a socket: a clear status, and the node lives on."""

import ctypes
import time
import urllib.request

import pytest
import zmq
from conftest import Node
from switchboard.v1 import call_pb2, common_pb2, index_pb2, router_pb2
from switchboard_client import CallError, DealerClient, ReqClient

CLASSIFY = "switchboard.v1.Router/Classify"
APPEND = "switchboard.v1.Index/Append"
INVALID = call_pb2.STATUS_CODE_INVALID_ARGUMENT


@pytest.fixture
def req(filled, context):
    client = ReqClient(context, filled[0].router)
    yield client
    # The node lives on.
    reply = client.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"still there?"), router_pb2.ClassifyResponse)
    assert reply.text == b"still there?"
    client.close()


@pytest.fixture
def index(filled, context):
    client = ReqClient(context, filled[0].index)
    yield client
    stats = client.call("switchboard.v1.Index/Stats", index_pb2.StatsRequest(), index_pb2.StatsResponse)
    assert stats.position.seq > 0
    client.close()


def header(method=CLASSIFY, version=1, kind=call_pb2.FRAME_KIND_CALL, time_left_us=0):
    return call_pb2.Header(version=version, kind=kind, method=method, time_left_us=time_left_us).SerializeToString()


@pytest.mark.parametrize(
    "text",
    [b"", b"  \t ", b"a" * 1_000_000, b"\xff\xfe", b"a\x00b", b"\xc3"],
    ids=["empty", "white space", "1 MB", "invalid UTF-8", "NUL", "cut-off UTF-8"],
)
def test_text_that_is_none_is_refused(req, text):
    with pytest.raises(CallError) as error:
        req.call(CLASSIFY, router_pb2.ClassifyRequest(text=text), router_pb2.ClassifyResponse)
    assert error.value.code == INVALID
    assert "text" in error.value.message


@pytest.mark.parametrize("text", ["\U0001F4E6 \U0001F62D where is it", "\u05d0\u05d9\u05e4\u05d4 \u05d4\u05d7\u05d1\u05d9\u05dc\u05d4"])
def test_any_script_is_classified(req, text):
    reply = req.call(CLASSIFY, router_pb2.ClassifyRequest(text=text.encode()), router_pb2.ClassifyResponse)
    assert reply.text.decode() == text


def test_a_newer_header_is_refused(req):
    with pytest.raises(CallError) as error:
        req.call_raw([header(version=99), router_pb2.ClassifyRequest(text=b"x").SerializeToString()])
    assert error.value.code in (INVALID, call_pb2.STATUS_CODE_UNIMPLEMENTED)


def test_a_newer_header_is_answered_with_its_call_id(filled, context, req):
    dealer = DealerClient(context, filled[0].router)
    newer = call_pb2.Header(version=99, kind=call_pb2.FRAME_KIND_CALL, call_id=7, method=CLASSIFY)
    dealer.socket.send_multipart([newer.SerializeToString(), b""])
    answer, _ = dealer.receive()
    assert (answer.call_id, answer.status.code) == (7, call_pb2.STATUS_CODE_UNIMPLEMENTED)
    dealer.close()


def test_a_stream_without_a_call_id_is_refused(filled, context, req):
    dealer = DealerClient(context, filled[0].router)
    dealer.ids = iter([0])
    dealer.open("switchboard.v1.Router/Intents", router_pb2.IntentsRequest(), grant=10)
    answer, _ = dealer.receive()
    assert (answer.kind, answer.status.code) == (call_pb2.FRAME_KIND_REPLY, INVALID)
    dealer.close()


@pytest.mark.parametrize(
    "frame",
    [b"\x08", b"\xff" * 40, b"garbage that is no header", b"\x08\x01\x10\x01" + b"\x42\x00" * 40_000],
    ids=["cut off", "no field", "words", "80 KB"],
)
def test_what_is_no_header_is_refused(req, frame):
    with pytest.raises(CallError) as error:
        req.call_raw([frame, b""])
    assert error.value.code == INVALID


def test_an_unknown_method_is_unimplemented(req):
    with pytest.raises(CallError) as error:
        req.call("switchboard.v1.Router/Guess", router_pb2.ClassifyRequest(text=b"x"), router_pb2.ClassifyResponse)
    assert error.value.code == call_pb2.STATUS_CODE_UNIMPLEMENTED


def test_what_another_port_answers_is_unimplemented(index):
    with pytest.raises(CallError) as error:
        index.call("switchboard.v1.Scorer/Judge", index_pb2.StatsRequest(), index_pb2.StatsResponse)
    assert error.value.code == call_pb2.STATUS_CODE_UNIMPLEMENTED


def test_a_payload_of_another_type_is_refused(req):
    payload = index_pb2.AppendRequest(operation_id=b"x", refuse_new_intents=True).SerializeToString()
    with pytest.raises(CallError) as error:
        req.call_raw([header(), b"\xff" * 30 + payload])
    assert error.value.code == INVALID


def test_a_deadline_that_has_passed_is_told(req):
    with pytest.raises(CallError) as error:
        req.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"x"), router_pb2.ClassifyResponse, time_left_us=1)
    assert error.value.code in (
        call_pb2.STATUS_CODE_DEADLINE_EXCEEDED,
        call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED,
    )


def test_one_frame_and_fifty_frames_do_no_harm(filled, context, req):
    dealer = context.socket(zmq.DEALER)
    dealer.setsockopt(zmq.LINGER, 1_000)
    dealer.connect(filled[0].router)
    for _ in range(100):
        dealer.send_multipart([b"alone"])
        dealer.send_multipart([b"frame"] * 50)
    dealer.close()


def test_a_client_that_never_reads_does_no_harm(filled, context, req):
    dealer = DealerClient(context, filled[0].router)
    for _ in range(10_000):
        dealer.open(CLASSIFY, router_pb2.ClassifyRequest(text=b"where is my box"))
    reply = req.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"me too"), router_pb2.ClassifyResponse, 30_000_000)
    assert reply.text == b"me too"
    dealer.close()


def test_calls_that_wait_for_a_far_record_hold_up_nobody(filled, context, req):
    _, receipt = filled
    far = common_pb2.Position(log_id=receipt.position.log_id, seq=2**62)
    dealer = DealerClient(context, filled[0].router)
    request = router_pb2.ClassifyRequest(text=b"where is my box", min_position=far)
    for _ in range(100):
        dealer.open(CLASSIFY, request, time_left_us=5_000_000)
    reply = req.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"me too"), router_pb2.ClassifyResponse)
    assert reply.text == b"me too"
    codes = {dealer.receive()[0].status.code for _ in range(100)}
    assert codes == {call_pb2.STATUS_CODE_DEADLINE_EXCEEDED}
    dealer.close()


def test_a_client_that_goes_away_in_mid_stream_does_no_harm(filled, context, req):
    for _ in range(20):
        dealer = DealerClient(context, filled[0].router)
        dealer.open("switchboard.v1.Router/Intents", router_pb2.IntentsRequest(then_changes=True), grant=1)
        dealer.receive()
        dealer.close()


def test_idle_streams_keep_no_calls_out(filled, context, req):
    dealers = [DealerClient(context, filled[0].router) for _ in range(5)]
    for dealer in dealers:
        for _ in range(80):
            dealer.open("switchboard.v1.Router/Intents", router_pb2.IntentsRequest(then_changes=True), grant=10)
    for dealer in dealers:
        refused = 0
        while refused < 16:
            answer, _ = dealer.receive()
            if answer.kind == call_pb2.FRAME_KIND_REPLY:
                assert answer.status.code == call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED
                refused += 1
    reply = req.call(CLASSIFY, router_pb2.ClassifyRequest(text=b"me too"), router_pb2.ClassifyResponse)
    assert reply.text == b"me too"
    for dealer in dealers:
        dealer.close()


def append(index, operation, **upsert):
    request = index_pb2.AppendRequest(operation_id=operation, source=b"tests", author=b"python")
    command = request.commands.add()
    for key, value in upsert.items():
        if key == "vector":
            command.upsert.vector.extend(value)
        else:
            setattr(command.upsert, key, value)
    return index.call(APPEND, request, index_pb2.AppendReceipt, 30_000_000)


@pytest.mark.parametrize(
    "intent",
    [b"", b"/", b"a//b", b"a/", b"1/2/3/4/5/6/7/8/9", b"a\x01b", b"\xff", b"x" * 65],
    ids=["empty", "slash", "empty level", "empty leaf", "nine levels", "control", "no UTF-8", "long level"],
)
def test_bad_intent_paths_are_refused(index, intent):
    with pytest.raises(CallError) as error:
        append(index, b"bad-path", vertical="shop", text=b"hello", intent=intent)
    assert error.value.code == INVALID


@pytest.mark.parametrize("vertical", ["Shop", "a b", "x" * 65])
def test_bad_verticals_are_refused(index, vertical):
    with pytest.raises(CallError) as error:
        append(index, b"bad-vertical", vertical=vertical, text=b"hello", intent=b"a")
    assert error.value.code == INVALID


def test_vectors_that_do_not_fit_are_refused(filled, index):
    stats = index.call("switchboard.v1.Index/Stats", index_pb2.StatsRequest(), index_pb2.StatsResponse)
    unit = [1.0] + [0.0] * 383
    cases = [
        (b"short", unit[:100], stats.encoder_id),
        (b"nan", [float("nan")] + unit[1:], stats.encoder_id),
        (b"other-encoder", unit, bytes(32)),
    ]
    for operation, vector, encoder in cases:
        with pytest.raises(CallError) as error:
            append(index, operation, vertical="shop", text=b"hi " + operation, intent=b"a", vector=vector,
                   encoder_id=encoder)
        assert error.value.code in (INVALID, call_pb2.STATUS_CODE_FAILED_PRECONDITION), operation


def test_an_operation_sent_again_has_no_second_effect(index):
    first = append(index, b"twice", vertical="shop", text=b"sent two times", intent=b"a/b")
    again = append(index, b"twice", vertical="shop", text=b"sent two times", intent=b"a/b")
    assert (first.added, again.added) == (1, 1)
    assert again.repeated_operation and not first.repeated_operation
    assert again.position == first.position
    with pytest.raises(CallError) as error:
        append(index, b"twice", vertical="shop", text=b"something else", intent=b"a/b")
    assert error.value.code == call_pb2.STATUS_CODE_ALREADY_EXISTS


def test_refused_input_is_counted(filled, req):
    node = filled[0]
    assert node.http, "the node tells where its metrics are"
    with urllib.request.urlopen(f"http://{node.http}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert "switchboard_refused_total" in text
    assert "switchboard_classify_total" in text


@pytest.mark.parametrize("after", [2**63 - 1, 2**63, 2**64 - 1])
def test_feedback_beyond_the_last_is_an_empty_list(filled, context, after):
    dealer = DealerClient(context, filled[0].index)
    call = dealer.open("switchboard.v1.Index/ListFeedback", index_pb2.ListFeedbackRequest(after=after), grant=8)
    header, _ = dealer.receive()
    assert header.call_id == call
    assert header.status.code == call_pb2.STATUS_CODE_OK
    dealer.close()


def test_exports_that_nobody_reads_are_few(filled, context):
    dealer = DealerClient(context, filled[0].index)
    for _ in range(9):
        dealer.open("switchboard.v1.Index/Export", index_pb2.ExportRequest())
    header, _ = dealer.receive()
    assert header.status.code == call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED
    dealer.close()


def test_a_routing_id_that_the_server_gives_next_cannot_be_guessed(request, context, tmp_path):
    node = Node(
        request.config.getoption("--switchboard"), tmp_path, "--roles", "gateway", "updater", "--scorer", "none", waits=False
    )
    library = ctypes.CDLL(None)
    library.srand(1)
    drawn = [library.rand() for _ in range(16)]
    takers = []
    # What libzmq's ROUTER begins with where nobody gives rand a seed: two draws each, router, worker and index in some order.
    for low, high in zip(drawn[::2], drawn[1::2]):
        first = (low | high << 31) % 2**32
        for address in (node.router, node.worker, node.index):
            for number in range(16):
                taker = context.socket(zmq.DEALER)
                taker.routing_id = b"\0" + ((first + number) % 2**32).to_bytes(4, "big")
                taker.connect(address)
                takers.append(taker)
    time.sleep(1)
    for address in (node.router, node.worker, node.index):
        client = DealerClient(context, address)
        client.open("switchboard.v1.Health/Check", common_pb2.Position())
        assert client.receive()[0].kind == call_pb2.FRAME_KIND_REPLY
        client.close()
    for taker in takers:
        taker.close(linger=0)
    assert node.stop() == 0
