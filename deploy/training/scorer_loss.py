"""What a scorer learns from: REIC's scores of the candidates (eq. 5), and losses over them."""

import torch
from torch import Tensor

from base_model import BaseModel
from examples import Batch


def candidate_scores(model: BaseModel, batch: Batch) -> Tensor:
    """The mean log-probability of each candidate's tokens, the newline among them. Returns (candidates of the batch)."""
    states = model(batch.tokens, batch.positions, batch.allowed).flatten(0, 1)[batch.states]
    each = model.log_probabilities(states, batch.asked)
    sums = torch.zeros(len(batch.lengths), device=each.device).index_add(0, batch.owner, each)
    return sums / batch.lengths


def token_cross_entropy(scores: Tensor, batch: Batch) -> Tensor:
    """The paper's loss: the mean negative log-probability of the right candidate's tokens. Returns (examples)."""
    return -scores[batch.gold]


def listwise(scores: Tensor, batch: Batch, temperature: float) -> Tensor:
    """Cross-entropy of the right candidate under a softmax over those of its example. Returns (examples)."""
    scaled = scores / temperature
    highest = torch.full((len(batch.gold),), -torch.inf, device=scores.device)
    highest = highest.scatter_reduce(0, batch.example, scaled.detach(), "amax")
    sums = torch.zeros(len(batch.gold), device=scores.device)
    sums = sums.index_add(0, batch.example, (scaled - highest[batch.example]).exp())
    return sums.log() + highest - scaled[batch.gold]
