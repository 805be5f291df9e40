"""What a node made of more calls than it can do."""

import dataclasses

# Each call is answered by one of these, as docs/protocol.md has it; None, no answer at all, is none of them.
ANSWERS = {"OK", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """`status`: its name. `began` and `seconds`: when it was sent, and how long until its answer."""

    status: str
    began: float
    seconds: float
    retry_after: float = 0.0


def violations(outcomes, sent, strays):
    """One answer to each call, and none but those."""
    wrong = []
    if len(outcomes) != sent:
        wrong.append(f"{sent} calls were sent, {len(outcomes)} ended")
    if strays:
        wrong.append(f"{strays} calls had a second reply")
    for status in sorted({outcome.status for outcome in outcomes} - ANSWERS):
        count = sum(outcome.status == status for outcome in outcomes)
        wrong.append(f"{count} calls ended with {status}")
    if not any(outcome.status == "OK" for outcome in outcomes):
        wrong.append("no call was accepted")
    return wrong


def good_per_second(outcomes, deadline, seconds):
    """Accepted and answered before the deadline, by the second."""
    return sum(outcome.status == "OK" and outcome.seconds <= deadline for outcome in outcomes) / seconds


def late(outcomes, deadline, grace):
    """Accepted calls whose answer came after the deadline."""
    return sum(outcome.status == "OK" and outcome.seconds > deadline + grace for outcome in outcomes)


def recovery(outcomes, since, usual):
    """Seconds from `since`, when the overload ended, to the last call that was not answered at its usual pace.

    `usual`: the slowest that counts as usual.
    """
    bad = [outcome.began for outcome in outcomes if outcome.status != "OK" or outcome.seconds > usual]
    return max(0.0, max(bad, default=since) - since)
