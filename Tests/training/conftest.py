"""A tiny random model of the llama kind, and examples for it. Run with the environment that deploy/train made:

    nice $SWITCHBOARD_CACHE/train-venv/bin/python -m pytest -q Tests/training
"""

import json
import pathlib
import random
import sys

import gguf
import numpy
import pytest
import torch

# Two threads on so little wait for each other most of the time.
torch.set_num_threads(1)

TRAINING = pathlib.Path(__file__).resolve().parents[2] / "deploy/training"
sys.path.insert(0, str(TRAINING))

WORDS, WIDTH, HEADS, KEY_HEADS, INNER, LAYERS = 60, 32, 4, 2, 48, 2
NEWLINE = 1
INSTRUCTIONS = [[2, *range(10, 44), NEWLINE], [2, *range(12, 50), NEWLINE]]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Its file."""
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    random_numbers = numpy.random.default_rng(1)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)

    def add(name, *shape):
        writer.add_tensor(f"{name}.weight", random_numbers.normal(0, 0.3, shape).astype(numpy.float32))

    add("token_embd", WORDS, WIDTH)
    writer.add_tensor("output_norm.weight", numpy.ones(WIDTH, dtype=numpy.float32))
    keys = WIDTH // HEADS * KEY_HEADS
    for layer in range(LAYERS):
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", numpy.ones(WIDTH, dtype=numpy.float32))
        for name, rows, columns in (
            ("attn_q", WIDTH, WIDTH),
            ("attn_k", keys, WIDTH),
            ("attn_v", keys, WIDTH),
            ("attn_output", WIDTH, WIDTH),
            ("ffn_gate", INNER, WIDTH),
            ("ffn_up", INNER, WIDTH),
            ("ffn_down", WIDTH, INNER),
        ):
            add(f"blk.{layer}.{name}", rows, columns)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="session")
def names(tmp_path_factory):
    """Examples as `training-set --for namer` writes them: instruction, utterances, one answer of two tokens and a newline."""
    drawn = random.Random(5)
    lines = []
    for number in range(80):
        intent = number % 20
        instruction = INSTRUCTIONS[number % 3 == 0]
        utterances = [[*drawn.choices(range(3, WORDS), k=drawn.randint(2, 7)), NEWLINE] for _ in range(drawn.randint(2, 6))]
        prompt = [*instruction, *(token for line in utterances for token in line), 4]
        answer = [20 + intent, 5 + intent, NEWLINE]
        lines.append({"prompt": prompt, "candidates": [answer], "gold": 0, "scores": [0], "key": f"intent {intent}"})
    path = tmp_path_factory.mktemp("names") / "names.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture(scope="session")
def choices(tmp_path_factory):
    """Examples as `training-set` writes them for the scorer."""
    drawn = random.Random(6)
    lines = []
    for number in range(40):
        candidates = [[*drawn.choices(range(3, WORDS), k=drawn.randint(1, 3)), NEWLINE] for _ in range(3)]
        prompt = [2, 9, NEWLINE, *drawn.choices(range(3, WORDS), k=12), NEWLINE, *drawn.choices(range(3, WORDS), k=5)]
        asked = {"prompt": prompt, "pairs": 1, "candidates": candidates, "key": str(number)}
        lines.append(asked | {"gold": number % 3, "scores": [-1, -1, -1]})
    path = tmp_path_factory.mktemp("choices") / "choices.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path
