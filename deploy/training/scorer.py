"""Trains the scorer's adapter: which of the candidates an utterance has, given labelled ones like it.

Called by `deploy/train scorer`, which makes the examples with the product's own encoder, index and prompt.
"""

import argparse
import hashlib
import math
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from adapter import write_adapter
from adapter_training import WARM_UP, base_model, begin, parser, say, sha256, write_card
from base_model import BaseModel
from examples import Example, batch, batches
from scorer_loss import candidate_scores, listwise, token_cross_entropy


@dataclass
class Settings:
    rank: int
    alpha: float
    learning_rate: float
    warm_up: float
    batch_tokens: int
    batches_per_step: int
    temperature: float
    prior_weight: float
    llm_weight: float
    minutes: float
    epochs: float
    checks: int
    patience: int
    seed: int
    # Whether the pairs' lines stand apart.
    apart: bool
    # Of the examples and of the adapter that it goes on from.
    source: str
    # Checkpoints from before there was a choice are of this one.
    loss: str = "listwise"


@dataclass
class Check:
    """Figures on examples that were not trained on."""

    examples: int
    loss: float
    alone: float  # share of examples where the language model's best candidate is right
    joined: float  # the same together with what speaks for each candidate without it
    prior: float  # the same without the language model


class Training:
    def __init__(
        self,
        model: BaseModel,
        settings: Settings,
        train: list[Example],
        valid: list[Example],
        folder: Path,
        goes_on: bool = False,
    ):
        # From an adapter, which is the result where nothing better comes of it.
        self.goes_on = goes_on
        self.model, self.settings, self.train, self.valid, self.folder = model, settings, train, valid, folder
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(self.parameters, lr=0, betas=(0.9, 0.98), weight_decay=0)
        self.generator = random.Random(settings.seed)
        self.progress = 0.0  # 0...1 of all that is to be done
        self.spent = 0.0  # seconds of training before this run
        self.seen = 0
        self.checks: list[Check] = []
        self.best = math.inf
        self.stale = 0
        self.device = model.embedding.device

    # --- Going on where it was interrupted

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        unfinished = self.checkpoint.with_suffix(".new")
        torch.save(
            {
                "settings": asdict(self.settings),
                "adapter": [parameter.detach() for parameter in self.parameters],
                "optimiser": self.optimiser.state_dict(),
                "generator": self.generator.getstate(),
                "progress": self.progress,
                "spent": self.spent,
                "seen": self.seen,
                "checks": [asdict(check) for check in self.checks],
                "best": self.best,
                "stale": self.stale,
            },
            unfinished,
        )
        unfinished.replace(self.checkpoint)

    def resume(self) -> bool:
        if not self.checkpoint.exists():
            return False
        # Our own file: it holds a random generator's state, which torch's safe reader does not take.
        state = torch.load(self.checkpoint, weights_only=False)
        before = {"loss": Settings.loss} | state["settings"]
        changed = [name for name, value in asdict(self.settings).items() if before.get(name) != value]
        # How long to train may change on the way.
        changed = [name for name in changed if name not in ("minutes", "epochs", "checks", "patience")]
        if changed:
            raise SystemExit(
                f"{self.checkpoint} belongs to other examples or settings ({', '.join(changed)}); delete it to start "
                "anew, or name another folder with --out"
            )
        with torch.no_grad():
            for parameter, saved in zip(self.parameters, state["adapter"], strict=True):
                parameter.copy_(saved)
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.setstate(state["generator"])
        self.spent, self.seen = state["spent"], state["seen"]
        self.checks = [Check(**check) for check in state["checks"]]
        self.best = state["best"]
        # With more time than before, or more epochs, it goes on from where it was.
        self.progress = self.share_done()
        grew = any(getattr(self.settings, name) > state["settings"][name] for name in ("minutes", "epochs"))
        self.stale = 0 if grew else state["stale"]
        return True

    def share_done(self) -> float:
        return max(self.seen / (self.settings.epochs * len(self.train)), self.spent / 60 / self.settings.minutes)

    # --- Training

    def run(self) -> None:
        if not self.checks:
            self.check(keeps=self.goes_on)
        started = time.monotonic()
        already = self.spent
        shown = 0.0
        loss_sum, loss_count, gathered = 0.0, 0, 0
        while self.progress < 1 and self.stale < self.settings.patience:
            for group in batches(self.train, self.settings.batch_tokens, self.generator):
                packed = batch(group, self.settings.apart).to(self.device)
                loss = self.loss(candidate_scores(self.model, packed), packed)
                (loss.sum() / self.typical_examples).backward()
                loss_sum += float(loss.detach().sum())
                loss_count += len(group)
                self.seen += len(group)
                gathered += 1
                self.spent = already + time.monotonic() - started
                self.progress = self.share_done()
                if gathered == self.settings.batches_per_step:
                    self.step()
                    gathered = 0
                if time.monotonic() - shown > 5:
                    self.show(loss_sum / max(loss_count, 1))
                    shown = time.monotonic()
                    if loss_count > 400:
                        loss_sum, loss_count = 0.0, 0
                if self.progress >= (len(self.checks)) / self.settings.checks:
                    self.check()
                    self.save()
                if self.progress >= 1 or self.stale >= self.settings.patience:
                    break

    @property
    def typical_examples(self) -> float:
        return 8.0

    def loss(self, scores, packed):
        """Half of it from the scores alone, half from what they add to the evidence that is there without them; or the paper's."""
        if self.settings.loss == "tokens":
            return token_cross_entropy(scores, packed)
        alone = listwise(scores, packed, self.settings.temperature)
        joined = listwise(self.settings.prior_weight * packed.scores + self.settings.llm_weight * scores, packed, 1)
        return (alone + joined) / 2

    def step(self) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)

    def rate(self) -> float:
        """Up over the first part, then straight down to a twentieth."""
        warm = self.settings.warm_up
        if self.progress < warm:
            return self.settings.learning_rate * max(self.progress / warm, 0.01)
        return self.settings.learning_rate * max(0.05, (1 - self.progress) / (1 - warm))

    # --- Measuring

    @torch.no_grad()
    def check(self, keeps: bool = True) -> None:
        losses, alone, joined, prior, count = 0.0, 0, 0, 0, 0
        for group in batches(self.valid, self.settings.batch_tokens, None):
            packed = batch(group, self.settings.apart).to(self.device)
            scores = candidate_scores(self.model, packed)
            losses += float(self.loss(scores, packed).sum())
            both = self.settings.prior_weight * packed.scores + self.settings.llm_weight * scores
            for row in range(len(group)):
                mine = (packed.example == row).nonzero()[:, 0]
                right = int(packed.gold[row] - mine[0])
                alone += int(scores[mine].argmax()) == right
                joined += int(both[mine].argmax()) == right
                prior += int(packed.scores[mine].argmax()) == right
                count += 1
        check = Check(count, losses / count, alone / count, joined / count, prior / count)
        self.checks.append(check)
        say(
            f"\n{self.spent / 60:.0f} min, {self.seen} examples: on {count} held out loss {check.loss:.4f}, right "
            f"{100 * check.alone:.1f} % alone, {100 * check.joined:.1f} % with the other evidence "
            f"({100 * check.prior:.1f} % without the model)"
        )
        if not keeps:
            return
        if check.loss < self.best - 1e-4:
            self.best, self.stale = check.loss, 0
            self.write()
        else:
            self.stale += 1

    def write(self) -> None:
        write_adapter(
            self.model,
            self.folder / "adapter.gguf",
            name="Switchboard scorer",
            description="LoRA that scores intents among labelled utterances",
            license_="apache-2.0",
            prompt="apart" if self.settings.apart else "joined",
        )

    def show(self, loss: float) -> None:
        done = self.progress
        left = self.spent / done * (1 - done) if done > 0 else 0
        words = f"{100 * done:5.1f} %  loss {loss:.4f}  {self.seen / max(self.spent, 1):.2f} examples/s  {left / 60:.0f} min left"
        if sys.stderr.isatty():
            print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
        elif int(20 * done) != getattr(self, "_told", -1):
            self._told = int(20 * done)
            say(words)


def compare(model: BaseModel, examples: list[Example], apart: bool) -> None:
    """Ends the program where torch and llama.cpp do not agree on the untrained model, so that nothing is trained for
    another model than the one that serves."""
    known = [example for example in examples if example.expected][:32]
    if not known:
        return
    worst, total, count = 0.0, 0.0, 0
    with torch.no_grad():
        for group in batches(known, 2_000, None):
            packed = batch(group, apart)
            expected = torch.tensor([score for example in group for score in example.expected])
            gaps = (candidate_scores(model, packed) - expected).abs()
            worst, total, count = max(worst, float(gaps.max())), total + float(gaps.sum()), count + len(gaps)
    say(
        f"torch and llama.cpp differ by {total / count:.4f} in mean log-probability, at most by {worst:.4f}, "
        f"on {len(known)} examples"
    )
    # On 16-bit weights they differ by 0.006 at most. On 8-bit ones llama.cpp rounds what it multiplies them with too, which
    # alone makes 0.05 on average; rows of q and k in the wrong order make more than 1.
    if total / count > 0.1:
        raise SystemExit("the model in torch is not the model that serves; nothing was trained")


def arguments() -> argparse.Namespace:
    options = parser("scorer", __doc__, "switchboard training-set")
    options.add_argument("--held-out", type=int, default=320, help="so many of them are not trained on and measured")
    options.add_argument("--minutes", type=float, default=45)
    options.add_argument("--epochs", type=float, default=3)
    options.add_argument("--checks", type=int, default=10)
    options.add_argument("--patience", type=int, default=4, help="checks without a gain before it stops")
    options.add_argument("--temperature", type=float, default=1 / 3)
    options.add_argument("--prior-weight", type=float, default=1.0)
    options.add_argument("--llm-weight", type=float, default=2.0)
    options.add_argument("--loss", choices=["listwise", "tokens"], default="listwise", help="tokens: the paper's")
    options.add_argument("--apart", action="store_true", help="pairs' lines each by itself, so that a node can keep them")
    return options.parse_args()


def main() -> None:
    options = arguments()
    train, valid = begin(options)
    settings = Settings(
        options.rank,
        options.alpha,
        options.learning_rate,
        WARM_UP,
        options.batch_tokens,
        1,
        options.temperature,
        options.prior_weight,
        options.llm_weight,
        options.minutes,
        options.epochs,
        options.checks,
        options.patience,
        options.seed,
        options.apart,
        hashlib.sha256(
            "".join(sha256(path) for path in [*options.examples, *filter(None, [options.from_adapter])]).encode()
        ).hexdigest(),
        options.loss,
    )
    untrained = BaseModel(options.model, settings.rank, settings.alpha, settings.seed)
    compare(untrained, train + valid, settings.apart)
    model = base_model(options, train, valid)
    training = Training(model, settings, train, valid, options.out, goes_on=options.from_adapter is not None)
    if training.resume():
        say(f"going on after {training.seen} examples")
    if training.progress >= 1:
        say("it has been trained to its end already; give it more --minutes or --epochs, or another folder")
    training.run()
    training.save()
    write_card(options, training, training.spent / 60)


if __name__ == "__main__":
    main()
