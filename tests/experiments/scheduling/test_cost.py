"""The remaining time is computed from runs that have ended, else from the estimate."""

import pytest

from keras_suite.experiments.scheduling.cost import Unfinished, seconds_left

ESTIMATED = {"small": 10.0, "large": 40.0}
SMALL, LARGE = Unfinished("small", 5), Unfinished("large", 5)


def test_before_any_run_has_ended_the_estimate_is_used() -> None:
    assert seconds_left([SMALL, LARGE, Unfinished("large", 8, 4)], {}, ESTIMATED, 1) == 70


def test_a_variant_is_expected_to_take_as_long_as_its_ended_runs() -> None:
    durations = {"small": [4.0, 6.0], "large": [100.0]}
    assert seconds_left([SMALL, Unfinished("large", 4, 3)], durations, ESTIMATED, 1) == 5 + 25


def test_other_variants_correct_the_estimate_of_one_that_has_not_ended_yet() -> None:
    assert seconds_left([LARGE], {"small": [20.0, 20.0]}, ESTIMATED, 1) == 80


def test_a_variant_that_was_not_estimated_corrects_nothing() -> None:
    assert seconds_left([LARGE], {"ended long ago": [500.0]}, ESTIMATED, 1) == 40


def test_workers_share_the_runs_but_not_the_last_one() -> None:
    assert seconds_left([SMALL] * 8, {}, ESTIMATED, 2) == 40
    assert seconds_left([LARGE, SMALL], {}, ESTIMATED, 2) == 40


def test_more_workers_than_runs_help_no_further() -> None:
    assert seconds_left([SMALL] * 2, {}, ESTIMATED, 8) == 10


def test_the_time_left_falls_within_an_epoch_by_at_most_its_expected_seconds() -> None:
    in_epoch = (0.0, 0.5, 1.5, 2.0, 9.0)
    left = [seconds_left([Unfinished("small", 5, 3, seconds)], {}, ESTIMATED, 1) for seconds in in_epoch]
    assert left == [4, 3.5, 2.5, 2, 2]


@pytest.mark.parametrize("seconds", [0.0, 1.0, 1e9])
def test_the_time_left_is_never_negative(seconds: float) -> None:
    assert seconds_left([Unfinished("small", 5, 5, seconds)], {}, ESTIMATED, 1) == 0
    assert seconds_left([Unfinished("small", 5, 7, seconds)], {}, ESTIMATED, 1) == 0


def test_when_all_have_ended_nothing_is_left() -> None:
    assert seconds_left([], {"small": [3.0]}, ESTIMATED, 2) == 0
