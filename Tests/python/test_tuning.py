"""The arithmetic of `deploy/train tune`, which needs no torch."""

import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy/training"))

from tuning import Plan, alike, seconds_left, without_some  # noqa: E402
from wordpiece import MOST_TOKENS, WordPieceTokenizer  # noqa: E402


@pytest.mark.parametrize(
    ("texts", "epochs", "each"),
    # Whole batches only; a pool of less than one batch is one; a large one is seen in part.
    [(3080, 3, 48), (1503, 3, 23), (40, 3, 1), (100_000, 3, 200), (100_000, 1, 600)],
)
def test_steps_follow_from_texts_and_have_a_bound(texts, epochs, each):
    plan = Plan(texts=texts, epochs=epochs)
    assert plan.steps_each == each
    assert plan.steps == epochs * each <= max(600, epochs)


def test_the_rate_rises_over_ten_steps_and_falls_in_a_line():
    plan = Plan(texts=3080)
    rates = [plan.rate(step) for step in range(plan.steps)]
    assert rates[0] == pytest.approx(2e-6)
    assert rates[9] == rates[10] == max(rates) == pytest.approx(2e-5)
    falls = np.diff(rates[10:])
    assert np.allclose(falls, falls[0]) and falls[0] < 0
    assert 0 < rates[-1] < 2e-7


def test_an_epoch_sees_a_text_once_and_partners_are_near():
    texts = 640
    near = (np.arange(texts)[:, None] + np.arange(1, 11)) % texts
    plan = Plan(texts=texts)
    seen = []
    for step in range(plan.steps_each):
        rows = plan.rows(step, near)
        drawn, partners = rows[:64], rows[64:]
        assert len(partners) == 64
        assert all(partner in near[row] for row, partner in zip(drawn, partners, strict=True))
        seen += drawn.tolist()
    assert sorted(seen) == list(range(texts))


def test_a_step_draws_the_same_whenever_it_is_done():
    near = (np.arange(200)[:, None] + np.arange(1, 11)) % 200
    plan = Plan(texts=200, seed=7)
    late = plan.rows(4, near)
    assert all(not np.array_equal(plan.rows(step, near), late) for step in range(4))
    assert np.array_equal(plan.rows(4, near), late)
    assert not np.array_equal(Plan(texts=200, seed=8).rows(4, near), late)


def test_two_belong_together_where_either_is_near_the_other():
    near = np.array([[1], [2], [3], [0], [0]])
    rows = np.array([0, 1, 3, 4, 0])
    expected = {(0, 1), (2, 0), (3, 0), (4, 1), (2, 4), (3, 4), (0, 4)}
    together = alike(rows, near)
    assert {(int(a), int(b)) for a, b in np.argwhere(together)} == expected | {(b, a) for a, b in expected}


def test_some_tokens_go_and_the_frame_stays():
    random = np.random.default_rng(1)
    tokens = [101, *range(1000, 2000), 102]
    kept = without_some(tokens, 0.1, random)
    assert kept[0] == 101 and kept[-1] == 102
    assert 860 < len(kept) < 940
    assert kept == sorted(kept, key=tokens.index)
    assert without_some([101, 7, 102], 1.0, random) == [101, 7, 102]


def test_time_left_follows_from_the_pace():
    assert seconds_left(10, 40, 0.25) == pytest.approx(90)
    assert seconds_left(10, 10, 0) is None


def test_words_become_the_longest_pieces(tmp_path):
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "my", "card", "##s", "ca", "##rd", "?", "uber"]
    (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    tokenizer = WordPieceTokenizer(tmp_path)
    named = [[words[token] for token in tokenizer(text)][1:-1] for text in ("My cards?", "ÜBER my\u200b", "卡 xyz")]
    assert named == [["my", "card", "##s", "?"], ["uber", "my"], ["[UNK]", "[UNK]"]]
    assert len(tokenizer("my " * 1000)) == MOST_TOKENS
