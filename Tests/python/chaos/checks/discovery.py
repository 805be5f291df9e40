"""Whether a run that was ended again and again proposes what one in peace does, and what was accepted is there once."""

import collections
import dataclasses


@dataclasses.dataclass(frozen=True)
class Found:
    """A proposal without its ids, which follow from the run's. `members`: text, calls, conversations, centrality."""

    vertical: str
    role: int
    name: str
    source: int
    keywords: tuple
    judgement: tuple
    relation: tuple
    continuity: int
    members: tuple


def differences(calm, hurt):
    """Sentences about what two runs over equal utterances do not have in common. Both in any order."""
    if not calm:
        return ["the run in peace proposes nothing, so that there is nothing to compare"]
    counts = collections.Counter(hurt)
    counts.subtract(collections.Counter(calm))
    return [
        f"{found.name} of {found.vertical} ({len(found.members)} utterances) is proposed by "
        + ("the run that was ended" if count > 0 else "the run in peace")
        + f" {abs(count)} times more than by the other"
        for found, count in counts.items()
        if count
    ]


def accepted_once(accepted, upserts, exported):
    """`accepted`: intent by (vertical, text). `upserts`: of the whole log, and `exported`: as it is now, both as
    (vertical, text, intent) in any order, of what was accepted and of all else."""
    wrong = []
    for words, entries in (("the log has", upserts), ("the export has", exported)):
        places = collections.defaultdict(list)
        for vertical, text, intent in entries:
            places[vertical, text].append(intent)
        for key, intent in accepted.items():
            found = places.get(key, [])
            if found != [intent]:
                wrong.append(f"{words} {key[1]!r} {len(found)} times ({', '.join(found)}), which was accepted as {intent}")
    return wrong
