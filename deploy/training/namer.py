"""Trains the adapter that answers questions about clusters: what is the name of these utterances, and are they one intent.

Called by `deploy/train namer`, which makes the examples with the product's own prompts and tokens. What is learnt is the
answer's tokens after the prompt (cross-entropy); which answers are possible at all is the node's affair.
"""

import argparse
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from adapter import write_adapter
from adapter_training import WARM_UP, base_model, begin, parser, say, write_card
from base_model import BaseModel
from examples import Batch, Example, batch, batches


@dataclass
class Settings:
    rank: int
    alpha: float
    learning_rate: float
    warm_up: float
    batch_tokens: int
    minutes: float
    epochs: int
    seed: int


@dataclass
class Check:
    """Figures on intents that were not trained on."""

    examples: int
    loss: float  # negative log-probability of an answer
    tokens_right: float  # share of the answers' tokens that the model would write itself


def answer_losses(model: BaseModel, packed: Batch) -> tuple[Tensor, Tensor]:
    """Of each example the negative log-probability of its answer, and for each token of the answers whether the model would
    write it itself."""
    states = model(packed.tokens, packed.positions, packed.allowed).flatten(0, 1)[packed.states]
    logits = functional.linear(states, model.head).float()
    each = functional.cross_entropy(logits, packed.asked, reduction="none")
    sums = torch.zeros(len(packed.lengths), device=each.device).index_add(0, packed.owner, each)
    return sums, logits.argmax(dim=1) == packed.asked


class Training:
    def __init__(self, model: BaseModel, settings: Settings, train: list[Example], valid: list[Example], folder: Path):
        self.model, self.settings, self.train, self.valid, self.folder = model, settings, train, valid, folder
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(self.parameters, lr=0, betas=(0.9, 0.98), weight_decay=0)
        self.generator = random.Random(settings.seed)
        self.device = model.embedding.device
        self.started = time.monotonic()
        self.seen = 0
        self.checks: list[Check] = []
        self.best = math.inf

    @property
    def spent(self) -> float:
        """Minutes."""
        return (time.monotonic() - self.started) / 60

    @property
    def progress(self) -> float:
        """Of the epochs or of the time, whichever ends first: 0 to 1."""
        whole = self.settings.epochs * len(self.train)
        return min(1.0, max(self.seen / whole, self.spent / self.settings.minutes))

    def run(self) -> None:
        self.check(keeps=False)
        for _ in range(self.settings.epochs):
            if self.progress >= 1:
                break
            for group in batches(self.train, self.settings.batch_tokens, self.generator):
                packed = batch(group).to(self.device)
                losses, _ = answer_losses(self.model, packed)
                losses.mean().backward()
                self.step()
                self.seen += len(group)
                if self.progress >= 1:
                    break
            self.check()

    def step(self) -> None:
        warm, done = self.settings.warm_up, self.progress
        share = max(done / warm, 0.01) if done < warm else max(0.05, (1 - done) / (1 - warm))
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * share
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)

    @torch.no_grad()
    def check(self, keeps: bool = True) -> None:
        losses, right, tokens, count = 0.0, 0, 0, 0
        for group in batches(self.valid, self.settings.batch_tokens, None):
            packed = batch(group).to(self.device)
            each, hits = answer_losses(self.model, packed)
            losses += float(each.sum())
            right += int(hits.sum())
            tokens += len(hits)
            count += len(group)
        check = Check(count, losses / count, right / tokens)
        self.checks.append(check)
        say(
            f"{self.spent:.1f} min, {self.seen} examples: on {count} of other intents loss {check.loss:.4f}, "
            f"{100 * check.tokens_right:.1f} % of the tokens right"
        )
        if keeps and check.loss < self.best:
            self.best = check.loss
            write_adapter(
                self.model,
                self.folder / "adapter.gguf",
                name="Switchboard namer",
                description="LoRA that names clusters of utterances",
                license_="apache-2.0",
                prompt="clusters",
            )


def arguments() -> argparse.Namespace:
    options = parser("namer", __doc__, "switchboard training-set --for namer")
    options.add_argument("--held-out", type=int, default=60, help="so many of them are not trained on and measured")
    options.add_argument("--minutes", type=float, default=20)
    options.add_argument("--epochs", type=int, default=3)
    return options.parse_args()


def main() -> None:
    options = arguments()
    # By intent, so that what is measured are names of intents that were never seen.
    train, valid = begin(options)
    settings = Settings(
        options.rank,
        options.alpha,
        options.learning_rate,
        WARM_UP,
        options.batch_tokens,
        options.minutes,
        options.epochs,
        options.seed,
    )
    model = base_model(options, train, valid)
    training = Training(model, settings, train, valid, options.out)
    training.run()
    write_card(options, training, training.spent)


if __name__ == "__main__":
    main()
