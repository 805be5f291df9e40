"""Whether times that nodes show follow the clocks that they were given."""

import bisect
import dataclasses

# What a written time may be off by: an answer that is made once a second, a machine with other work on it.
SLACK = 5.0
# A jump that nobody can take for a slow machine.
FAR = 3_600.0


@dataclasses.dataclass(frozen=True)
class Shown:
    """A time that a node wrote between `began` and `ended`, in seconds since 1970; `time` is by the node's clock."""

    time: float
    began: float
    ended: float


class ClockHistory:
    """By how much a clock was ahead, and from when on; in seconds."""

    def __init__(self, began):
        self.times, self.offsets = [began], [0.0]

    def set(self, time, offset):
        self.times.append(time)
        self.offsets.append(offset)

    def offsets_within(self, began, ended):
        """All that were in force at some time of it."""
        first = max(0, bisect.bisect_right(self.times, began) - 1)
        return self.offsets[first:max(first + 1, bisect.bisect_right(self.times, ended))]

    def explains(self, shown):
        return any(
            shown.began + offset - SLACK <= shown.time <= shown.ended + offset + SLACK
            for offset in self.offsets_within(shown.began, shown.ended)
        )


def unseen(name, history, all_shown):
    """Sentences where what a node wrote is not by its clock, or shows no jump in either direction: then nothing was
    shown with it."""
    wrong = [
        f"{name} wrote a time that is {shown.time - shown.began:.0f} s from the machine's, which its clock was not"
        for shown in all_shown if not history.explains(shown)
    ]
    for words, sign in (("ahead", 1), ("behind", -1)):
        if not any(sign * (shown.time - shown.ended) > FAR for shown in all_shown):
            wrong.append(f"the jump was not seen: {name} wrote nothing while its clock was {words}")
    return wrong


def out_of_order(sequences):
    """`sequences`: of the log's records as they are read. Sentences about gaps and steps back."""
    return [
        f"after record {before} comes {after}" for before, after in zip(sequences, sequences[1:]) if after != before + 1
    ]
