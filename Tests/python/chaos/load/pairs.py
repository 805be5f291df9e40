"""Labelled utterances that a number and a seed fix, with vectors of their own, so that no encoder is needed."""

import dataclasses
import functools
import hashlib

import numpy
from switchboard.v1 import index_pb2

DIMENSION = 384
_THINGS = ("parcel", "kettle", "invoice", "ticket", "lamp", "account", "voucher", "subscription")
_TROUBLES = ("never arrived", "is broken", "shows the wrong sum", "was sent twice", "cannot be opened", "has expired")


def exemplar_id(vertical, text):
    """First 128 bits of SHA-256 over vertical, a zero byte and the normalised text."""
    return hashlib.sha256(vertical.encode() + b"\0" + text.encode()).digest()[:16]


def unit_vector(seed, number):
    """A direction that seed and number fix, as 32-bit figures."""
    vector = numpy.random.default_rng([seed, number]).standard_normal(DIMENSION).astype(numpy.float32)
    return vector / numpy.linalg.norm(vector)


@dataclasses.dataclass(frozen=True)
class Pair:
    vertical: str
    text: str
    intent: str
    seed: int
    number: int

    @property
    def id(self):
        return exemplar_id(self.vertical, self.text)

    @functools.cached_property
    def vector(self):
        return unit_vector(self.seed, self.number)

    def add_to(self, request, encoder_id):
        upsert = request.commands.add().upsert
        upsert.vertical, upsert.text, upsert.intent = self.vertical, self.text.encode(), self.intent.encode()
        if encoder_id is not None:
            upsert.vector.extend(self.vector.tolist())
            upsert.encoder_id = encoder_id


def make_pair(seed, number, vertical="chaos", intents=40):
    thing, trouble = _THINGS[number % len(_THINGS)], _TROUBLES[number // len(_THINGS) % len(_TROUBLES)]
    text = f"my {thing} number {seed}-{number} {trouble}"
    case = number % intents
    return Pair(vertical, text, f"group-{case % 5}/case-{case}", seed, number)


def append_request(operation_id, pairs, encoder_id, wait=index_pb2.WAIT_DURABLE, author=b"deploy/chaos"):
    """`encoder_id` None: the pairs go without their vectors, and the node makes some. `author` empty: the key is."""
    request = index_pb2.AppendRequest(operation_id=operation_id, source=b"chaos", author=author, wait=wait)
    for pair in pairs:
        pair.add_to(request, encoder_id)
    return request
