"""Many calls in flight from one thread, each of which ends exactly once: with its reply, or as unanswered."""

import dataclasses
import heapq
import itertools
import time

import zmq
from switchboard.v1 import call_pb2
from switchboard_client import connect

OK = call_pb2.STATUS_CODE_OK
CLASSIFY = "switchboard.v1.Router/Classify"
RETRIEVE = "switchboard.v1.Retriever/Retrieve"
ENCODE = "switchboard.v1.Retriever/Encode"
SCORE = "switchboard.v1.Scorer/Score"
APPEND = "switchboard.v1.Index/Append"
STATS = "switchboard.v1.Index/Stats"


def status_name(code):
    return "no answer" if code is None else call_pb2.StatusCode.Name(code).removeprefix("STATUS_CODE_")


@dataclasses.dataclass
class Ended:
    """`code` None: nothing came in time. Times are of time.monotonic()."""

    tag: object
    target: str
    code: int | None
    message: str
    payload: bytes
    began: float
    ended: float
    retry_after: float = 0.0


class Calls:
    """Sockets to several addresses. `open` sends, `pump` receives.

    Replies to no open call are `strays` (a second reply to one call), or `late` where the call had been given up here.
    `key` is shown to nodes whose addresses have a key of theirs.
    """

    # A reply is due at the deadline; beyond it and this it counts as missing, in seconds.
    GRACE = 2.0

    def __init__(self, context, sockets_each=1, key=None):
        self.context, self.sockets_each, self.key = context, sockets_each, key
        self.poller = zmq.Poller()
        self.sockets, self.turn = {}, {}
        self.numbers = itertools.count(1)
        self.waiting, self.ends = {}, []
        self.given_up = set()
        self.strays = self.late = 0

    def __len__(self):
        return len(self.waiting)

    def _socket(self, target):
        if target not in self.sockets:
            made = []
            for _ in range(self.sockets_each):
                socket = self.context.socket(zmq.DEALER)
                socket.setsockopt(zmq.LINGER, 0)
                socket.setsockopt(zmq.SNDHWM, 0)
                socket.setsockopt(zmq.RCVHWM, 0)
                socket.setsockopt(zmq.RECONNECT_IVL, 20)
                socket.setsockopt(zmq.RECONNECT_IVL_MAX, 200)
                connect(socket, target, self.key)
                self.poller.register(socket, zmq.POLLIN)
                made.append(socket)
            self.sockets[target] = made
            self.turn[target] = itertools.cycle(made)
        return next(self.turn[target])

    def open(self, target, method, payload, time_left, tag=None, patience=None):
        """Sends one unary call.

        `time_left` is the deadline that the node is told, `patience` when it is given up here; both in seconds.
        """
        number = next(self.numbers)
        header = call_pb2.Header(
            version=1, kind=call_pb2.FRAME_KIND_CALL, call_id=number, method=method,
            time_left_us=max(1, int(time_left * 1e6)),
        )
        socket = self._socket(target)
        now = time.monotonic()
        socket.send_multipart([header.SerializeToString(), payload])
        self.waiting[number] = (tag, target, socket, now)
        heapq.heappush(self.ends, (now + (time_left + self.GRACE if patience is None else patience), number))
        return number

    def forget(self, target):
        """Drops the connections to a place that died, with what is queued for it; its open calls end as unanswered."""
        for socket in self.sockets.pop(target, []):
            self.poller.unregister(socket)
            socket.close()
        ended = []
        for number, (tag, place, _, began) in list(self.waiting.items()):
            if place == target:
                del self.waiting[number]
                ended.append(Ended(tag, place, None, "", b"", began, time.monotonic()))
        return ended

    def pump(self, wait):
        """What ended, after at most `wait` seconds."""
        ended = []
        if self.ends:
            wait = min(wait, max(0.0, self.ends[0][0] - time.monotonic()))
        for socket, _ in self.poller.poll(max(0, int(wait * 1_000 + 0.5))):
            while True:
                try:
                    frames = socket.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                header = call_pb2.Header.FromString(frames[-2])
                if header.kind != call_pb2.FRAME_KIND_REPLY:
                    continue
                found = self.waiting.pop(header.call_id, None)
                if found is None:
                    self.late += header.call_id in self.given_up
                    self.strays += header.call_id not in self.given_up
                    continue
                tag, target, _, began = found
                status = header.status
                ended.append(
                    Ended(
                        tag, target, status.code, status.message.decode(errors="replace"), frames[-1], began,
                        time.monotonic(), status.retry_after_us / 1e6,
                    )
                )
        now = time.monotonic()
        while self.ends and self.ends[0][0] <= now:
            _, number = heapq.heappop(self.ends)
            found = self.waiting.pop(number, None)
            if found is None:
                continue
            tag, target, socket, began = found
            self.given_up.add(number)
            cancel = call_pb2.Header(version=1, kind=call_pb2.FRAME_KIND_CANCEL, call_id=number)
            socket.send_multipart([cancel.SerializeToString(), b""])
            ended.append(Ended(tag, target, None, "", b"", began, now))
        return ended

    def drain(self, limit):
        """Pumps until nothing is open, at most `limit` seconds."""
        ended, deadline = [], time.monotonic() + limit
        while self.waiting and time.monotonic() < deadline:
            ended += self.pump(0.05)
        return ended

    def close(self):
        for sockets in self.sockets.values():
            for socket in sockets:
                socket.close()
