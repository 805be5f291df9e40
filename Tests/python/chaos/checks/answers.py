"""Whether an answer is the right one, where the right one is known."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Equal:
    """The utterance equals an exemplar: its intent, decided by EXACT."""

    intent: str


@dataclasses.dataclass(frozen=True)
class Leading:
    """What the cluster answered while nothing was broken; its lead was clear."""

    intent: str


@dataclasses.dataclass(frozen=True)
class Scores:
    """Log-probabilities while nothing was broken. Beside others llama.cpp rounds otherwise (architecture.md)."""

    logprobs: tuple
    TOLERANCE = 0.15


@dataclasses.dataclass(frozen=True)
class Answer:
    """Of a Classify: text as it came back, leading candidate, what decided. Of a Score: `logprobs`."""

    text: str = ""
    leader: str = ""
    decided_exactly: bool = False
    logprobs: tuple = ()


def fault(expected, text, answer):
    """A sentence where the answer is wrong, else None. `text`: what was asked."""
    if isinstance(expected, Scores):
        if len(answer.logprobs) != len(expected.logprobs):
            return f"{len(answer.logprobs)} candidates were scored of {len(expected.logprobs)}"
        off = max(abs(one - other) for one, other in zip(answer.logprobs, expected.logprobs))
        return f"a log-probability is off by {off:.3f}" if not off <= Scores.TOLERANCE else None
    if answer.text != text:
        return f"'{text}' was answered as '{answer.text}'"
    if answer.leader != expected.intent:
        return f"'{text}' was answered with '{answer.leader}' instead of '{expected.intent}'"
    if isinstance(expected, Equal) and not answer.decided_exactly:
        return f"'{text}' equals an exemplar, and that did not decide"
    return None


@dataclasses.dataclass
class Tally:
    """Of calls with a deadline: right and in time, late, refused with which status, never answered."""

    right: int = 0
    late: int = 0
    hanging: int = 0
    refused: dict = dataclasses.field(default_factory=dict)
    faults: list = dataclasses.field(default_factory=list)

    @property
    def all(self):
        return self.right + self.late + self.hanging + sum(self.refused.values()) + len(self.faults)

    @property
    def share(self):
        return self.right / self.all if self.all else 0.0

    def violations(self, allowed):
        """`allowed`: statuses that say clearly that the call may be repeated or came too late."""
        wrong = list(self.faults)
        if self.hanging:
            wrong.append(f"{self.hanging} calls had no answer long after their deadline")
        return wrong + [
            f"{count} calls were answered with {status}"
            for status, count in self.refused.items() if status not in allowed
        ]
