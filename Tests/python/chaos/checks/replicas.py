"""Whether replicas say the same."""

TIMINGS = ("queue_us", "encode_us", "search_us")


def comparable(response):
    """An answer without what depends on the moment, as bytes: equal bits, equal answers."""
    copy = type(response)()
    copy.CopyFrom(response)
    for field in TIMINGS:
        copy.ClearField(field)
    return copy.SerializeToString(deterministic=True)


def differences(answers):
    """`answers`: by replica's name, one list in the order of the queries. Sentences about what differs."""
    names = sorted(answers)
    first = answers[names[0]]
    for name in names[1:]:
        if len(answers[name]) != len(first):
            yield f"{name} answered {len(answers[name])} queries, {names[0]} {len(first)}"
            continue
        differing = [number for number, (one, other) in enumerate(zip(first, answers[name])) if one != other]
        if differing:
            share = f"{len(differing)} of {len(first)}"
            yield f"{name} and {names[0]} differ in {share} answers, first in query {differing[0]}"
