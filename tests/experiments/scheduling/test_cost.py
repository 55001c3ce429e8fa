"""How long it will take: from what has ended, else from the estimate."""

import pytest

from keras_suite.experiments.scheduling.cost import Unfinished, seconds_left

ESTIMATED = {"small": 10.0, "large": 40.0}
SMALL, LARGE = Unfinished("small", 5), Unfinished("large", 5)


def test_before_any_run_ended_the_estimate_counts() -> None:
    assert seconds_left([SMALL, LARGE, Unfinished("large", 8, 4)], {}, ESTIMATED, 1) == 70


def test_a_variant_is_expected_to_take_what_its_ended_runs_took() -> None:
    took = {"small": [4.0, 6.0], "large": [100.0]}
    assert seconds_left([SMALL, Unfinished("large", 4, 3)], took, ESTIMATED, 1) == 5 + 25


def test_other_variants_correct_the_estimate_of_one_that_has_not_ended_yet() -> None:
    assert seconds_left([LARGE], {"small": [20.0, 20.0]}, ESTIMATED, 1) == 80


def test_a_variant_that_was_not_estimated_corrects_nothing() -> None:
    assert seconds_left([LARGE], {"ended long ago": [500.0]}, ESTIMATED, 1) == 40


def test_workers_share_the_runs_but_not_the_last_one() -> None:
    assert seconds_left([SMALL] * 8, {}, ESTIMATED, 2) == 40
    assert seconds_left([LARGE, SMALL], {}, ESTIMATED, 2) == 40


def test_more_workers_than_runs_help_no_further() -> None:
    assert seconds_left([SMALL] * 2, {}, ESTIMATED, 8) == 10


def test_time_goes_by_within_an_epoch_but_one_that_takes_longer_is_waited_for() -> None:
    shown = [seconds_left([Unfinished("small", 5, 3, since)], {}, ESTIMATED, 1) for since in (0.0, 0.5, 1.5, 2.0, 9.0)]
    assert shown == [4, 3.5, 2.5, 2, 2]


@pytest.mark.parametrize("since", [0.0, 1.0, 1e9])
def test_it_is_never_negative(since: float) -> None:
    assert seconds_left([Unfinished("small", 5, 5, since)], {}, ESTIMATED, 1) == 0
    assert seconds_left([Unfinished("small", 5, 7, since)], {}, ESTIMATED, 1) == 0


def test_when_all_have_ended_nothing_is_left() -> None:
    assert seconds_left([], {"small": [3.0]}, ESTIMATED, 2) == 0
