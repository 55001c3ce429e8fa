"""How long it will take: from what has ended, else from the estimate."""

import pytest

from experiments.cost import duration, seconds_left

ESTIMATED = {"small": 10.0, "large": 40.0}


def test_before_any_run_ended_the_estimate_counts() -> None:
    assert seconds_left([("small", 1.0), ("large", 1.0), ("large", 0.5)], {}, ESTIMATED, 1) == 70


def test_a_variant_is_expected_to_take_what_its_ended_runs_took() -> None:
    took = {"small": [4.0, 6.0], "large": [100.0]}
    assert seconds_left([("small", 1.0), ("large", 0.25)], took, ESTIMATED, 1) == 5 + 25


def test_other_variants_correct_the_estimate_of_one_that_has_not_ended_yet() -> None:
    assert seconds_left([("large", 1.0)], {"small": [20.0, 20.0]}, ESTIMATED, 1) == 80


def test_workers_share_the_runs_but_not_the_last_one() -> None:
    assert seconds_left([("small", 1.0)] * 8, {}, ESTIMATED, 2) == 40
    assert seconds_left([("large", 1.0), ("small", 1.0)], {}, ESTIMATED, 2) == 40


def test_when_all_have_ended_nothing_is_left() -> None:
    assert seconds_left([], {"small": [3.0]}, ESTIMATED, 2) == 0


@pytest.mark.parametrize(("seconds", "said"), [(3.4, "3 s"), (89, "89 s"), (150, "2 min"), (7500, "2 h 5 min")])
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said
