"""What the trainings of adapters have in common: their options, the model that they begin with, the card that they end with."""

import argparse
import hashlib
import json
import random
import sys
from dataclasses import asdict
from pathlib import Path

import gguf
import torch

from adapter import read_adapter
from arithmetic import figures_type
from base_model import BaseModel
from examples import Example, read_examples

# Share of the way on which the learning rate rises.
WARM_UP = 0.05


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def parser(name: str, about: str, examples: str, held_out: int, minutes: float) -> argparse.ArgumentParser:
    """With the options that each training has.

    Args:
        examples: which command makes them.
        held_out, minutes: defaults.
    """
    options = argparse.ArgumentParser(prog=f"deploy/train {name}", description=about)
    options.add_argument("--model", type=Path, required=True, help="the GGUF file that serves")
    options.add_argument("--examples", type=Path, nargs="+", required=True, help=f"as `{examples}` makes them")
    options.add_argument("--out", type=Path, required=True, help="folder for adapter and model card")
    options.add_argument("--from-adapter", type=Path, help="go on from this adapter")
    options.add_argument("--rank", type=int, default=8)
    options.add_argument("--alpha", type=float, default=16)
    options.add_argument("--learning-rate", type=float, default=5e-4)
    options.add_argument("--batch-tokens", type=int, default=1_800)
    options.add_argument("--held-out", type=int, default=held_out, help="so many of them are not trained on and measured")
    options.add_argument("--minutes", type=float, default=minutes)
    options.add_argument("--epochs", type=float, default=3)
    options.add_argument("--checks", type=int, default=10, help="so often it is measured and the best state kept")
    options.add_argument("--patience", type=int, default=4, help="checks without a gain before it stops")
    options.add_argument("--threads", type=int, default=0)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--data-note", default="", help="for the model card: what the examples were made from")
    options.add_argument("--licence", action="append", default=[], help="for the model card: NAME=LICENCE of a set")
    options.add_argument("--commit", default="")
    return options


def begin(options: argparse.Namespace) -> tuple[list[Example], list[Example]]:
    """Checks the options, sets torch up, makes the folder; returns what is trained on and what is measured on."""
    if min(options.minutes, options.epochs, options.checks, options.patience) <= 0:
        raise SystemExit("--minutes, --epochs, --checks and --patience are more than 0")
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    examples = [example for path in options.examples for example in read_examples(path)]
    train, valid = split(examples, options.held_out, options.seed)
    if not valid or not train:
        raise SystemExit(
            f"{len(examples)} examples are too few to train on and to check with: make at least five of different keys, "
            "or give a larger --held-out"
        )
    return train, valid


def split(examples: list[Example], held_out: int, seed: int) -> tuple[list[Example], list[Example]]:
    """What is trained on, and what is measured on. What has the same key is in one of them only, in whatever form it is
    asked."""
    keys = sorted({example.key for example in examples})
    random.Random(seed).shuffle(keys)
    share = min(held_out / max(len(examples), 1), 0.2)
    chosen = set(keys[: round(share * len(keys))])
    return (
        [example for example in examples if example.key not in chosen],
        [example for example in examples if example.key in chosen],
    )


def base_model(options: argparse.Namespace, train: list[Example], valid: list[Example]) -> BaseModel:
    """The model that serves, with an adapter to be trained, where it is trained fastest."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = BaseModel(options.model, options.rank, options.alpha, options.seed, figures_type()).to(device)
    if options.from_adapter:
        read_adapter(model, options.from_adapter)
    say(f"{len(train)} examples to train on, {len(valid)} to check with; {model.embedding.dtype} on {device}")
    return model


def base_licence(path: Path) -> str | None:
    """As the base model's file names it; the adapter's own depends on the data too, and is for who trained it to say."""
    licence = gguf.GGUFReader(path).get_field("general.license")
    return licence.contents() if licence else None


def write_card(options: argparse.Namespace, training) -> None:
    """Beside the adapter that the training wrote, which knows its `settings`, `checks`, examples and `course`."""
    card = {
        "base_model_sha256": sha256(options.model),
        "adapter_sha256": sha256(options.out / "adapter.gguf"),
        "data": options.data_note,
        "data_licences": dict(entry.split("=", 1) for entry in options.licence),
        "examples": {"train": len(training.train), "valid": len(training.valid), "seen": training.course.seen},
        "minutes": round(training.course.seconds / 60, 1),
        "done": round(training.course.done, 4),
        "settings": asdict(training.settings),
        "checks": [asdict(check) for check in training.checks],
        "commit": options.commit,
        "torch": torch.__version__,
        "base_model_licence": base_licence(options.model),
    }
    (options.out / "model-card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    say(f"written: {options.out / 'adapter.gguf'} and model-card.json")


def source_hash(options: argparse.Namespace) -> str:
    """Of the examples, and of the adapter that it goes on from."""
    paths = [*options.examples, *filter(None, [options.from_adapter])]
    return hashlib.sha256("".join(sha256(path) for path in paths).encode()).hexdigest()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
