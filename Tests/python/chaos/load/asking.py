"""Single questions to a node, one after the other: what scenarios need beside their load."""

import time

from switchboard.v1 import call_pb2, index_pb2, retriever_pb2
from switchboard_client import CallError, DealerClient, ReqClient

from chaos.load import calls
from chaos.load.pairs import append_request


def ask(context, address, method, request, response_type, seconds=30, key=None):
    client = ReqClient(context, address, timeout_ms=int((seconds + 2) * 1_000), key=key)
    try:
        return client.call(method, request, response_type, int(seconds * 1e6))
    finally:
        client.close()


def stats(context, index, key=None):
    return ask(context, index, calls.STATS, index_pb2.StatsRequest(), index_pb2.StatsResponse, key=key)


def append(context, index, request, seconds=30, key=None):
    return ask(context, index, calls.APPEND, request, index_pb2.AppendReceipt, seconds, key)


def encoder_id(context, router, key=None):
    """The id of the encoder that the cluster works with."""
    request = retriever_pb2.EncodeRequest(texts=[b"which encoder is this"])
    return ask(context, router, calls.ENCODE, request, retriever_pb2.EncodeResponse, 60, key).encoder_id


def load_pairs(context, index, pairs, encoder, name, batch=200):
    """Appends all of them and waits until every replica has them."""
    receipt = None
    for start in range(0, len(pairs), batch):
        request = append_request(f"{name}-{start}".encode(), pairs[start:start + batch], encoder)
        if start + batch >= len(pairs):
            request.wait, request.wait_limit_us = index_pb2.WAIT_APPLIED, 30_000_000
        receipt = append(context, index, request, 60)
    return receipt


def _messages(client, call_id, grant):
    """The messages of a server stream until its end; a window of `grant`, renewed one by one."""
    while True:
        header, payload = client.receive()
        if header.call_id != call_id:
            continue
        if header.kind == call_pb2.FRAME_KIND_REPLY:
            if header.status.code != call_pb2.STATUS_CODE_OK:
                raise CallError(header.status)
            return
        if header.kind == call_pb2.FRAME_KIND_MESSAGE:
            client.send(call_id, call_pb2.FRAME_KIND_GRANT, grant=1)
            yield payload


def export(context, index, vectors=False, key=None):
    """All live exemplars."""
    client = DealerClient(context, index, timeout_ms=60_000, key=key)
    try:
        request = index_pb2.ExportRequest(vectors=vectors)
        call_id = client.open("switchboard.v1.Index/Export", request, grant=16)
        return [
            exemplar
            for payload in _messages(client, call_id, 16)
            for exemplar in index_pb2.ExportResponse.FromString(payload).exemplars
        ]
    finally:
        client.close()


def records(context, index, log_id=b"", after=0, key=None):
    """The log's records after a place up to the head as it is now, as a follower gets them."""
    client = DealerClient(context, index, timeout_ms=60_000, key=key)
    method = "switchboard.v1.Index/Follow"
    call_id = client.open(method, grant=64)
    try:
        # Names only would come without text and vector. A reader takes any format: it is no replica.
        start = index_pb2.FollowStart(name="chaos-reader", format=1_000)
        if after:
            start.position.log_id, start.position.seq = log_id, after
        begun, head, place = False, None, after
        while head is None or place < head:
            header, payload = client.receive()
            if header.kind == call_pb2.FRAME_KIND_GRANT and not begun and header.grant:
                begun = True
                request = index_pb2.FollowRequest(start=start)
                client.send(call_id, call_pb2.FRAME_KIND_MESSAGE, request.SerializeToString())
            elif header.kind == call_pb2.FRAME_KIND_REPLY:
                raise CallError(header.status)
            elif header.kind == call_pb2.FRAME_KIND_MESSAGE:
                client.send(call_id, call_pb2.FRAME_KIND_GRANT, grant=1)
                response = index_pb2.FollowResponse.FromString(payload)
                if response.WhichOneof("kind") == "accepted":
                    head = response.accepted.head.seq
                for record in response.records.records:
                    place = record.seq
                    yield record
    finally:
        client.send(call_id, call_pb2.FRAME_KIND_CANCEL)
        # The cancellation is to leave before the socket goes.
        client.socket.close(linger=500)


def until_answered(question, limit, pause=0.1):
    """Asks again and again while the node is not there; the last failure where it never is."""
    deadline = time.monotonic() + limit
    while True:
        try:
            return question()
        except Exception as error:  # noqa: BLE001 - a time-out of zmq, or a status
            if time.monotonic() > deadline:
                raise error
            time.sleep(pause)
