"""The sentence encoder in torch: BERT (Devlin et al. 2019), the mean over the tokens, unit length."""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional


class EncoderModel(nn.Module):
    """Weights under the names that the published file has, so that what was trained is written back as it was read.

    With `drops_out` and in training, numbers are left out by chance at the places and rates that it was pre-trained with.
    """

    def __init__(self, folder: Path, drops_out: bool = False) -> None:
        super().__init__()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.hidden_dropout = config.get("hidden_dropout_prob", 0.1) if drops_out else 0.0
        self.attention_dropout = config.get("attention_probs_dropout_prob", 0.1) if drops_out else 0.0
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.epsilon = config["layer_norm_eps"]
        self.published = load_file(folder / "model.safetensors")
        # A parameter's name cannot hold a dot.
        self.weights = nn.ParameterDict(
            {
                name.replace(".", "|"): nn.Parameter(figures.clone())
                for name, figures in self.published.items()
                if figures.is_floating_point() and not name.startswith("pooler.")
            }
        )

    def weight(self, name: str) -> Tensor:
        return self.weights[name.replace(".", "|")]

    def forward(self, tokens: Tensor, is_token: Tensor) -> Tensor:
        """tokens: (batch, length), padded with 0; is_token: the same, true where there is one. Returns (batch, width)."""
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        x = (
            functional.embedding(tokens, self.weight("embeddings.word_embeddings.weight"))
            + self.weight("embeddings.position_embeddings.weight")[positions]
            + self.weight("embeddings.token_type_embeddings.weight")[0]
        )
        x = self.dropped(self.normalised(x, "embeddings.LayerNorm"), self.hidden_dropout)
        hidden = torch.zeros(is_token.shape, device=x.device).masked_fill(~is_token, -torch.inf)[:, None, None]
        for number in range(self.layers):
            x = self.layer(x, hidden, f"encoder.layer.{number}")
        mean = (x * is_token[..., None]).sum(1) / is_token.sum(1, keepdim=True)
        return functional.normalize(mean, dim=1)

    def layer(self, x: Tensor, hidden: Tensor, name: str) -> Tensor:
        batch, length, width = x.shape

        def split(part: str) -> Tensor:
            return self.linear(x, f"{name}.attention.self.{part}").view(batch, length, self.heads, -1).transpose(1, 2)

        q, k, v = split("query"), split("key"), split("value")
        attention = (q @ k.transpose(2, 3) / math.sqrt(width // self.heads) + hidden).softmax(-1)
        seen = self.dropped(attention, self.attention_dropout) @ v
        seen = self.linear(seen.transpose(1, 2).reshape(batch, length, width), f"{name}.attention.output.dense")
        x = self.normalised(x + self.dropped(seen, self.hidden_dropout), f"{name}.attention.output.LayerNorm")
        wide = functional.gelu(self.linear(x, f"{name}.intermediate.dense"))
        told = self.linear(wide, f"{name}.output.dense")
        return self.normalised(x + self.dropped(told, self.hidden_dropout), f"{name}.output.LayerNorm")

    def dropped(self, x: Tensor, rate: float) -> Tensor:
        return functional.dropout(x, rate) if rate > 0 and self.training else x

    def linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"))

    def normalised(self, x: Tensor, name: str) -> Tensor:
        shape = (x.shape[-1],)
        return functional.layer_norm(
            x, shape, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), self.epsilon
        )

    def write(self, folder: Path, share: float) -> None:
        """Writes share x trained + (1 - share) x published weights into a folder that is otherwise a copy."""
        figures = dict(self.published)
        for name, trained in self.weights.items():
            name = name.replace("|", ".")
            mixed = share * trained.detach().cpu() + (1 - share) * self.published[name]
            figures[name] = mixed.contiguous()
        save_file(figures, folder / "model.safetensors")
