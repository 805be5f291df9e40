"""A router in Python, written from Protos/ and docs/protocol.md alone: pyzmq and Google's protobuf, nothing else."""

import itertools
import os
import stat
import time

import zmq
from switchboard.v1 import call_pb2

VERSION = 1


class CallError(Exception):
    """A status other than OK."""

    def __init__(self, status):
        super().__init__(f"{call_pb2.StatusCode.Name(status.code)}: {status.message.decode()}")
        self.code = status.code
        self.message = status.message.decode()
        self.retry_after_us = status.retry_after_us


class KeyFile:
    """A key pair in a file that `switchboard keys generate` made; closed to others, or refused."""

    def __init__(self, path):
        if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            raise PermissionError(f"{path} can be read by others; chmod 600 {path}")
        with open(path, encoding="ascii") as file:
            lines = dict(line.rstrip("\n").split(": ", 1) for line in file if not line.startswith("# "))
        self.public = lines["public"].encode()
        self._secret = lines["secret"].encode()

    def use(self, socket):
        socket.curve_publickey = self.public
        socket.curve_secretkey = self._secret


def connect(socket, address, key=None):
    """Connects to tcp://host:port, or to tcp://host:port#PUBLICKEY with a key of one's own."""
    place, _, server_key = address.partition("#")
    if server_key:
        socket.curve_serverkey = server_key.encode()
        key.use(socket)
    socket.connect(place)


class ReqClient:
    """One call at a time on a REQ socket, with the options that docs/protocol.md asks for."""

    def __init__(self, context, address, timeout_ms=10_000, key=None):
        self.socket = context.socket(zmq.REQ)
        self.socket.setsockopt(zmq.REQ_RELAXED, 1)
        self.socket.setsockopt(zmq.REQ_CORRELATE, 1)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, timeout_ms)
        connect(self.socket, address, key)

    def call(self, method, request, response_type, time_left_us=0):
        header = call_pb2.Header(
            version=VERSION, kind=call_pb2.FRAME_KIND_CALL, method=method, time_left_us=time_left_us
        )
        return self.call_raw([header.SerializeToString(), request.SerializeToString()], response_type)

    def call_raw(self, frames, response_type=None):
        self.socket.send_multipart(frames)
        header, payload = self.socket.recv_multipart()[-2:]
        header = call_pb2.Header.FromString(header)
        if header.status.code != call_pb2.STATUS_CODE_OK:
            raise CallError(header.status)
        return response_type.FromString(payload) if response_type else payload

    def close(self):
        self.socket.close()


class GatewaysClient:
    """One call at a time to several gateways: goes on with another where one does not answer or has no room.

    What a gateway answers may be asked again: Classify, Encode, Retrieve and Score change nothing, Feedback of the same
    source on the same reply replaces the first.
    """

    ELSEWHERE = (call_pb2.STATUS_CODE_UNAVAILABLE, call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED)

    def __init__(self, context, addresses, key=None):
        self.clients = [ReqClient(context, address, key=key) for address in addresses]

    def call(self, method, request, response_type, time_left_us=2_000_000):
        deadline = time.monotonic() + time_left_us / 1e6
        failure = None
        for tried, client in enumerate(list(self.clients)):
            # Each gets its share of the time, as a gateway that has died says nothing.
            share = (deadline - time.monotonic()) / (len(self.clients) - tried)
            if share <= 0:
                break
            client.socket.setsockopt(zmq.RCVTIMEO, max(1, int(share * 1e3)))
            try:
                return client.call(method, request, response_type, max(1, int(share * 1e6)))
            except zmq.Again as error:
                failure = error
            except CallError as error:
                if error.code not in self.ELSEWHERE:
                    raise
                failure = error
            # The next call begins with another.
            self.clients.append(self.clients.pop(0))
        raise failure or TimeoutError("no gateway answered in time")

    def close(self):
        for client in self.clients:
            client.close()


class DealerClient:
    """Many calls in flight, and streams, on a DEALER socket."""

    def __init__(self, context, address, timeout_ms=20_000, key=None):
        self.socket = context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, timeout_ms)
        connect(self.socket, address, key)
        self.ids = itertools.count(1)

    def open(self, method, request=None, time_left_us=0, grant=0):
        call_id = next(self.ids)
        header = call_pb2.Header(
            version=VERSION,
            kind=call_pb2.FRAME_KIND_CALL,
            call_id=call_id,
            method=method,
            time_left_us=time_left_us,
            grant=grant,
        )
        payload = request.SerializeToString() if request is not None else b""
        self.socket.send_multipart([header.SerializeToString(), payload])
        return call_id

    def send(self, call_id, kind, payload=b"", grant=0):
        header = call_pb2.Header(version=VERSION, kind=kind, call_id=call_id, grant=grant)
        self.socket.send_multipart([header.SerializeToString(), payload])

    def receive(self):
        header, payload = self.socket.recv_multipart()[-2:]
        return call_pb2.Header.FromString(header), payload

    def close(self):
        self.socket.close()
