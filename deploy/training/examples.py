"""Training examples as `switchboard training-set` writes them, and batches of them.

One JSON object a line: `prompt` (token ids), `pairs` (so many lines of it behind the first are labelled utterances), `candidates` (for each its token ids, the newline last), `gold` (which of
them is right), `scores` (log of what speaks for each without the language model), `key` (the same for all examples of one
utterance). The product renders and tokenises; here nothing is known of prompts.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor


@dataclass(frozen=True)
class Example:
    prompt: list[int]
    candidates: list[list[int]]
    gold: int
    scores: list[float]
    # Of the utterance, so that what is held out is held out in every form.
    key: str
    # What llama.cpp says of each candidate, where that was asked for.
    expected: list[float] | None = None
    # So many lines behind the first are pairs'; None, as older files have it: all are.
    pairs: int | None = None

    @property
    def length(self) -> int:
        """Tokens of the prompt and of all candidates; a candidate's last one is only asked about."""
        return len(self.prompt) + sum(len(candidate) - 1 for candidate in self.candidates)


@dataclass(frozen=True)
class Batch:
    """Prompts with their candidates as branches, padded to one length.

    A branch sees its prompt and itself. `states` says after which token (in the flattened batch) each question is asked,
    `asked` which token is asked about, `owner` for which candidate (counted over the batch); `lengths` has each
    candidate's tokens, `example` the example it belongs to.

    Where prompts share beginnings these stand in `beginnings` once, rows have what comes after, `begins` says which one
    a row goes on from, and the first columns of `allowed` are the beginning's.
    """

    tokens: Tensor
    positions: Tensor
    allowed: Tensor
    states: Tensor
    asked: Tensor
    owner: Tensor
    lengths: Tensor
    example: Tensor
    gold: Tensor
    scores: Tensor
    beginnings: Tensor | None = None
    begins: Tensor | None = None

    def to(self, device: torch.device) -> "Batch":
        return Batch(**{name: value if value is None else value.to(device) for name, value in vars(self).items()})


def read_examples(path: Path) -> list[Example]:
    examples = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                example = Example(
                    entry["prompt"],
                    entry["candidates"],
                    entry["gold"],
                    entry["scores"],
                    entry["key"],
                    entry.get("llm_logprobs"),
                    entry.get("pairs"),
                )
            except (ValueError, KeyError) as error:
                raise SystemExit(f"{path}:{number}: no training example: {error}") from error
            examples.append(example)
    return examples


def layout(example: Example, apart: bool) -> tuple[Tensor, Tensor]:
    """Positions of the prompt's tokens, and which of them sees which: one text, or the pairs' lines each by itself.

    Lines that stand apart see the instruction and themselves, all at the same positions; what follows them begins behind
    the longest and sees everything, earlier turns too. No text holds a newline, so each newline ends the instruction or a line.
    """
    count = len(example.prompt)
    positions = torch.arange(count)
    allowed = torch.ones(count, count).tril().bool()
    if not apart:
        return positions, allowed
    newline = example.candidates[0][-1]
    ends = [place + 1 for place, token in enumerate(example.prompt) if token == newline]
    if example.pairs is not None:
        ends = ends[: example.pairs + 1]
    start = ends[0]
    longest = 0
    for first, last in zip(ends, ends[1:]):
        positions[first:last] = start + torch.arange(last - first)
        allowed[first:last, start:first] = False
        longest = max(longest, last - first)
    positions[ends[-1] :] = start + longest + torch.arange(count - ends[-1])
    return positions, allowed


def shared_beginnings(examples: list[Example], shortest: int = 32, fewest: int = 8) -> list[list[int]]:
    """The tokens with which at least `fewest` of the prompts begin, where they are worth computing once: instructions and
    what else is always the same. A prompt's last token, after which the first question is asked, is never among them."""
    alike: dict[tuple[int, ...], list[list[int]]] = defaultdict(list)
    for example in examples:
        if len(example.prompt) > shortest:
            alike[tuple(example.prompt[:shortest])].append(example.prompt)
    beginnings = []
    for prompts in alike.values():
        if len(prompts) >= fewest:
            # What the first and the last in order share, all between them share.
            first, last = min(prompts), max(prompts)
            length = min(len(prompt) for prompt in prompts) - 1
            while first[:length] != last[:length]:
                length -= 1
            beginnings.append(first[:length])
    return beginnings


def batch(
    examples: list[Example], apart: bool = False, step: int = 16, beginnings: Sequence[list[int]] = ()
) -> Batch:
    """Packs examples into one batch whose length is a multiple of `step`.

    beginnings: of prompts that are one text; those that no example has are left out.
    """
    begins = [
        next((place for place, known in enumerate(beginnings) if example.prompt[: len(known)] == known), None)
        for example in examples
    ]
    used = sorted({place for place in begins if place is not None})
    behind_them = [0 if place is None else len(beginnings[place]) for place in begins]
    before = max(behind_them)
    length = max(example.length - skipped for example, skipped in zip(examples, behind_them, strict=True))
    length = -(-length // step) * step
    tokens = torch.zeros(len(examples), length, dtype=torch.long)
    positions = torch.zeros(len(examples), length, dtype=torch.long)
    # Padding sees itself, so that no row is without anything to see.
    allowed = torch.eye(length, dtype=torch.bool).repeat(len(examples), 1, 1)
    allowed = torch.cat((torch.zeros(len(examples), length, before, dtype=torch.bool), allowed), dim=2)
    states, asked, owner, lengths, belongs, gold, scores = [], [], [], [], [], [], []
    for row, example in enumerate(examples):
        skipped = behind_them[row]
        prompt = len(example.prompt) - skipped
        tokens[row, :prompt] = torch.tensor(example.prompt[skipped:])
        places, sees = layout(example, apart)
        positions[row, :prompt] = places[skipped:]
        own = allowed[row, :, before:]
        own[:prompt, :prompt] = sees[skipped:, skipped:]
        behind = int(positions[row, prompt - 1]) + 1
        gold.append(len(lengths) + example.gold)
        place = prompt
        for candidate, score in zip(example.candidates, example.scores, strict=True):
            branch = len(candidate) - 1
            end = place + branch
            tokens[row, place:end] = torch.tensor(candidate[:-1], dtype=torch.long)
            positions[row, place:end] = behind + torch.arange(branch)
            own[place:end, :prompt] = True
            own[place:end, place:end] = torch.ones(branch, branch).tril().bool()
            base = row * length
            states += [base + prompt - 1] + [base + place + offset for offset in range(branch)]
            asked += candidate
            owner += [len(lengths)] * len(candidate)
            lengths.append(len(candidate))
            belongs.append(row)
            scores.append(score)
            place = end
        allowed[row, :place, :skipped] = True
    texts = torch.zeros(len(used), before, dtype=torch.long)
    for row, known in enumerate(used):
        texts[row, : len(beginnings[known])] = torch.tensor(beginnings[known])
    return Batch(
        tokens,
        positions,
        allowed,
        torch.tensor(states),
        torch.tensor(asked),
        torch.tensor(owner),
        torch.tensor(lengths, dtype=torch.float32),
        torch.tensor(belongs),
        torch.tensor(gold),
        torch.tensor(scores, dtype=torch.float32),
        texts if used else None,
        # A row without one sees nothing of the one that it is given.
        torch.tensor([0 if place is None else used.index(place) for place in begins]) if used else None,
    )


def batches(examples: list[Example], token_budget: int, generator: random.Random | None) -> Iterator[list[Example]]:
    """All examples once: alike in length within a batch, in random order, at most `token_budget` tokens with padding."""
    order = list(range(len(examples)))
    if generator:
        generator.shuffle(order)
        # Sorted within stretches, so that lengths are alike and still no epoch is like another.
        stretch = 256
        order = [
            place
            for start in range(0, len(order), stretch)
            for place in sorted(order[start : start + stretch], key=lambda place: examples[place].length)
        ]
    groups: list[list[Example]] = []
    group: list[Example] = []
    for place in order:
        longest = max([example.length for example in group] + [examples[place].length])
        if group and longest * (len(group) + 1) > token_budget:
            groups.append(group)
            group = []
        group.append(examples[place])
    if group:
        groups.append(group)
    if generator:
        generator.shuffle(groups)
    yield from groups
