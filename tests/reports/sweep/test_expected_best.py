"""The best of n trials, against all ways to choose them, and the interval against many simulated sweeps."""

import itertools

import numpy as np
import pytest

from keras_suite.reports.sweep.expected_best import expected_best


@pytest.mark.parametrize("direction", ["max", "min"])
def test_the_mean_is_that_over_all_choices_of_n_trials(direction: str) -> None:
    scores = [0.7, 0.1, 0.4, 0.4, 0.9, 0.3]
    best = max if direction == "max" else min
    curve = expected_best(scores, direction)
    for n in range(1, 7):
        chosen = [best(chosen) for chosen in itertools.combinations(scores, n)]
        assert curve[n - 1].mean == pytest.approx(np.mean(chosen))
        assert sum(each <= curve[n - 1].median for each in chosen) >= len(chosen) / 2
        assert sum(each >= curve[n - 1].median for each in chosen) >= len(chosen) / 2


def test_a_failed_trial_counts_as_the_worst_seen() -> None:
    assert expected_best([0.5, None, 0.9], "max")[0].mean == pytest.approx((0.5 + 0.5 + 0.9) / 3)
    assert expected_best([None, 2.0, 1.0], "min")[0].mean == pytest.approx((2 + 2 + 1) / 3)
    assert expected_best([None, None], "max") == []


def test_five_thousand_trials_overflow_nothing() -> None:
    curve = expected_best(list(np.linspace(0, 1, 5000)), "max")
    assert curve[-1].mean == pytest.approx(1.0)
    assert np.all(np.diff([each.mean for each in curve]) >= -1e-12)


@pytest.mark.parametrize("n", [1, 3, 10, 20])
def test_the_interval_holds_the_median_of_the_best_at_least_95_times_of_100(n: int) -> None:
    random = np.random.default_rng(n)
    truth = 0.5 ** (1 / n)  # of uniform scores
    held = sharp = 0
    for _ in range(400):
        curve = expected_best(list(random.random(20)), "max")[n - 1]
        held += (curve.worse_end is None or curve.worse_end <= truth) and (
            curve.better_end is None or truth <= curve.better_end
        )
        sharp += curve.worse_end is not None
    assert held / 400 >= 0.93, "95 % but for the simulation's own noise"
    assert sharp == 400


def test_it_is_open_where_no_trial_says_how_good_it_could_get() -> None:
    curve = expected_best(list(np.linspace(0, 1, 20)), "max")
    assert curve[0].better_end is not None
    assert curve[-1].better_end is None and curve[-1].worse_end is not None
    few = expected_best([0.1, 0.2, 0.3], "max")
    assert (few[0].worse_end, few[0].better_end) == (None, None)
