"""Tunes the sentence encoder to texts that nobody has labelled, and writes their vectors: CLNN (Zhang et al. 2022).

Called by `deploy/train tune` for one run of discovery. Texts that are near each other in the vectors so far are pulled
together, all others of a batch pushed apart; what is near is looked up again at each epoch. The encoder itself is not kept.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from arithmetic import figures_type
from encoder import LONGEST, contrastive, padded, vectors_of
from encoder_model import EncoderModel
from tuning import FINAL_ENCODING, Plan, alike, seconds_left, without_some
from wordpiece import WordPieceTokenizer

# What a version of this program wrote down is nothing to another.
VERSION = "1"
# Fewer have no neighbourhoods to learn from.
FEWEST_TEXTS = 32
# Seconds between two checkpoints, which are 270 MB each.
BETWEEN_CHECKPOINTS = 60.0


class Progress:
    """Tells on stderr how far it is, one JSON object a line and at most one a second."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.told = 0.0
        self.began_at = 0.0

    def tell(self, fraction: float) -> None:
        now = time.monotonic()
        if now - self.told < 1 and fraction < 1:
            return
        self.told = now
        done = (fraction - self.began_at) / (1 - self.began_at) if fraction < 1 else 1.0
        left = seconds_left(self.started, now, done)
        line = {"fraction": round(fraction, 4)}
        if left is not None:
            line["seconds_left"] = round(left, 1)
        print(json.dumps(line), file=sys.stderr, flush=True)


def read_texts(path: Path) -> list[str]:
    texts = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                texts.append(json.loads(line)["text"])
            except (ValueError, KeyError, TypeError) as error:
                raise SystemExit(f'{path}:{number}: a line is {{"text": "..."}}') from error
    return texts


def read_vectors(path: Path, texts: int) -> np.ndarray:
    """Little-endian 32-bit floats, a row a text; how many to a row follows from the size."""
    figures = np.fromfile(path, dtype="<f4")
    if texts == 0 or figures.size == 0 or figures.size % texts:
        raise SystemExit(f"{path}: {figures.size} numbers are no vectors of {texts} texts")
    return figures.reshape(texts, -1)


@torch.no_grad()
def nearest(vectors: Tensor, count: int) -> np.ndarray:
    """For each row the `count` others with the greatest cosine."""
    found = []
    for start in range(0, len(vectors), 512):
        similarities = vectors[start : start + 512] @ vectors.T
        rows = torch.arange(len(similarities), device=vectors.device)
        similarities[rows, rows + start] = -torch.inf
        found.append(similarities.topk(count, dim=1).indices.cpu())
    return torch.cat(found).numpy()


class Tuning:
    """The state of a tuning, which a checkpoint holds."""

    def __init__(self, folder: Path, tokens: list[list[int]], vectors: np.ndarray, plan: Plan, options: argparse.Namespace):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.tokens, self.plan, self.options = tokens, plan, options
        self.model = EncoderModel(folder, drops_out=True).to(self.device)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=plan.learning_rate, weight_decay=0.01)
        self.step = 0
        width = min(options.neighbours, len(tokens) - 1)
        self.near = nearest(torch.from_numpy(vectors).to(self.device), width)

    def state(self) -> dict:
        return {
            "step": self.step,
            "near": torch.from_numpy(self.near),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def restore(self, state: dict) -> None:
        self.step = state["step"]
        self.near = state["near"].numpy()
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])

    def advance(self) -> None:
        """One step; at the start of an epoch, but for the first, the neighbours anew before it."""
        if self.step > 0 and self.step % self.plan.steps_each == 0:
            self.near = nearest(self.vectors(LONGEST), self.near.shape[1])
        self.model.train()
        torch.manual_seed(self.plan.seed * 1_000_003 + self.step)
        rows = self.plan.rows(self.step, self.near)
        random = self.plan.random(self.step, 1, 1)
        texts = [without_some(self.tokens[row][:LONGEST], self.options.dropped_tokens, random) for row in rows]
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate(self.step)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=figures_type() == torch.bfloat16):
            vectors = self.model(*padded(texts, self.device)).float()
        together = torch.from_numpy(alike(rows, self.near)).to(self.device)
        contrastive(vectors, together, self.options.temperature).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1

    def vectors(self, longest: int) -> Tensor:
        self.model.eval()
        return vectors_of(self.model, [tokens[:longest] for tokens in self.tokens], self.device)


class Checkpoint:
    """Where an interrupted tuning goes on, beside its result. Only one of the same texts, vectors and settings is taken."""

    def __init__(self, out: Path, identity: str) -> None:
        self.path = out.with_name(out.name + ".checkpoint")
        self.identity = identity
        self.written = time.monotonic()

    def load(self) -> dict | None:
        if not self.path.exists():
            return None
        try:
            kept = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the tuning begins again
            print(f"{self.path} cannot be read and is not used: {type(error).__name__}", file=sys.stderr)
            return None
        return kept["state"] if kept.get("identity") == self.identity else None

    def write(self, state: dict) -> None:
        new = self.path.with_name(self.path.name + ".new")
        torch.save({"identity": self.identity, "state": state}, new)
        new.replace(self.path)
        self.written = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self.written > BETWEEN_CHECKPOINTS

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def identity(options: argparse.Namespace) -> str:
    hashed = hashlib.sha256(VERSION.encode())
    for path in (options.texts, options.vectors, options.model / "model.safetensors"):
        hashed.update(path.read_bytes())
    settings = {name: value for name, value in vars(options).items() if not isinstance(value, Path) and name != "threads"}
    hashed.update(json.dumps(settings, sort_keys=True).encode())
    return hashed.hexdigest()


def write_vectors(vectors: np.ndarray, out: Path) -> None:
    new = out.with_name(out.name + ".new")
    vectors.astype("<f4").tofile(new)
    new.replace(out)


class Parent:
    """Who started this, where it is to end with that: else one whose node was killed would go on beside the next."""

    def __init__(self) -> None:
        self.pid = os.getppid() if os.environ.get("SWITCHBOARD_ENDS_WITH_PARENT") == "1" else None

    def require(self) -> None:
        if self.pid is not None and os.getppid() != self.pid:
            raise SystemExit("who asked for this has ended")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/train tune", description=__doc__)
    parser.add_argument("--in", dest="texts", type=Path, required=True, help='JSON lines {"text"}')
    parser.add_argument("--vectors", type=Path, required=True, help="their vectors: raw little-endian 32-bit floats")
    parser.add_argument("--out", type=Path, required=True, help="gets the tuned vectors, likewise and in the same order")
    parser.add_argument("--model", type=Path, required=True, help="folder of the encoder to begin with")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=600, help="at most so many in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--neighbours", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=2e-5)
    parser.add_argument("--temperature", type=float, default=0.07)
    parser.add_argument("--dropped-tokens", type=float, default=0.1)
    return parser.parse_args()


def main() -> None:
    parent = Parent()
    options = arguments()
    if min(options.epochs, options.steps, options.threads, options.batch, options.neighbours) < 1:
        raise SystemExit("--epochs, --steps, --threads, --batch and --neighbours are whole numbers above 0")
    torch.set_num_threads(options.threads)
    texts = read_texts(options.texts)
    vectors = read_vectors(options.vectors, len(texts))
    progress = Progress()
    if len(texts) < FEWEST_TEXTS:
        print(f"{len(texts)} texts are too few to tune to; their vectors stay as they are", file=sys.stderr)
        write_vectors(vectors, options.out)
        return progress.tell(1)
    tokenizer = WordPieceTokenizer(options.model)
    plan = Plan(
        texts=len(texts),
        epochs=options.epochs,
        batch=options.batch,
        most_steps=options.steps,
        learning_rate=options.learning_rate,
        seed=options.seed,
    )
    tuning = Tuning(options.model, [tokenizer(text) for text in texts], vectors, plan, options)
    checkpoint = Checkpoint(options.out, identity(options))
    if (kept := checkpoint.load()) is not None:
        tuning.restore(kept)
        progress.began_at = (1 - FINAL_ENCODING) * tuning.step / plan.steps
    while tuning.step < plan.steps:
        parent.require()
        progress.tell((1 - FINAL_ENCODING) * tuning.step / plan.steps)
        tuning.advance()
        if checkpoint.is_due:
            checkpoint.write(tuning.state())
    tuned = tuning.vectors(max(len(tokens) for tokens in tuning.tokens))
    parent.require()
    write_vectors(tuned.cpu().numpy(), options.out)
    checkpoint.remove()
    progress.tell(1)


if __name__ == "__main__":
    main()
