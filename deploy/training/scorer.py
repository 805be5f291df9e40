"""Trains the scorer's adapter: which of the candidates an utterance has, given labelled ones like it.

Called by `deploy/train scorer`, which makes the examples with the product's own encoder, index and prompt.
"""

import argparse
import hashlib
import json
import math
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from adapter import read_adapter, write_adapter
from arithmetic import figures_type
from base_model import BaseModel
from examples import Example, batch, batches, read_examples
from scorer_loss import candidate_scores, listwise


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


@dataclass
class Check:
    """Figures on examples that were not trained on."""

    examples: int
    loss: float
    alone: float  # share of examples where the language model's best candidate is right
    joined: float  # the same together with what speaks for each candidate without it
    prior: float  # the same without the language model


class Training:
    def __init__(self, model: BaseModel, settings: Settings, train: list[Example], valid: list[Example], folder: Path):
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
        changed = [name for name, value in asdict(self.settings).items() if state["settings"].get(name) != value]
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
            self.check(keeps=False)
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
        """Half of it from the scores alone, half from what they add to the evidence that is there without them."""
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


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


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


def split(examples: list[Example], held_out: int, seed: int) -> tuple[list[Example], list[Example]]:
    """What is trained on, and what is measured on. An utterance is in one of them only, in whatever form it is asked."""
    keys = sorted({example.key for example in examples})
    random.Random(seed).shuffle(keys)
    share = min(held_out / max(len(examples), 1), 0.2)
    chosen = set(keys[: round(share * len(keys))])
    return (
        [example for example in examples if example.key not in chosen],
        [example for example in examples if example.key in chosen],
    )


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/train scorer", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the GGUF file that serves")
    parser.add_argument("--examples", type=Path, nargs="+", required=True, help="as `switchboard training-set` makes them")
    parser.add_argument("--held-out", type=int, default=320, help="so many of them are not trained on and measured")
    parser.add_argument("--out", type=Path, required=True, help="folder for adapter, model card and checkpoint")
    parser.add_argument("--from-adapter", type=Path, help="go on from this adapter")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--checks", type=int, default=10)
    parser.add_argument("--patience", type=int, default=4, help="checks without a gain before it stops")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=float, default=16)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--temperature", type=float, default=1 / 3)
    parser.add_argument("--prior-weight", type=float, default=1.0)
    parser.add_argument("--llm-weight", type=float, default=2.0)
    parser.add_argument("--batch-tokens", type=int, default=1_800)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apart", action="store_true", help="pairs' lines each by itself, so that a node can keep them")
    parser.add_argument("--data-note", default="", help="for the model card: what the examples were made from")
    parser.add_argument("--commit", default="")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if options.minutes <= 0 or options.epochs <= 0:
        raise SystemExit("--minutes and --epochs are more than 0")
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    examples = [example for path in options.examples for example in read_examples(path)]
    train, valid = split(examples, options.held_out, options.seed)
    if not valid or not train:
        raise SystemExit(f"{len(examples)} examples are too few to train on and to check with")
    settings = Settings(
        options.rank,
        options.alpha,
        options.learning_rate,
        0.05,
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
    )
    compare(BaseModel(options.model, settings.rank, settings.alpha, settings.seed), examples, settings.apart)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = BaseModel(options.model, settings.rank, settings.alpha, settings.seed, figures_type()).to(device)
    if options.from_adapter:
        read_adapter(model, options.from_adapter)
    say(f"{len(train)} examples to train on, {len(valid)} to check with; {model.embedding.dtype} on {device}")
    training = Training(model, settings, train, valid, options.out)
    if training.resume():
        say(f"going on after {training.seen} examples")
    if training.progress >= 1:
        say("it has been trained to its end already; give it more --minutes or --epochs, or another folder")
    training.run()
    training.save()
    card = {
        "base_model_sha256": sha256(options.model),
        "adapter_sha256": sha256(options.out / "adapter.gguf"),
        "data": options.data_note,
        "examples": {"train": len(train), "valid": len(valid), "seen": training.seen},
        "minutes": round(training.spent / 60, 1),
        "settings": asdict(settings),
        "checks": [asdict(check) for check in training.checks],
        "commit": options.commit,
        "torch": torch.__version__,
        "license": "apache-2.0",
    }
    (options.out / "model-card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    say(f"written: {options.out / 'adapter.gguf'} and model-card.json")


if __name__ == "__main__":
    main()
