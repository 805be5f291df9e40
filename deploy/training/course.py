"""How far a training is, at what rate it learns there, and what is due: figures alone, without torch."""

from dataclasses import dataclass

from tuning import seconds_left

# What is saved of a course; the rest are settings.
STATE = ("seen", "seconds", "place", "measured", "measured_at", "best", "stale")


@dataclass
class Course:
    """The way of a training from its first example to the end of its epochs or of its time, whichever is first.

    It is told what happened (`went_on`, `was_measured`) and says what follows: it neither trains nor measures.
    """

    examples: int
    epochs: float
    minutes: float
    # Measurements, evenly over the way.
    checks: int
    # So many of them without a gain end it.
    patience: int
    learning_rate: float
    # Share of the way on which the rate rises.
    warm_up: float

    # Examples seen so far, each as often as there were epochs.
    seen: int = 0
    # Spent, up to the last batch.
    seconds: float = 0.0
    # Batches of this epoch that are done.
    place: int = 0
    # Where it was last measured: examples seen, and share of the way.
    measured: int = 0
    measured_at: float = 0.0
    best: float = float("inf")
    stale: int = 0

    @property
    def done(self) -> float:
        """0 to 1."""
        return min(1.0, max(self.seen / (self.epochs * self.examples), self.seconds / 60 / self.minutes))

    @property
    def is_over(self) -> bool:
        return self.done >= 1 or self.stale >= self.patience

    @property
    def is_check_due(self) -> bool:
        return self.done > self.measured_at and (
            self.done >= 1 or int(self.done * self.checks) > int(self.measured_at * self.checks)
        )

    @property
    def has_unmeasured(self) -> bool:
        return self.seen > self.measured

    @property
    def rate(self) -> float:
        """Up over the first part, then straight down to a twentieth."""
        if self.done < self.warm_up:
            return self.learning_rate * max(self.done / self.warm_up, 0.01)
        return self.learning_rate * max(0.05, (1 - self.done) / (1 - self.warm_up))

    @property
    def seconds_left(self) -> float | None:
        return seconds_left(0, self.seconds, self.done)

    def went_on(self, examples: int, seconds: float) -> None:
        """A batch of so many examples is learnt."""
        self.seen += examples
        self.seconds += seconds
        self.place += 1

    def was_measured(self, loss: float, keeps: bool = True, is_extra: bool = False) -> bool:
        """Says whether this state is the best so far and is to be kept.

        Args:
            keeps: false: the state that it begins with, which is no result.
            is_extra: measured since it was interrupted; it goes on as if that had not been.
        """
        self.measured = self.seen
        if not is_extra:
            self.measured_at = self.done
        if not keeps:
            return False
        is_better = loss < self.best - 1e-4
        if is_better:
            self.best = loss
        if not is_extra:
            self.stale = 0 if is_better else self.stale + 1
        return is_better

    def state(self) -> dict:
        return {name: getattr(self, name) for name in STATE}

    def go_on(self, state: dict, grew: bool) -> None:
        """From a state that was saved.

        Args:
            grew: there are more epochs or minutes now, so the same place is less far, and it may gain once more.
        """
        for name in STATE:
            setattr(self, name, state[name])
        if grew:
            self.measured_at, self.stale = self.done, 0
