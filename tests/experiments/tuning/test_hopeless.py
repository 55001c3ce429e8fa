"""Which trials are hopeless, by what full trials of as many epochs gained from an epoch on."""

import numpy as np
import pytest

from keras_suite.experiments.tuning.hopeless import FIRST, TIMES, FullCurves


def rising(to: float, epochs: int = 20) -> list[float]:
    return [to * (k + 1) / epochs for k in range(epochs)]


def known(*ends: float, direction: str = "max") -> FullCurves:
    curves = FullCurves(direction)  # type: ignore[arg-type]
    for end in ends:
        curves.add(rising(end), end, 20)
    return curves


def near(value: float) -> object:
    """A limit that a tie with this value reaches."""
    return pytest.approx(value, abs=2e-6)


def test_a_few_full_trials_are_no_measure() -> None:
    assert known(*[0.5] * (FIRST - 1)).limits(20, 0.9) is None
    assert known(*[0.5] * FIRST).limits(20, None) is None
    assert known(*[0.5] * FIRST).limits(20, 0.9) is not None


def test_a_limit_is_the_best_less_some_times_the_largest_gain_from_there() -> None:
    limits = known(*[0.5] * (FIRST - 1), 0.6).limits(20, 0.6)
    assert limits is not None and len(limits) == 20
    assert limits[11] == near(0.6 - TIMES * (0.6 - 0.6 * 12 / 20))
    assert limits[18] == near(0.5 * 19 / 20), "but none above the median is stopped"
    assert limits[:2] == (None, None), "the first epochs say least"
    assert limits[-1] is None, "nothing is saved there"


def test_for_a_loss_the_limit_lies_above() -> None:
    curves = FullCurves("min")
    for _ in range(FIRST):
        curves.add([2.0, 1.0, 0.5, 0.25], 0.25, 4)
    limits = curves.limits(4, 0.25)
    assert limits == (None, near(0.25 + TIMES * 0.75), near(0.25 + TIMES * 0.25), None)


def test_who_needs_just_twice_the_largest_gain_is_not_stopped_by_what_float32_makes_of_it() -> None:
    after, end, best, just = (float(np.float32(right / 200)) for right in (150, 151, 157, 155))
    assert best - TIMES * (end - after) > just, "as float32"
    curves = FullCurves("max")
    for _ in range(FIRST):
        curves.add([after] * 19 + [end], end, 20)
    for _ in range(2 * FIRST):  # the median is above what is needed
        curves.add([best] * 20, best, 20)
    limits = curves.limits(20, best)
    assert limits is not None and all(limit is None or limit < just for limit in limits)


def test_trials_of_another_length_are_no_measure() -> None:
    assert known(*[0.5] * FIRST).limits(10, 0.9) is None


def test_a_run_that_a_callback_ended_has_gained_nothing_since() -> None:
    curves = FullCurves("max")
    for _ in range(FIRST):
        curves.add([0.1, 0.5, 0.4], 0.5, 20)
    limits = curves.limits(20, 0.5)
    assert limits is not None and limits[5] == near(0.5)


def test_values_that_are_no_numbers_stop_nothing() -> None:
    curves = FullCurves("max")
    for _ in range(FIRST):
        curves.add([None, None, None, 0.5, 0.6], 0.6, 5)
    assert curves.limits(5, 0.6) == (None, None, None, near(0.6 - TIMES * 0.1), None)


def test_the_oracle_is_told_what_would_probably_have_become_of_it() -> None:
    curves = known(*[0.5] * FIRST, 1.0)
    assert curves.expected([0.1, 0.05], 20) == pytest.approx(0.1 + 0.5 * 18 / 20)
    assert FullCurves("max").expected([0.1], 20) == 0.1


def test_who_is_stopped_is_expected_to_become_worse_than_the_best() -> None:
    chance = np.random.default_rng(0)
    curves = FullCurves("max")
    scores = chance.random(30)
    for score in scores:
        curves.add((score * np.sqrt(np.linspace(0.05, 1, 20))).tolist(), float(score), 20)
    limits = curves.limits(20, float(scores.max()))
    assert limits is not None and limits[10] is not None
    assert curves.expected([limits[10] - 1e-9] * 11, 20) < scores.max()
