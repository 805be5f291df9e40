"""What a scenario found."""

import dataclasses
import json


@dataclasses.dataclass
class Report:
    """Figures are measured, never judged by their absence; `violations` are wrong in any form, `misses` are figures of
    the long form that did not reach what docs/reliability.md asks."""

    name: str
    seed: int
    seconds: float = 0.0
    figures: dict = dataclasses.field(default_factory=dict)
    violations: list = dataclasses.field(default_factory=list)
    misses: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)

    MOST = 20

    def wrong(self, sentences):
        """Adds what is wrong; a fault that shows a thousand times is told a few times."""
        for sentence in [sentences] if isinstance(sentences, str) else sentences:
            if len(self.violations) < self.MOST:
                self.violations.append(sentence)

    def reach(self, figure, value, at_least=None, at_most=None):
        """Notes a figure and whether it reaches its bound."""
        self.figures[figure] = value
        if at_least is not None and value < at_least:
            self.misses.append(f"{figure} is {value}, at least {at_least} is wanted")
        if at_most is not None and value > at_most:
            self.misses.append(f"{figure} is {value}, at most {at_most} is wanted")

    def failed(self, timed):
        """With `timed`, figures count too."""
        return bool(self.violations or (timed and self.misses))

    def line(self):
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    def words(self):
        rows = [f"{self.name}: {'FAILED' if self.violations else 'holds'} ({self.seconds:.1f} s, seed {self.seed})"]
        rows += [f"    {name} = {value}" for name, value in self.figures.items()]
        for title, sentences in (("WRONG", self.violations), ("missed", self.misses), ("skipped", self.skipped)):
            rows += [f"    {title}: {sentence}" for sentence in sentences]
        return "\n".join(rows)


def percentile(values, share):
    """The smallest value that `share` of all do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds):
    return None if seconds is None else round(1_000 * seconds, 1)
