"""Messages that are almost right, from a seeded generator: valid ones, mutated."""

import numpy
from switchboard.v1 import (
    call_pb2,
    common_pb2,
    health_pb2,
    index_pb2,
    retriever_pb2,
    router_pb2,
    scorer_pb2,
    worker_pb2,
)

KINDS = [number for name, number in call_pb2.FrameKind.items() if number]


def _seeds():
    """A valid request of each method: what is mutated, and where each may be found."""
    vector = (numpy.ones(384) / 384**0.5).tolist()
    append = index_pb2.AppendRequest(operation_id=b"fuzz", source=b"fuzz", author=b"fuzz", refuse_new_intents=True)
    upsert = append.commands.add().upsert
    # To a path that nobody has: what survives its mutation is refused.
    upsert.vertical, upsert.text, upsert.intent = "fuzz", b"garbage", b"nobody/has/this"
    follow = index_pb2.FollowRequest(start=index_pb2.FollowStart(name="fuzz", names_only=True, format=1))
    applied = index_pb2.FollowRequest(applied=index_pb2.FollowApplied(seq=2**63, encoder_ids=[bytes(32)]))
    hello = worker_pb2.WorkerMessage(
        hello=worker_pb2.WorkerHello(name="fuzz", services=["switchboard.v1.Fuzz"], encoder_id=bytes(32))
    )
    credit = worker_pb2.WorkerMessage(credit=worker_pb2.WorkerCredit(service="switchboard.v1.Fuzz", calls=2**32 - 1))
    result = worker_pb2.WorkerMessage(result=worker_pb2.WorkerResult(call_id=7, payload=b"garbage"))
    position = common_pb2.Position(log_id=bytes(16), seq=2**63)
    return {
        "Router/Classify": [
            router_pb2.ClassifyRequest(text=b"my parcel is late", evidence=5, do_not_store=True),
            router_pb2.ClassifyRequest(text=b"my parcel is late", exact=True, min_position=position, within=[b"a/b"]),
        ],
        "Router/Intents": [router_pb2.IntentsRequest(verticals=["orders"], then_changes=True)],
        "Retriever/Encode": [retriever_pb2.EncodeRequest(texts=[b"one", b"two"])],
        "Retriever/Retrieve": [retriever_pb2.RetrieveRequest(vector=vector, k=10, verticals=["orders"])],
        "Scorer/Score": [scorer_pb2.ScoreRequest(text=b"x", candidates=[b"a", b"b/c"])],
        "Worker/Attach": [hello, credit, result],
        "Index/Append": [append],
        "Index/Publish": [append],
        "Index/Follow": [follow, applied],
        "Index/Export": [index_pb2.ExportRequest(verticals=["fuzz"])],
        "Index/Stats": [index_pb2.StatsRequest()],
        "Index/Snapshot": [index_pb2.SnapshotRequest()],
        "Index/ListFeedback": [index_pb2.ListFeedbackRequest(after=2**63)],
        "Health/Watch": [health_pb2.HealthRequest(service="x")],
    }


class Fuzzer:
    """`message` gives the frames of one; most have one or a few faults, a few none and some no sense at all."""

    def __init__(self, random):
        self.random = random
        self.seeds = [
            (f"switchboard.v1.{method}", request.SerializeToString())
            for method, requests in _seeds().items() for request in requests
        ]

    def message(self):
        random = self.random
        method, payload = random.choice(self.seeds)
        header = call_pb2.Header(
            version=1 if random.random() < 0.95 else random.randrange(2**32),
            kind=call_pb2.FRAME_KIND_CALL if random.random() < 0.6 else random.choice(KINDS),
            call_id=random.randrange(12) if random.random() < 0.9 else random.randrange(2**64),
            method=method,
            time_left_us=random.choice([0, 1, 50_000, 2**63]),
            grant=random.choice([0, 1, 100, 2**32 - 1]),
        ).SerializeToString()
        if random.random() < 0.5:
            header = self.mutated(header)
        if random.random() < 0.7:
            payload = self.mutated(payload)
        frames = [header, payload]
        what = random.random()
        if what < 0.02:
            frames.insert(0, random.randbytes(random.randrange(300)))
        elif what < 0.04:
            frames = [random.randbytes(random.randrange(64)) for _ in range(random.randrange(1, 12))]
        elif what < 0.05:
            frames.pop()
        return frames

    def mutated(self, bytes_):
        """Some of: flipped bits, a cut, a repetition, foreign bytes, a length that lies, wild nesting."""
        random, data = self.random, bytearray(bytes_)
        for _ in range(random.choice([1, 1, 1, 2, 5])):
            place = random.randrange(len(data) + 1)
            what = random.randrange(6)
            if what == 0 and data:
                data[place % len(data)] ^= 1 << random.randrange(8)
            elif what == 1:
                del data[place:]
            elif what == 2:
                data[place:place] = data[place:place + random.randrange(40)] * random.randrange(1, 5)
            elif what == 3:
                data[place:place] = random.randbytes(random.randrange(1, 20))
            elif what == 4:
                # A field of bytes that says it is far longer than the message.
                tag = bytes([random.randrange(1, 16) << 3 | 2])
                data[place:place] = tag + b"\xff" * random.randrange(1, 10) + b"\x01"
            else:
                data[place:place] = b"\x0a\x7e" * random.randrange(1, 60)
            if len(data) > 16_384:
                del data[16_384:]
        return bytes(data)
