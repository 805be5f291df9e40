"""Stands between a replica and the updater, passes everything on, and hears what the replica says of itself."""

import dataclasses
import threading
import time

import zmq
from zmq.utils.monitor import recv_monitor_message
from switchboard.v1 import call_pb2, index_pb2
from switchboard_client import connect


@dataclasses.dataclass(frozen=True)
class Stand:
    """Where a replica is, in its own words."""

    log_id: bytes
    seq: int
    digest: bytes


class Witness:
    """A ROUTER that replicas take for the updater, with a DEALER of its own to it for each of them. A thread of its own
    moves the frames.

    Where the updater's connection breaks, the replica's stream ends as it would have without the witness.

    A replica says position and digest only when it begins to follow. So `ask` ends its stream with UNAVAILABLE, as a
    restarting updater would, and hears what it says when it comes back a moment later.

    `key`: shown to an updater that takes keys; then replicas have to take the witness' own for the updater's, which
    `address` names.
    """

    FOLLOW = "switchboard.v1.Index/Follow"

    def __init__(self, context, updater, host="127.0.0.1", key=None):
        self.context, self.updater, self.key = context, updater, key
        self.front = context.socket(zmq.ROUTER)
        self.front.setsockopt(zmq.LINGER, 0)
        self.front.setsockopt(zmq.SNDHWM, 0)
        self.front.setsockopt(zmq.RCVHWM, 0)
        ending = ""
        if key:
            public, self.front.curve_secretkey = zmq.curve_keypair()
            self.front.curve_server = True
            ending = f"#{public.decode()}"
        self.address = f"tcp://{host}:{self.front.bind_to_random_port(f'tcp://{host}')}{ending}"
        self.backs, self.monitors, self.streams = {}, {}, {}
        self.stand = None
        self.heard = threading.Condition()
        self.wanted = threading.Event()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def ask(self, limit=20):
        """Where the replica is now; None where it does not come back in time."""
        with self.heard:
            self.stand = None
            self.wanted.set()
            self.heard.wait_for(lambda: self.stand is not None, timeout=limit)
            return self.stand

    def close(self):
        self.ending.set()
        self.thread.join()

    def _run(self):
        poller = zmq.Poller()
        poller.register(self.front, zmq.POLLIN)
        while not self.ending.is_set():
            for socket, _ in poller.poll(20):
                if socket is self.front:
                    self._from_replica(poller)
                elif socket in self.monitors:
                    recv_monitor_message(socket)
                    self._end_stream(self.monitors[socket], b"the updater is gone")
                else:
                    identity = next(name for name, back in self.backs.items() if back is socket)
                    self.front.send_multipart([identity, *socket.recv_multipart()])
            if self.wanted.is_set():
                # Where none is open the replica is about to open one.
                self.wanted.clear()
                for identity in list(self.streams):
                    self._end_stream(identity, b"the witness asks where you are")
        for back in self.backs.values():
            back.disable_monitor()
        for socket in [self.front, *self.monitors, *self.backs.values()]:
            socket.close()

    def _from_replica(self, poller):
        identity, *frames = self.front.recv_multipart()
        if identity not in self.backs:
            back = self.context.socket(zmq.DEALER)
            back.setsockopt(zmq.LINGER, 0)
            back.setsockopt(zmq.SNDHWM, 0)
            back.setsockopt(zmq.RCVHWM, 0)
            monitor = back.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            poller.register(monitor, zmq.POLLIN)
            self.monitors[monitor] = identity
            connect(back, self.updater, self.key)
            self.backs[identity] = back
            poller.register(back, zmq.POLLIN)
        header = call_pb2.Header.FromString(frames[-2])
        if header.method == self.FOLLOW:
            self.streams[identity] = header.call_id
        elif self.streams.get(identity) == header.call_id and header.kind == call_pb2.FRAME_KIND_MESSAGE:
            request = index_pb2.FollowRequest.FromString(frames[-1])
            if request.WhichOneof("kind") == "start":
                start = request.start
                with self.heard:
                    self.stand = Stand(start.position.log_id, start.position.seq, start.digest)
                    self.heard.notify_all()
        self.backs[identity].send_multipart(frames)

    def _end_stream(self, identity, reason):
        call_id = self.streams.pop(identity, None)
        if call_id is None:
            return
        status = call_pb2.Status(code=call_pb2.STATUS_CODE_UNAVAILABLE, message=reason)
        reply = call_pb2.Header(version=1, kind=call_pb2.FRAME_KIND_REPLY, call_id=call_id, status=status)
        self.front.send_multipart([identity, reply.SerializeToString(), b""])
        cancel = call_pb2.Header(version=1, kind=call_pb2.FRAME_KIND_CANCEL, call_id=call_id)
        self.backs[identity].send_multipart([cancel.SerializeToString(), b""])


def applied(retriever):
    """The record that it has applied by its metrics; -1 where it does not answer yet."""
    try:
        return retriever.metrics().get("switchboard_replica_applied_sequence", -1)
    except OSError:
        return -1


def stands_at(retriever, seq, limit=60):
    """What a replica says of itself once it has applied record `seq`. None where it does not get there."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if applied(retriever) >= seq:
            stand = retriever.witness.ask()
            if stand is not None and stand.seq >= seq:
                return stand
        time.sleep(0.1)
    return None


def check_replicas(retrievers, stats):
    """While nothing is appended: that each replica comes to the log's head, and with the log's digest."""
    head = stats.position.seq
    for retriever in retrievers:
        stand = stands_at(retriever, head)
        if stand is None:
            yield f"{retriever.name} did not come to record {head} within a minute"
        elif (stand.log_id, stand.seq, stand.digest) != (stats.position.log_id, head, stats.digest):
            yield f"{retriever.name} is at record {stand.seq} with another digest than the log's at {head}"
