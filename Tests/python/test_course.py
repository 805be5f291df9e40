"""The way of a training of an adapter (deploy/training/course.py), which needs no torch."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy/training"))

from course import Course  # noqa: E402


def course(**settings):
    known = {"examples": 100, "epochs": 3, "minutes": 60, "checks": 10, "patience": 4, "learning_rate": 1, "warm_up": 0.1}
    return Course(**(known | settings))


def test_it_ends_with_the_epochs_or_the_time_whichever_is_first():
    by_epochs = course()
    by_epochs.went_on(150, 60)
    assert by_epochs.done == pytest.approx(0.5) and not by_epochs.is_over
    by_epochs.went_on(150, 60)
    assert by_epochs.is_over
    by_time = course(minutes=1)
    by_time.went_on(8, 61)
    assert by_time.done == 1 and by_time.is_over


def test_the_rate_rises_and_falls_to_a_twentieth():
    rates = []
    way = course(examples=100, epochs=1)
    for _ in range(100):
        way.went_on(1, 0)
        rates.append(way.rate)
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == pytest.approx(1)
    assert rates == sorted(rates[:10]) + sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.05)


def test_it_is_measured_evenly_and_within_an_epoch():
    way, measured = course(), []
    while not way.is_over:
        way.went_on(7, 0)
        if way.is_check_due:
            way.was_measured(1 / way.seen)
            measured.append(way.seen)
    assert measured == [35, 63, 91, 126, 154, 182, 210, 245, 273, 301]
    assert not way.has_unmeasured


def test_time_that_is_over_after_one_batch_is_still_measured():
    way = course(minutes=0.1)
    way.went_on(8, 20)
    assert way.is_over and way.is_check_due
    assert way.was_measured(2.5)
    assert not way.is_check_due


def test_only_what_is_better_is_kept_and_too_long_without_ends_it():
    way = course(patience=2)
    kept = []
    for loss in (3.0, 2.0, 2.5, 1.9, 1.95, 1.99):
        way.went_on(30, 0)
        kept.append(way.was_measured(loss))
    assert kept == [True, True, False, True, False, False]
    assert way.best == 1.9 and way.is_over and way.done < 1


def test_the_state_before_training_is_no_result_unless_it_goes_on():
    assert not course().was_measured(1.0, keeps=False)
    assert course().was_measured(1.0)


def test_a_measurement_at_an_interruption_is_no_step_of_the_way():
    way = course()
    way.went_on(30, 0)
    way.was_measured(2.0)
    way.went_on(10, 0)
    assert way.has_unmeasured
    assert not way.was_measured(2.5, is_extra=True)
    assert way.stale == 0 and way.measured_at == pytest.approx(0.1) and not way.has_unmeasured
    way.went_on(20, 0)
    assert way.is_check_due


def test_it_goes_on_from_what_was_saved():
    way = course()
    way.went_on(160, 90)
    way.was_measured(2.0)
    way.went_on(8, 5)
    other = course()
    other.go_on(way.state(), grew=False)
    assert other == way


def test_a_training_that_got_more_time_is_measured_again():
    way = course(epochs=1, patience=2)
    for loss in (3, 4, 5):
        way.went_on(33, 0)
        way.was_measured(loss)
    more = course(epochs=4, patience=2)
    more.go_on(way.state(), grew=True)
    assert not more.is_over
    more.went_on(40, 0)
    assert more.is_check_due


def test_the_time_left_follows_from_the_pace():
    way = course(minutes=600)
    assert way.seconds_left is None
    way.went_on(75, 30)
    assert way.seconds_left == pytest.approx(90)
