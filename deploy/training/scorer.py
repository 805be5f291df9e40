"""Trains the scorer's adapter: which of the candidates an utterance has, given labelled ones like it.

Called by `deploy/train scorer`, which makes the examples with the product's own encoder, index and prompt.
"""

import argparse
from dataclasses import dataclass

import torch
from torch import Tensor

import training
from adapter_training import base_model, begin, parser, say
from base_model import BaseModel
from examples import Batch, Example, batch, batches
from scorer_loss import candidate_scores, listwise, token_cross_entropy
from training import Purpose, carry_out, common_settings

# By so many each step's sum of losses is divided: about as many as a batch has.
TYPICAL_EXAMPLES = 8.0


@dataclass
class Settings(training.Settings):
    temperature: float
    prior_weight: float
    llm_weight: float
    # Whether the pairs' lines stand apart.
    apart: bool
    # Checkpoints from before there was a choice are of this one.
    loss: str = "listwise"


@dataclass
class Check(training.Check):
    alone: float  # share of examples where the language model's best candidate is right
    joined: float  # the same together with what speaks for each candidate without it
    prior: float  # the same without the language model


class Training(training.Training):
    check_type = Check

    @property
    def purpose(self) -> Purpose:
        form = "apart" if self.settings.apart else "joined"
        return Purpose("Switchboard scorer", "LoRA that scores intents among labelled utterances", form)

    def packed(self, group: list[Example]) -> Batch:
        return batch(group, self.settings.apart).to(self.device)

    def losses(self, group: list[Example]) -> Tensor:
        packed = self.packed(group)
        return self.loss(candidate_scores(self.model, packed), packed)

    def objective(self, losses: Tensor) -> Tensor:
        return losses.sum() / TYPICAL_EXAMPLES

    def loss(self, scores: Tensor, packed: Batch) -> Tensor:
        """Half of it from the scores alone, half from what they add to the evidence that is there without them; or the paper's."""
        if self.settings.loss == "tokens":
            return token_cross_entropy(scores, packed)
        alone = listwise(scores, packed, self.settings.temperature)
        joined = listwise(self.settings.prior_weight * packed.scores + self.settings.llm_weight * scores, packed, 1)
        return (alone + joined) / 2

    def measured(self) -> tuple[Check, str]:
        losses, alone, joined, prior, count = 0.0, 0, 0, 0, 0
        for group in batches(self.valid, self.settings.batch_tokens, None):
            packed = self.packed(group)
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
        return check, (
            f"loss {check.loss:.4f}, right {100 * check.alone:.1f} % alone, {100 * check.joined:.1f} % with the other "
            f"evidence ({100 * check.prior:.1f} % without the model)"
        )


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
    options = parser("scorer", __doc__, "switchboard training-set", held_out=320, minutes=45)
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
        **common_settings(options),
        temperature=options.temperature,
        prior_weight=options.prior_weight,
        llm_weight=options.llm_weight,
        apart=options.apart,
        loss=options.loss,
    )
    untrained = BaseModel(options.model, settings.rank, settings.alpha, settings.seed)
    compare(untrained, train + valid, settings.apart)
    model = base_model(options, train, valid)
    carry_out(options, Training(model, settings, train, valid, options.out, goes_on=options.from_adapter is not None))


if __name__ == "__main__":
    main()
