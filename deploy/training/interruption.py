"""An end that was asked for from outside."""

import signal
from types import FrameType


class Interruption:
    """Notes that SIGTERM or SIGINT asked for the end, so that what was learnt is written before; a second one ends at once."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.before: dict = {}

    def __enter__(self) -> "Interruption":
        self.before = {number: signal.signal(number, self.note) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def note(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        self.__exit__()
