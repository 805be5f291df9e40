"""Trainings of adapters on a tiny model: what is kept, and how one that was interrupted goes on."""

import dataclasses
import json
import signal
import subprocess
import sys

import pytest
import torch
from conftest import TRAINING

import namer
import scorer
import training
from adapter_training import split
from base_model import BaseModel
from examples import batch, read_examples, shared_beginnings

SETTINGS = training.Settings(
    rank=2,
    alpha=4,
    learning_rate=1e-2,
    warm_up=0.05,
    batch_tokens=400,
    minutes=1_000,
    epochs=3,
    checks=4,
    patience=100,
    seed=1,
    source="",
)


class Killed(Exception):
    pass


@dataclasses.dataclass
class Place:
    """Makes trainings that write into one folder."""

    model: object
    examples: list
    folder: object

    def training(self, kind=namer.Training, settings=SETTINGS, dies_after=None):
        train, valid = split(self.examples, 8, seed=1)
        model = BaseModel(self.model, settings.rank, settings.alpha, settings.seed)
        made = kind(model, settings, train, valid, self.folder)
        made.groups = []
        losses = made.losses

        def noted(group):
            if dies_after is not None and len(made.groups) == dies_after:
                raise Killed
            made.groups.append([example.prompt for example in group])
            return losses(group)

        made.losses = noted
        return made


@pytest.fixture
def place(tiny, names, tmp_path):
    return Place(tiny, read_examples(names), tmp_path)


def weights(made):
    return torch.cat([parameter.detach().flatten() for parameter in made.parameters])


def test_beginnings_that_are_computed_once_change_nothing(tiny, names):
    examples = read_examples(names)
    beginnings = shared_beginnings(examples)
    assert len(beginnings) == 2
    model = BaseModel(tiny, rank=2, alpha=4)
    with torch.no_grad():
        for linear in model.adapted().values():
            linear.b.normal_(0, 0.1, generator=torch.Generator().manual_seed(1))
    # One prompt that begins otherwise, and one kind alone.
    other = dataclasses.replace(examples[4], prompt=[7, *examples[4].prompt])
    for group in ([*examples[:6], other], [examples[0]], [other]):
        found = []
        for known in ([], beginnings):
            packed = batch(group, beginnings=known)
            losses, hits = namer.answer_losses(model, packed)
            model.zero_grad()
            losses.mean().backward()
            gradients = torch.cat([linear.a.grad.flatten() for linear in model.adapted().values()])
            found.append((losses.detach(), hits, gradients))
        (whole, whole_hits, whole_gradients), (shared, shared_hits, shared_gradients) = found
        assert torch.allclose(whole, shared, atol=1e-4)
        assert torch.equal(whole_hits, shared_hits)
        assert torch.allclose(whole_gradients, shared_gradients, atol=1e-4)
    assert batch(examples[:6], beginnings=beginnings).tokens.numel() < 0.7 * batch(examples[:6]).tokens.numel()


@pytest.mark.parametrize("dies_after", [3, 20])
def test_one_that_was_killed_ends_as_an_unbroken_one(place, tmp_path, monkeypatch, dies_after):
    monkeypatch.setattr(training, "BETWEEN_CHECKPOINTS", 0)
    place.folder = tmp_path / "unbroken"
    place.folder.mkdir()
    unbroken = place.training()
    assert unbroken.run() is None
    in_an_epoch = len(unbroken.groups) / 3
    assert dies_after % in_an_epoch
    place.folder = tmp_path / "killed"
    place.folder.mkdir()
    first = place.training(dies_after=dies_after)
    with pytest.raises(Killed):
        first.run()
    second = place.training()
    assert second.resume()
    assert second.course.seen > 0
    assert second.run() is None
    assert first.groups + second.groups == unbroken.groups
    assert torch.equal(weights(second), weights(unbroken))
    assert second.checks == unbroken.checks
    assert second.course.best == unbroken.course.best
    adapters = [(tmp_path / name / "adapter.gguf").read_bytes() for name in ("unbroken", "killed")]
    assert adapters[0] == adapters[1]


def test_one_whose_time_is_over_in_the_first_epoch_leaves_an_adapter(place):
    made = place.training(settings=dataclasses.replace(SETTINGS, minutes=1e-6))
    assert made.run() is None
    assert len(made.groups) == 1 and len(made.checks) == 2
    assert (place.folder / "adapter.gguf").exists()


def test_what_is_kept_is_the_best_state(place):
    made = place.training()
    written = []
    made.write = lambda: written.append(made.checks[-1].loss)
    made.run()
    losses = [check.loss for check in made.checks[1:]]
    assert len(losses) == SETTINGS.checks
    assert written == sorted(written, reverse=True)
    assert written[-1] == made.course.best == pytest.approx(min(losses), abs=1e-4)


def test_a_checkpoint_of_other_examples_is_refused(place):
    place.training(settings=dataclasses.replace(SETTINGS, minutes=1e-6)).run()
    with pytest.raises(SystemExit, match="belongs to other examples or settings .source"):
        place.training(settings=dataclasses.replace(SETTINGS, source="other")).resume()


def test_more_epochs_go_on_and_are_measured(place):
    place.training().run()
    more = place.training(settings=dataclasses.replace(SETTINGS, epochs=6))
    assert more.resume() and not more.course.is_over
    before = len(more.checks)
    more.run()
    assert more.course.done == 1 and len(more.checks) > before


def scorer_settings(**others):
    common = dataclasses.asdict(SETTINGS) | {"temperature": 1 / 3, "prior_weight": 1.0, "llm_weight": 2.0, "apart": False}
    return scorer.Settings(**(common | others))


@pytest.mark.parametrize("apart", [False, True])
def test_the_scorer_is_trained_and_goes_on_likewise(tiny, choices, tmp_path, monkeypatch, apart):
    monkeypatch.setattr(training, "BETWEEN_CHECKPOINTS", 0)
    place = Place(tiny, read_examples(choices), tmp_path)
    settings = scorer_settings(apart=apart)
    with pytest.raises(Killed):
        place.training(scorer.Training, settings, dies_after=4).run()
    made = place.training(scorer.Training, settings)
    assert made.resume() and made.run() is None
    assert (tmp_path / "adapter.gguf").exists()
    assert len(made.checks) == 1 + SETTINGS.checks


def test_a_scorer_goes_on_from_a_checkpoint_of_an_earlier_version(tiny, choices, tmp_path):
    place = Place(tiny, read_examples(choices), tmp_path)
    made = place.training(scorer.Training, scorer_settings())
    made.check()
    settings = {name: value for name, value in dataclasses.asdict(made.settings).items() if name != "loss"}
    torch.save(
        {
            "settings": settings | {"batches_per_step": 1},
            "adapter": [parameter.detach() for parameter in made.parameters],
            "optimiser": made.optimiser.state_dict(),
            "generator": made.generator.getstate(),
            "progress": 0.4,
            "spent": 60.0,
            "seen": 38,
            "checks": [dataclasses.asdict(check) for check in made.checks],
            "best": 1.5,
            "stale": 1,
        },
        made.checkpoint,
    )
    later = place.training(scorer.Training, scorer_settings())
    assert later.resume()
    course = later.course
    assert (course.seen, course.seconds, course.best, course.stale, course.place) == (38, 60.0, 1.5, 1, 0)
    assert not course.is_check_due and not course.has_unmeasured


@pytest.mark.parametrize(("asked", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_one_that_is_asked_to_end_writes_what_it_learnt(tiny, names, tmp_path, asked, status):
    command = [sys.executable, TRAINING / "namer.py", "--model", tiny, "--examples", names, "--out", tmp_path]
    command += ["--held-out", "8", "--rank", "2", "--threads", "1"]
    command += ["--epochs", "100000", "--patience", "100000", "--minutes", "100"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    told = []
    for line in process.stderr:
        told.append(line)
        if "min left" in line:
            process.send_signal(asked)
            break
    told.append(process.stderr.read())
    assert process.wait(timeout=60) == status, "".join(told)
    assert "started again with the same folder it goes on" in told[-1]
    assert (tmp_path / "adapter.gguf").exists()
    card = json.loads((tmp_path / "model-card.json").read_text())
    assert card["done"] < 1 and len(card["checks"]) == 2
    again = subprocess.run([*command, "--minutes", "0.00001"], capture_output=True, text=True, timeout=60)
    assert again.returncode == 0, again.stderr
    assert f"going on after {card['examples']['seen']} examples" in again.stderr
