"""The optimism's interval holds as often as it says, and what the base shows is taken off."""

import math

import numpy as np
import pytest
from scipy import stats

from keras_suite.reports.sweep.optimism import Confirmed, optimism


def test_it_is_the_difference_of_two_means_over_seeds_less_that_of_the_base() -> None:
    best = Confirmed("trial-0001", 0.95, 2, {3: 0.90, 4: 0.92, 5: 0.91})
    base = Confirmed("base", 0.85, 2, {3: 0.84, 4: 0.85, 5: 0.83, 6: 0.10})
    found = optimism(best, base, "max")
    differences = np.array([0.06, 0.07, 0.08])
    assert found.corrected and found.value == pytest.approx(0.10 - 0.07)
    half = stats.t.isf(0.025, 2) * differences.std(ddof=1) * math.sqrt(1 / 2 + 1 / 3)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((0.03 - half, 0.03 + half))
    alone = optimism(best, None, "max")
    assert not alone.corrected and alone.value == pytest.approx(0.04)


def test_of_a_loss_lower_in_the_sweep_is_optimistic() -> None:
    assert optimism(Confirmed("base", 0.1, 1, {2: 0.15, 3: 0.17}), None, "min").value == pytest.approx(0.06)


def test_one_fresh_seed_has_no_interval() -> None:
    best, base = Confirmed("trial-0001", 0.9, 1, {2: 0.8}), Confirmed("base", 0.8, 1, {2: 0.8, 3: 0.9})
    found = optimism(best, base, "max")
    assert found.interval is None and not found.corrected and not found.shown


@pytest.mark.parametrize("fresh", [2, 10])
def test_without_any_selection_95_of_100_intervals_hold_zero(fresh: int) -> None:
    """4,000 winners of one trial: nothing was selected, so there is no optimism; easy seeds are the base's, too."""
    random, held, raw = np.random.default_rng(0), 0, 0
    for _ in range(4_000):
        easy = random.normal(0.5, 0.01)  # the sweep's one seed, or its validation images
        scores = {name: random.normal(0.8, 0.01, fresh + 1) for name in ("base", "trial-0001")}
        base, best = (Confirmed(name, each[0] + easy, 1, dict(enumerate(each[1:]))) for name, each in scores.items())
        held += not optimism(best, base, "max").shown
        raw += not optimism(best, None, "max").shown
    assert stats.binomtest(held, 4_000, 0.95).pvalue > 0.001
    assert fresh == 2 or raw == 0, "uncorrected, the easy seed passes for optimism"


def test_the_best_of_twenty_equal_trials_is_found_to_be_lucky() -> None:
    random = np.random.default_rng(1)
    found = []
    for _ in range(500):
        trials = random.normal(0.8, 0.01, 20)
        base = Confirmed("base", random.normal(0.8, 0.01), 1, dict(enumerate(random.normal(0.8, 0.01, 10))))
        best = Confirmed("trial-0001", trials.max(), 1, dict(enumerate(random.normal(0.8, 0.01, 10))))
        found.append(optimism(best, base, "max"))
    lucky = 0.01 * 1.867  # the mean of the largest of 20 normal numbers
    assert np.mean([each.value for each in found]) == pytest.approx(lucky, abs=0.002)
