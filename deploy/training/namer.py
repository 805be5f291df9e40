"""Trains the adapter that answers questions about clusters: what is the name of these utterances, and are they one intent.

Called by `deploy/train namer`, which makes the examples with the product's own prompts and tokens. What is learnt is the
answer's tokens after the prompt (cross-entropy); which answers are possible at all is the node's affair.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

import training
from adapter_training import base_model, begin, parser
from base_model import BaseModel
from examples import Batch, Example, batch, batches, shared_beginnings
from training import Purpose, Settings, carry_out, common_settings


@dataclass
class Check(training.Check):
    """Figures on intents that were not trained on; the loss is the negative log-probability of an answer."""

    tokens_right: float  # share of the answers' tokens that the model would write itself


def answer_losses(model: BaseModel, packed: Batch) -> tuple[Tensor, Tensor]:
    """Of each example the negative log-probability of its answer, and for each token of the answers whether the model would
    write it itself."""
    states = model(packed.tokens, packed.positions, packed.allowed, packed.beginnings, packed.begins)
    # Of the prompts' tokens nobody asks what comes next: logits are made of the answers' alone.
    states = states.flatten(0, 1)[packed.states]
    logits = functional.linear(states, model.head).float()
    each = functional.cross_entropy(logits, packed.asked, reduction="none")
    sums = torch.zeros(len(packed.lengths), device=each.device).index_add(0, packed.owner, each)
    return sums, logits.argmax(dim=1) == packed.asked


class Training(training.Training):
    check_type = Check
    purpose = Purpose("Switchboard namer", "LoRA that names clusters of utterances", prompt="clusters")

    def __init__(
        self,
        model: BaseModel,
        settings: Settings,
        train: list[Example],
        valid: list[Example],
        folder: Path,
        goes_on: bool = False,
    ):
        super().__init__(model, settings, train, valid, folder, goes_on)
        # The instructions, which are two fifths of all tokens.
        self.beginnings = shared_beginnings(train + valid)

    def answers(self, group: list[Example]) -> tuple[Tensor, Tensor]:
        return answer_losses(self.model, batch(group, beginnings=self.beginnings).to(self.device))

    def losses(self, group: list[Example]) -> Tensor:
        return self.answers(group)[0]

    def objective(self, losses: Tensor) -> Tensor:
        return losses.mean()

    def measured(self) -> tuple[Check, str]:
        losses, right, tokens, count = 0.0, 0, 0, 0
        for group in batches(self.valid, self.settings.batch_tokens, None):
            each, hits = self.answers(group)
            losses += float(each.sum())
            right += int(hits.sum())
            tokens += len(hits)
            count += len(group)
        check = Check(count, losses / count, right / tokens)
        return check, f"loss {check.loss:.4f}, {100 * check.tokens_right:.1f} % of the tokens right"


def main() -> None:
    options = parser("namer", __doc__, "switchboard training-set --for namer", held_out=60, minutes=20).parse_args()
    # By intent, so that what is measured are names of intents that were never seen.
    train, valid = begin(options)
    model = base_model(options, train, valid)
    settings = Settings(**common_settings(options))
    carry_out(options, Training(model, settings, train, valid, options.out, goes_on=options.from_adapter is not None))


if __name__ == "__main__":
    main()
