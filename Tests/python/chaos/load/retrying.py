"""Calls as a careful router makes them: repeated at another gateway as long as the caller's deadline allows."""

import dataclasses
import heapq
import itertools
import time

from chaos.load.calls import OK
from switchboard.v1 import call_pb2

# docs/protocol.md, "What a router does"; a deadline that passed counts too, since here the first try has a shorter one.
REPEATED = {
    None,
    call_pb2.STATUS_CODE_UNAVAILABLE,
    call_pb2.STATUS_CODE_RESOURCE_EXHAUSTED,
    call_pb2.STATUS_CODE_DEADLINE_EXCEEDED,
}


@dataclasses.dataclass
class Wish:
    """One thing that a caller wants. `began` and `deadline` are of time.monotonic()."""

    tag: object
    method: str
    payload: bytes
    began: float
    deadline: float
    tries: int = 0
    # Where the last try went.
    target: str = ""


@dataclasses.dataclass
class Granted:
    tag: object
    code: int | None
    message: str
    payload: bytes
    seconds: float
    tries: int


class RetryingCalls:
    """Each wish ends once: with OK, a status that is not to be repeated, or the last status when its time is over.

    With the code None where the last try had no answer long after its deadline.
    """

    PAUSE = 0.02
    # A reply to the last try is due at the deadline; what is not there so much later never comes, in seconds.
    HANG = 3.0

    def __init__(self, calls, targets, first_try):
        self.calls, self.targets, self.first_try = calls, targets, first_try
        self.again, self.order = [], itertools.count()
        self.open = 0

    def want(self, tag, method, payload, within):
        now = time.monotonic()
        self.open += 1
        self._try(Wish(tag, method, payload, now, now + within), now)

    def _try(self, wish, now):
        turn = next(self.order)
        if len(self.targets) > 1 and self.targets[turn % len(self.targets)] == wish.target:
            turn += 1
        wish.target = target = self.targets[turn % len(self.targets)]
        left = wish.deadline - now
        # The last try has all the time that is left.
        is_last = left <= 1.5 * self.first_try
        time_left = left if is_last else self.first_try
        wish.tries += 1
        self.calls.open(
            target, wish.method, wish.payload, time_left, wish, patience=time_left + (self.HANG if is_last else 0.2)
        )

    def pump(self, wait):
        granted = []
        if self.again:
            wait = min(wait, max(0.0, self.again[0][0] - time.monotonic()))
        for ended in self.calls.pump(wait):
            wish = ended.tag
            pause = max(self.PAUSE, min(ended.retry_after, 0.2))
            if ended.code in REPEATED and ended.ended + pause < wish.deadline:
                heapq.heappush(self.again, (ended.ended + pause, next(self.order), wish))
                continue
            self.open -= 1
            seconds = ended.ended - wish.began
            granted.append(Granted(wish.tag, ended.code, ended.message, ended.payload, seconds, wish.tries))
        now = time.monotonic()
        while self.again and self.again[0][0] <= now:
            self._try(heapq.heappop(self.again)[2], now)
        return granted

    def drain(self, limit):
        granted, deadline = [], time.monotonic() + limit
        while self.open and time.monotonic() < deadline:
            granted += self.pump(0.05)
        return granted


def is_in_time(granted, within, grace):
    """Answered before the deadline, with what the way back may take."""
    return granted.code == OK and granted.seconds <= within + grace
