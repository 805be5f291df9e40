"""What tuning without labels draws and counts, without torch: CLNN, contrastive learning with nearest neighbours (Zhang et
al. 2022, "New Intent Discovery with Pre-training and Contrastive Learning")."""

from dataclasses import dataclass

import numpy as np

# Shares of the whole that the parts take, for a first guess at the time left.
FINAL_ENCODING = 0.1


@dataclass(frozen=True)
class Plan:
    """How many steps there are and at what rate each learns."""

    texts: int
    epochs: int = 3
    batch: int = 64
    most_steps: int = 600
    warm_up: int = 10
    learning_rate: float = 2e-5
    seed: int = 1

    @property
    def steps_each(self) -> int:
        """Of an epoch. A last batch that is not whole is left out; of a large pool an epoch sees a part."""
        return max(1, min(self.texts // self.batch, self.most_steps // self.epochs))

    @property
    def steps(self) -> int:
        return self.epochs * self.steps_each

    def rate(self, step: int) -> float:
        """Rises over the warm-up, then falls to 0 in a straight line. `step` counts from 0 over all epochs."""
        if step < self.warm_up:
            return self.learning_rate * (step + 1) / self.warm_up
        return self.learning_rate * (self.steps - step) / max(1, self.steps - self.warm_up)

    def random(self, *place: int) -> np.random.Generator:
        """Chance of its own for each place, so that a run that goes on draws what an unbroken one would have drawn."""
        return np.random.default_rng([self.seed, *place])

    def rows(self, step: int, near: np.ndarray) -> np.ndarray:
        """The texts of a step: a part of the epoch's order, then a partner of each, drawn from its nearest."""
        epoch, number = divmod(step, self.steps_each)
        order = self.random(epoch).permutation(self.texts)
        drawn = order[number * self.batch : (number + 1) * self.batch]
        partners = near[drawn, self.random(epoch, number).integers(near.shape[1], size=len(drawn))]
        return np.concatenate([drawn, partners])


def alike(rows: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Which two of a batch belong together: one is among the other's nearest, or they are the same text. A square of
    claims, without those of a row about itself."""
    is_near = (near[rows][:, :, None] == rows[None, None, :]).any(1)
    together = is_near | is_near.T | (rows[:, None] == rows[None, :])
    np.fill_diagonal(together, False)
    return together


def without_some(tokens: list[int], share: float, random: np.random.Generator) -> list[int]:
    """The text without a share of its tokens; the two that frame it stay, and at least one between them."""
    inner = tokens[1:-1]
    kept = [token for token, chance in zip(inner, random.random(len(inner)), strict=True) if chance >= share]
    return [tokens[0], *(kept or inner[:1]), tokens[-1]]


def seconds_left(started: float, now: float, fraction: float) -> float | None:
    """By what is done so far; nothing is known at the start."""
    return (now - started) * (1 - fraction) / fraction if fraction > 0 else None
