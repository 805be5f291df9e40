"""Makes adapter.gguf, a small adapter as deploy/train would write it, and expected.json: what torch says with it.

The node's tests compare llama.cpp with that, so the way from torch to a file to llama.cpp is tested without torch. To make
both anew, after a change of the prompt or of deploy/training:

    switchboard training-set Tests/Fixtures/scorer/pairs.jsonl --plain --limit 4 --sureness 1 --scored 0 --seed 3 --out examples
    $SWITCHBOARD_CACHE/train-venv/bin/python Tests/Fixtures/scorer/make_adapter.py \
        --examples examples --model $SWITCHBOARD_CACHE/models/SmolLM2-135M-Instruct.F16.gguf
"""

import argparse
import json
import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "deploy/training"))

import gguf  # noqa: E402
import torch  # noqa: E402
from adapter import write_adapter  # noqa: E402
from base_model import BaseModel  # noqa: E402
from examples import batch, read_examples  # noqa: E402
from scorer_loss import candidate_scores  # noqa: E402

# All kinds of matrices, of an early and a late layer.
LAYERS = ("blk.3.", "blk.20.")
STRENGTH = 1.5


def letters(model: Path):
    """Tokens to text, by the vocabulary of the file (byte-level pieces as in GPT-2)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in plain]
    byte_of = {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(hidden)}
    pieces = gguf.GGUFReader(model).get_field("tokenizer.ggml.tokens").contents()
    return lambda tokens: bytes(byte_of[letter] for token in tokens for letter in pieces[token]).decode()


def question(example, text) -> dict:
    """The texts that a prompt was made of."""
    lines = text(example.prompt).split("\n")
    pairs = [line.split(" -> ") for line in lines[1:-1]]
    return {
        "text": lines[-1].removesuffix(" ->"),
        # Nearest first, as a node is asked.
        "pairs": pairs[::-1],
        "candidates": [text(candidate).strip() for candidate in example.candidates],
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--examples", type=Path, required=True)
    options.add_argument("--model", type=Path, required=True)
    options = options.parse_args()
    examples = read_examples(options.examples)
    text = letters(options.model)
    model = BaseModel(options.model, rank=1, alpha=2, seed=1)
    with torch.no_grad():
        plain = candidate_scores(model, batch(examples))
        generator = torch.Generator().manual_seed(2)
        chosen = {name: linear for name, linear in model.adapted().items() if name.startswith(LAYERS)}
        for linear in chosen.values():
            linear.a.copy_(linear.a.half().float())
            linear.b.copy_((STRENGTH * torch.randn(linear.b.shape, generator=generator)).half().float())
        adapted = candidate_scores(model, batch(examples))
    part = SimpleNamespace(architecture=model.architecture, alpha=model.alpha, adapted=lambda: chosen)
    write_adapter(part, HERE / "adapter.gguf", "test", "Small adapter of tests", "joined")
    entries, place = [], 0
    for example in examples:
        end = place + len(example.candidates)
        scores = {"plain": plain[place:end].tolist(), "adapted": adapted[place:end].tolist()}
        entries.append(question(example, text) | {name: [round(each, 4) for each in figures] for name, figures in scores.items()})
        place = end
    (HERE / "expected.json").write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    print(f"the adapter changes scores by {float((adapted - plain).abs().mean()):.3f} on average")


if __name__ == "__main__":
    main()
