"""Whether a process grows under a load that does not."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Sample:
    seconds: float
    resident: int
    threads: int
    descriptors: int


def _windows(samples, share):
    """The samples of the `share` of the time after the first third, and of that at the end."""
    first, last = samples[0].seconds, samples[-1].seconds
    length = share * (last - first)
    warm = first + (last - first) / 3
    early = [sample for sample in samples if warm <= sample.seconds <= warm + length]
    late = [sample for sample in samples if sample.seconds >= last - length]
    return early, late


def resident_growth(samples, share=1 / 6):
    """By how much of itself the median of resident memory grew, from after a third of the time to the end."""
    early, late = _windows(samples, share)
    return statistics.median(one.resident for one in late) / statistics.median(one.resident for one in early) - 1


def leaks(name, samples, share=1 / 6):
    """Sentences about threads and descriptors that came and did not go: the least at the end above the most before."""
    early, late = _windows(samples, share)
    for what in ("threads", "descriptors"):
        before, after = max(getattr(one, what) for one in early), min(getattr(one, what) for one in late)
        if after > before:
            yield f"{name} had at most {before} {what} after the warm-up and never less than {after} at the end"
