"""Trains the sentence encoder so that utterances of one intent lie together.

Called by `deploy/train encoder`, which makes the examples with the product's own tokenizer.
"""

import argparse
import json
import random
import shutil
import sys
import time
from collections import defaultdict
from pathlib import Path

import torch
from torch import Tensor

from arithmetic import figures_type
from encoder_model import EncoderModel


# More of an utterance than most have; attention costs the square of it.
LONGEST = 64


class Set:
    """Utterances of one data set: an intent is told from the others of its own set, as a node does."""

    def __init__(self, path: Path, held_out: float, generator: random.Random) -> None:
        self.train: dict[str, list[list[int]]] = defaultdict(list)
        self.valid: list[tuple[list[int], str]] = []
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    entry = json.loads(line)
                    tokens, intent = entry["tokens"][:LONGEST], entry["intent"]
                except (ValueError, KeyError) as error:
                    raise SystemExit(f"{path}:{number}: no training example: {error}") from error
                if generator.random() < held_out:
                    self.valid.append((tokens, intent))
                else:
                    self.train[intent].append(tokens)
        self.intents = sorted(intent for intent, texts in self.train.items() if len(texts) > 1)

    def draw(self, intents: int, each: int, generator: random.Random) -> list[tuple[list[int], int]]:
        """Some utterances of each of some intents, with the intent's place."""
        chosen = generator.sample(self.intents, min(intents, len(self.intents)))
        return [
            (tokens, place)
            for place, intent in enumerate(chosen)
            for tokens in generator.sample(self.train[intent], min(each, len(self.train[intent])))
        ]


def padded(texts: list[list[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    length = max(len(tokens) for tokens in texts)
    tokens = torch.zeros(len(texts), length, dtype=torch.long)
    for row, text in enumerate(texts):
        tokens[row, : len(text)] = torch.tensor(text)
    is_token = torch.arange(length)[None] < torch.tensor([len(text) for text in texts])[:, None]
    return tokens.to(device), is_token.to(device)


def contrastive(vectors: Tensor, together: Tensor, temperature: float) -> Tensor:
    """The supervised contrastive loss (Khosla et al. 2020, L_out): each vector against all others of the batch, drawn to
    those that it belongs together with (a square of claims, none of a vector about itself)."""
    alike = vectors @ vectors.T / temperature
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    logs = alike - alike.masked_fill(itself, -torch.inf).logsumexp(1, keepdim=True)
    return -((logs * together).sum(1) / together.sum(1).clamp(min=1)).mean()


def of_one_label(labels: Tensor) -> Tensor:
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    return (labels[:, None] == labels[None]) & ~itself


@torch.no_grad()
def vectors_of(model: EncoderModel, texts: list[list[int]], device: torch.device) -> Tensor:
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    vectors = [torch.empty(0)] * len(texts)
    for start in range(0, len(order), 128):
        places = order[start : start + 128]
        for place, vector in zip(places, model(*padded([texts[place] for place in places], device)), strict=True):
            vectors[place] = vector
    return torch.stack(vectors)


def vote_accuracy(model: EncoderModel, sets: list[Set], device: torch.device, k: int = 10) -> float:
    """Share of the held-out utterances whose intent leads the vote of the k nearest, as a node without class evidence
    votes."""
    right = count = 0
    for each in sets:
        if not each.valid:
            continue
        known = [(tokens, intent) for intent, texts in each.train.items() for tokens in texts]
        near = vectors_of(model, [tokens for tokens, _ in known], device)
        asked = vectors_of(model, [tokens for tokens, _ in each.valid], device)
        similarities, places = (asked @ near.T).topk(min(k, len(known)), dim=1)
        for row, (_, gold) in enumerate(each.valid):
            votes: dict[str, float] = defaultdict(float)
            for weight, place in zip((similarities[row] / 0.05).exp().tolist(), places[row].tolist(), strict=True):
                votes[known[place][1]] += weight
            right += max(votes, key=votes.__getitem__) == gold
            count += 1
    return right / max(count, 1)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/train encoder", description=__doc__)
    parser.add_argument("--published", type=Path, required=True, help="folder of the published encoder")
    parser.add_argument("--examples", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder that gets model/ and model-card.json")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float)
    length.add_argument("--steps", type=int, help="train so many steps, however long they take")
    parser.add_argument("--share", type=float, default=0.5, help="of the trained weights; the rest is the published ones")
    parser.add_argument("--intents", type=int, default=40)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--temperature", type=float, default=0.07)
    parser.add_argument("--held-out", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data-note", default="")
    parser.add_argument("--licence", action="append", default=[], help="for the model card: NAME=LICENCE of a set")
    parser.add_argument("--commit", default="")
    return parser.parse_args()


def train(model: EncoderModel, sets: list[Set], options: argparse.Namespace, device: torch.device) -> int:
    generator = random.Random(options.seed)
    parameters = list(model.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=options.learning_rate, weight_decay=0.01)
    sizes = [len(each.intents) for each in sets]
    started, shown, steps, losses = time.monotonic(), 0.0, 0, []

    def share_done() -> float:
        if options.steps:
            return steps / options.steps
        return (time.monotonic() - started) / 60 / options.minutes

    while (done := share_done()) < 1:
        for group in optimiser.param_groups:
            group["lr"] = options.learning_rate * min(1, steps / 20 + 0.05) * (1 - done)
        drawn = generator.choices(sets, weights=sizes)[0].draw(options.intents, options.each, generator)
        with torch.autocast(device.type, torch.bfloat16, enabled=figures_type() == torch.bfloat16):
            vectors = model(*padded([tokens for tokens, _ in drawn], device)).float()
        labels = torch.tensor([label for _, label in drawn], device=device)
        loss = contrastive(vectors, of_one_label(labels), options.temperature)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        steps += 1
        losses.append(float(loss.detach()))
        if time.monotonic() - shown > 15:
            recent = losses[-20:]
            say(f"{100 * done:5.1f} %  step {steps}  loss {sum(recent) / len(recent):.4f}")
            shown = time.monotonic()
    return steps


def main() -> None:
    options = arguments()
    if options.steps is None and options.minutes is None:
        options.minutes = 10
    if any(length is not None and length <= 0 for length in (options.minutes, options.steps)) or not 0 < options.share <= 1:
        raise SystemExit("--minutes and --steps are more than 0, --share more than 0 and at most 1")
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    generator = random.Random(options.seed)
    sets = [Set(path, options.held_out, generator) for path in options.examples]
    if any(len(each.intents) < 2 for each in sets):
        raise SystemExit("a set needs at least two intents with two utterances each")
    model = EncoderModel(options.published).to(device)
    before = vote_accuracy(model, sets, device)
    say(f"{sum(len(each.valid) for each in sets)} utterances held out; the vote is right on {100 * before:.2f} % of them")
    steps = train(model, sets, options, device)
    folder = options.out / "model"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(options.published, folder)
    model.write(folder, options.share)
    after = vote_accuracy(EncoderModel(folder).to(device), sets, device)
    say(f"after {steps} steps, with a share of {options.share:g}: {100 * after:.2f} %")
    card = {
        "data": options.data_note,
        "data_licences": dict(entry.split("=", 1) for entry in options.licence),
        "steps": steps,
        "share": options.share,
        "settings": {
            name: getattr(options, name) for name in ("intents", "each", "learning_rate", "temperature", "seed")
        },
        "held_out_vote_accuracy": {"before": before, "after": after},
        "commit": options.commit,
        "torch": torch.__version__,
        "published_encoder_licence": "apache-2.0",
    }
    (options.out / "model-card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
