"""What the machine computes with."""

import torch


def figures_type() -> torch.dtype:
    """16 bit where the machine computes in them, else 32."""
    if torch.cuda.is_available():
        return torch.bfloat16
    has_bf16 = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if has_bf16 else torch.float32
