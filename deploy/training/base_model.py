"""The base language model, computed in torch from the very GGUF file that serves.

The rows of q and k lie in that file as llama.cpp wants them: a rotation turns neighbours (0 and 1, 2 and 3...), where the
published weights pair the two halves of a head. The model here turns neighbours too. So nothing is permuted when weights
are read, and nothing when an adapter is written.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """Figures of a llama-type model, as its file names them."""

    layers: int
    width: int
    heads: int
    key_heads: int
    rope_base: float
    norm_epsilon: float


class AdaptedLinear(nn.Module):
    """x W' + (alpha / rank) (x A') B': a frozen matrix and what is learnt beside it (Hu et al. 2021, LoRA).

    W is (out, in), A (rank, in), B (out, rank); B begins at zero, so an untrained adapter changes nothing.
    """

    def __init__(self, weight: Tensor, rank: int, alpha: float, generator: torch.Generator) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        bound = math.sqrt(3 / weight.shape[1])
        start = torch.empty(rank, weight.shape[1]).uniform_(-bound, bound, generator=generator)
        self.a = nn.Parameter(start)
        self.b = nn.Parameter(torch.zeros(weight.shape[0], rank))
        self.scale = alpha / rank

    def forward(self, x: Tensor) -> Tensor:
        # Scaled where it is narrowest.
        narrow = self.scale * functional.linear(x, self.a.to(x.dtype))
        return functional.linear(x, self.weight) + functional.linear(narrow, self.b.to(x.dtype))


class Layer(nn.Module):
    """One block: attention over the allowed tokens, then the gated feed-forward part."""

    linears = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")

    def __init__(self, shape: Shape, norms: dict[str, Tensor], linears: dict[str, AdaptedLinear]) -> None:
        super().__init__()
        self.shape = shape
        self.attn_norm = nn.Parameter(norms["attn_norm"], requires_grad=False)
        self.ffn_norm = nn.Parameter(norms["ffn_norm"], requires_grad=False)
        for name in self.linears:
            setattr(self, name, linears[name])

    def forward(
        self, x: Tensor, turn: tuple[Tensor, Tensor], allowed: Tensor, before: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """before: keys and values of earlier tokens, which are seen too: the first columns of `allowed` are theirs.

        Returns what the layer makes of each token, and the keys and values of all: (batch, key heads, tokens, head width).
        """
        batch, length, _ = x.shape
        y = normalised(x, self.attn_norm, self.shape.norm_epsilon)
        q = self.attn_q(y).view(batch, length, self.shape.heads, -1).transpose(1, 2)
        k = self.attn_k(y).view(batch, length, self.shape.key_heads, -1).transpose(1, 2)
        v = self.attn_v(y).view(batch, length, self.shape.key_heads, -1).transpose(1, 2)
        k = turned(k, turn)
        if before is not None:
            k, v = torch.cat((before[0], k), dim=2), torch.cat((before[1], v), dim=2)
        # Heads of one key stand side by side, so that neither keys nor values are copied for each.
        q = (turned(q, turn) / math.sqrt(q.shape[-1])).reshape(batch, self.shape.key_heads, -1, q.shape[-1])
        # Written out: on a CPU torch's own attention takes three times as long on the way back.
        likeness = (q @ k.transpose(2, 3)).view(batch, self.shape.heads, length, -1)
        weights = (likeness + allowed).softmax(-1).view(batch, self.shape.key_heads, -1, k.shape[2])
        seen = (weights @ v).view(batch, self.shape.heads, length, -1)
        x = x + self.attn_output(seen.transpose(1, 2).reshape(batch, length, -1))
        y = normalised(x, self.ffn_norm, self.shape.norm_epsilon)
        return x + self.ffn_down(functional.silu(self.ffn_gate(y)) * self.ffn_up(y)), (k, v)


def normalised(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """x over its root mean square, times the weight (Zhang and Sennrich 2019)."""
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + epsilon)).to(x.dtype) * weight


def turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions (Su et al. 2021) on neighbouring figures; x is (batch, heads, tokens, head width)."""
    cosine, sine = turn
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1).flatten(-2)


class BaseModel(nn.Module):
    """The whole model with an adapter beside each of its matrices."""

    def __init__(self, path: Path, rank: int = 8, alpha: float = 16, seed: int = 1, dtype: torch.dtype = torch.float32):
        super().__init__()
        reader = gguf.GGUFReader(path)
        architecture = text_field(reader, "general.architecture")
        if architecture != "llama":
            raise SystemExit(f"{path} is a model of type {architecture}; adapters are trained for type llama only")
        self.shape = Shape(
            layers=int(field(reader, f"{architecture}.block_count")),
            width=int(field(reader, f"{architecture}.embedding_length")),
            heads=int(field(reader, f"{architecture}.attention.head_count")),
            key_heads=int(field(reader, f"{architecture}.attention.head_count_kv")),
            rope_base=float(field(reader, f"{architecture}.rope.freq_base")),
            norm_epsilon=float(field(reader, f"{architecture}.attention.layer_norm_rms_epsilon")),
        )
        self.architecture = architecture
        self.rank, self.alpha = rank, alpha
        weights = {tensor.name: tensor for tensor in reader.tensors}

        def weight(name: str) -> Tensor:
            tensor = weights[f"{name}.weight"]
            figures = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
            return torch.from_numpy(numpy.array(figures, dtype=numpy.float32)).to(dtype)

        generator = torch.Generator().manual_seed(seed)
        self.embedding = nn.Parameter(weight("token_embd"), requires_grad=False)
        self.output_norm = nn.Parameter(weight("output_norm"), requires_grad=False)
        head = weight("output") if "output.weight" in weights else None
        self.head = nn.Parameter(head, requires_grad=False) if head is not None else self.embedding
        self.layers = nn.ModuleList()
        for number in range(self.shape.layers):
            prefix = f"blk.{number}"
            norms = {name: weight(f"{prefix}.{name}") for name in ("attn_norm", "ffn_norm")}
            linears = {
                name: AdaptedLinear(weight(f"{prefix}.{name}"), rank, alpha, generator) for name in Layer.linears
            }
            self.layers.append(Layer(self.shape, norms, linears))

    def adapted(self) -> dict[str, AdaptedLinear]:
        """Each matrix by the name that the file gives it."""
        return {
            f"blk.{number}.{name}": getattr(layer, name)
            for number, layer in enumerate(self.layers)
            for name in Layer.linears
        }

    def forward(
        self,
        tokens: Tensor,
        positions: Tensor,
        allowed: Tensor,
        beginnings: Tensor | None = None,
        begins: Tensor | None = None,
    ) -> Tensor:
        """What the model makes of each token, ready for `log_probabilities`.

        tokens and positions: (batch, length); allowed: (batch, length, length), true where a row's token sees a
        column's. Returns (batch, length, width).

        beginnings: (some, beginning), texts that rows go on from and that are computed once for all of these; begins:
        (batch), which one a row has. `allowed` is (batch, length, beginning + length) then.
        """
        x, turn, hidden = self.entrance(tokens, positions, allowed)
        if beginnings is None:
            for layer in self.layers:
                x, _ = layer(x, turn, hidden)
        else:
            count, length = beginnings.shape
            places = torch.arange(length, device=tokens.device).expand(count, length)
            causal = torch.ones(count, length, length, dtype=torch.bool, device=tokens.device).tril()
            start, start_turn, start_hidden = self.entrance(beginnings, places, causal)
            for layer in self.layers:
                start, (keys, values) = layer(start, start_turn, start_hidden)
                x, _ = layer(x, turn, hidden, before=(keys[begins], values[begins]))
        return normalised(x, self.output_norm, self.shape.norm_epsilon)

    def entrance(self, tokens: Tensor, positions: Tensor, allowed: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """What the first layer gets: the tokens' vectors, how far each is turned, and minus infinity for what is not seen."""
        x = functional.embedding(tokens, self.embedding)
        half = self.shape.width // self.shape.heads // 2
        steps = self.shape.rope_base ** (-torch.arange(half, device=tokens.device, dtype=torch.float32) / half)
        angles = positions[:, None, :, None].float() * steps
        turn = (angles.cos().to(x.dtype), angles.sin().to(x.dtype))
        return x, turn, torch.zeros(allowed.shape, dtype=x.dtype, device=x.device).masked_fill(~allowed, -torch.inf)[:, None]

    def log_probabilities(self, states: Tensor, tokens: Tensor) -> Tensor:
        """Of each token after the state in the same place. states: (n, width), tokens: (n). Returns (n)."""
        logits = functional.linear(states, self.head).float()
        return logits.gather(1, tokens[:, None])[:, 0] - logits.logsumexp(dim=1)


def field(reader: gguf.GGUFReader, name: str):
    part = reader.get_field(name)
    if part is None:
        raise SystemExit(f"{reader.data.filename} has no field {name}")
    return part.contents()


def text_field(reader: gguf.GGUFReader, name: str) -> str:
    return str(field(reader, name))
