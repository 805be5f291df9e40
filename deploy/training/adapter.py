"""Adapters as GGUF files, which llama.cpp reads."""

from pathlib import Path

import gguf
import numpy
import torch

from base_model import BaseModel


def write_adapter(model: BaseModel, path: Path, name: str, description: str, prompt: str) -> None:
    """Writes the adapter of `model` in 16-bit figures, under a temporary name first.

    prompt: the form that it was trained on, `joined` or `apart`; a node shows it prompts of that form.
    """
    unfinished = path.with_name(path.name + ".new")
    writer = gguf.GGUFWriter(unfinished, model.architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(model.alpha))
    writer.add_name(name)
    writer.add_description(description)
    writer.add_string("switchboard.prompt", prompt)
    for matrix, linear in model.adapted().items():
        writer.add_tensor(f"{matrix}.weight.lora_a", half(linear.a))
        writer.add_tensor(f"{matrix}.weight.lora_b", half(linear.b))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.replace(path)


def read_adapter(model: BaseModel, path: Path) -> None:
    """Puts a written adapter into `model`, so that training goes on from it."""
    reader = gguf.GGUFReader(path)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    with torch.no_grad():
        for matrix, linear in model.adapted().items():
            for part, parameter in (("lora_a", linear.a), ("lora_b", linear.b)):
                tensor = tensors.get(f"{matrix}.weight.{part}")
                if tensor is None:
                    raise SystemExit(f"{path} has no tensor {matrix}.weight.{part}: it is an adapter for another model")
                figures = torch.from_numpy(numpy.array(tensor.data, dtype=numpy.float32))
                if figures.shape != parameter.shape:
                    raise SystemExit(
                        f"{matrix}.weight.{part} of {path} is {tuple(figures.shape)}; this model and rank need "
                        f"{tuple(parameter.shape)}"
                    )
                parameter.copy_(figures)


def half(parameter: torch.Tensor) -> numpy.ndarray:
    return parameter.detach().cpu().to(torch.float16).numpy()
