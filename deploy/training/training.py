"""The way of a training of an adapter: batches, measurements, the best state, checkpoints, an end that was asked for."""

import argparse
import random
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path

import torch
from torch import Tensor

from adapter import write_adapter
from adapter_training import WARM_UP, say, source_hash, write_card
from base_model import BaseModel
from course import Course
from examples import Example, batches
from interruption import Interruption

# Seconds; a checkpoint of the small model has 30 MB.
BETWEEN_CHECKPOINTS = 60.0
# How long to train may change on the way.
CHANGEABLE = ("minutes", "epochs", "checks", "patience")


@dataclass
class Settings:
    """Those of every training; each adds its own behind them."""

    rank: int
    alpha: float
    learning_rate: float
    warm_up: float
    batch_tokens: int
    minutes: float
    epochs: float
    checks: int
    patience: int
    seed: int
    # Of the examples and of the adapter that it goes on from.
    source: str


def common_settings(options: argparse.Namespace) -> dict:
    """What `Settings` has of the options."""
    named = {field.name: getattr(options, field.name, None) for field in fields(Settings)}
    return named | {"warm_up": WARM_UP, "source": source_hash(options)}


@dataclass
class Check:
    """Figures on examples that were not trained on."""

    examples: int
    loss: float


@dataclass(frozen=True)
class Purpose:
    """What the adapter's file says of itself."""

    name: str
    description: str
    # The form of the prompts that it was trained on.
    prompt: str


class Training(ABC):
    """Trains an adapter, keeps the state with the least loss on what is held out, and goes on where it was interrupted.

    In its folder: `adapter.gguf`, the best state so far, and `checkpoint.pt`, at most a minute and a measurement old. One
    that was killed sees the examples that it had not seen yet, in the order of an unbroken run.
    """

    check_type: type[Check]

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
        # The generator's state before it shuffled this epoch.
        self.epoch_start = self.generator.getstate()
        self.course = Course(
            len(train),
            settings.epochs,
            settings.minutes,
            settings.checks,
            settings.patience,
            settings.learning_rate,
            settings.warm_up,
        )
        self.checks: list[Check] = []
        self.device = model.embedding.device
        self.saved = self.ticked = time.monotonic()
        self.told = -1

    # --- What is trained

    @property
    @abstractmethod
    def purpose(self) -> Purpose: ...

    @abstractmethod
    def losses(self, group: list[Example]) -> Tensor:
        """Of each example."""

    @abstractmethod
    def objective(self, losses: Tensor) -> Tensor:
        """What a step makes less."""

    @abstractmethod
    def measured(self) -> tuple[Check, str]:
        """On what is held out, in figures and in words."""

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
                "generator": self.epoch_start,
                "course": self.course.state(),
                "checks": [asdict(check) for check in self.checks],
            },
            unfinished,
        )
        unfinished.replace(self.checkpoint)
        self.saved = time.monotonic()

    def resume(self) -> bool:
        """Whether there was a checkpoint to go on from."""
        if not self.checkpoint.exists():
            return False
        # Our own file: it holds a random generator's state, which torch's safe reader does not take.
        state = torch.load(self.checkpoint, weights_only=False)
        before = {field.name: field.default for field in fields(self.settings) if field.default is not MISSING}
        before |= state["settings"]
        changed = [name for name, value in asdict(self.settings).items() if before.get(name) != value]
        changed = [name for name in changed if name not in CHANGEABLE]
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
        self.checks = [self.check_type(**check) for check in state["checks"]]
        grew = any(getattr(self.settings, name) > before[name] for name in ("minutes", "epochs"))
        if "course" in state:
            self.course.go_on(state["course"], grew)
        else:
            # From before there were checkpoints between measurements: it is where it was measured, an epoch begins.
            old = {"seen": state["seen"], "seconds": state["spent"], "measured": state["seen"], "measured_at": state["progress"]}
            kept = {"best": state["best"], "stale": state["stale"]}
            self.course.go_on(self.course.state() | old | kept, grew)
        return True

    # --- Training

    def run(self) -> int | None:
        """Returns the signal that ended it before its end."""
        if not self.checks:
            self.check(keeps=self.goes_on)
        self.ticked = time.monotonic()
        with Interruption() as interruption:
            while not self.course.is_over and interruption.signal is None:
                self.epoch(interruption)
            if interruption.signal is not None and not self.course.is_over:
                say("\nended early: measuring what was learnt; started again with the same folder it goes on")
                # First of all, since not everyone waits.
                self.save()
            if self.course.has_unmeasured:
                self.check(is_extra=True)
            self.save()
        return None if self.course.is_over else interruption.signal

    def epoch(self, interruption: Interruption) -> None:
        """What is left of one, up to the end of all."""
        self.epoch_start = self.generator.getstate()
        groups = list(batches(self.train, self.settings.batch_tokens, self.generator))
        loss_sum, loss_count, shown = 0.0, 0, 0.0
        for group in groups[self.course.place :]:
            losses = self.losses(group)
            self.objective(losses).backward()
            self.step(len(group))
            loss_sum, loss_count = loss_sum + float(losses.detach().sum()), loss_count + len(group)
            if time.monotonic() - shown > 5:
                self.show(loss_sum / loss_count)
                shown = time.monotonic()
                if loss_count > 400:
                    loss_sum, loss_count = 0.0, 0
            if self.course.is_check_due:
                self.check()
                self.save()
            elif time.monotonic() - self.saved > BETWEEN_CHECKPOINTS:
                self.save()
            if self.course.is_over or interruption.signal is not None:
                return
        self.course.place = 0

    def step(self, examples: int) -> None:
        now = time.monotonic()
        # Measuring and saving since the last step count too.
        self.course.went_on(examples, now - self.ticked)
        self.ticked = now
        for group in self.optimiser.param_groups:
            group["lr"] = self.course.rate
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)

    # --- Measuring

    def check(self, keeps: bool = True, is_extra: bool = False) -> None:
        with torch.no_grad():
            check, words = self.measured()
        self.checks.append(check)
        say(f"\n{self.course.seconds / 60:.1f} min, {self.course.seen} examples: on {check.examples} held out {words}")
        if self.course.was_measured(check.loss, keeps, is_extra):
            self.write()

    def write(self) -> None:
        purpose = self.purpose
        path = self.folder / "adapter.gguf"
        write_adapter(self.model, path, purpose.name, purpose.description, prompt=purpose.prompt)

    def show(self, loss: float) -> None:
        course = self.course
        left = course.seconds_left or 0
        words = (
            f"{100 * course.done:5.1f} %  loss {loss:.4f}  {course.seen / max(course.seconds, 1):.2f} examples/s  "
            f"{left / 60:.0f} min left"
        )
        if sys.stderr.isatty():
            print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
        elif int(20 * course.done) != self.told:
            self.told = int(20 * course.done)
            say(words)


def carry_out(options: argparse.Namespace, training: Training) -> None:
    """All of it, from the checkpoint that there may be to the card. Ends the program as a signal does that came before the
    end."""
    if training.resume():
        say(f"going on after {training.course.seen} examples")
    if training.course.is_over:
        say("it has been trained to its end already; give it more --minutes or --epochs, or another folder")
    ended_by = training.run()
    if (options.out / "adapter.gguf").exists():
        write_card(options, training)
    if ended_by is not None:
        raise SystemExit(128 + ended_by)
