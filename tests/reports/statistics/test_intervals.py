"""The statistics against brute force, scipy, statsmodels, hand-computed cases and published examples."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from keras_suite.reports.statistics.intervals import (
    fewest_seeds,
    holm,
    probability_of_superiority,
    seeds_for_difference,
    sign_flip_p,
    t_interval,
)

differences = st.lists(st.integers(-50, 50).map(lambda k: k / 1000), min_size=1, max_size=8).map(np.array)


def by_brute_force(values: np.ndarray) -> float:
    flipped = [abs(np.dot(signs, values)) for signs in itertools.product((-1, 1), repeat=len(values))]
    return float(np.mean(np.array(flipped) >= abs(values.sum()) - 1e-12))


@given(differences)
def test_sign_flip_p_is_the_share_of_sign_patterns_at_least_as_far_from_zero(values: np.ndarray) -> None:
    assert sign_flip_p(values) == pytest.approx(by_brute_force(values))
    assert sign_flip_p(-values) == pytest.approx(sign_flip_p(values))
    assert sign_flip_p(values[::-1]) == pytest.approx(sign_flip_p(values))


def test_sign_flip_p_of_equal_signs_and_of_zeros() -> None:
    assert sign_flip_p(np.full(8, 0.01)) == pytest.approx(2 / 2**8)
    assert sign_flip_p(np.zeros(8)) == 1.0


def test_sampled_sign_flips_agree_with_scipys_permutation_test() -> None:
    values = np.random.default_rng(3).normal(0.5, 1, size=20)
    reference = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=50_000, rng=np.random.default_rng(1)
    )
    assert sign_flip_p(values) == pytest.approx(reference.pvalue, abs=0.01)
    assert sign_flip_p(values) == sign_flip_p(values)


def test_t_interval_is_scipys() -> None:
    values = np.array([0.91, 0.93, 0.90, 0.95, 0.92])
    low, high = stats.t.interval(0.95, df=4, loc=values.mean(), scale=stats.sem(values))
    interval = t_interval(values)
    assert interval is not None
    assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))
    assert t_interval(values[:1]) is None


def test_probability_of_superiority_counts_ties_half() -> None:
    assert probability_of_superiority(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == pytest.approx(3.5 / 4)


def test_holm_of_a_textbook_case() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


@settings(max_examples=25)
@given(st.lists(st.integers(1, 128).map(lambda k: k / 128), max_size=9))
def test_holm_is_statsmodels(p_values: list[float]) -> None:
    reference = multipletests(p_values, method="holm")[1] if p_values else []
    assert holm(p_values).tolist() == list(reference)


@pytest.mark.parametrize(("pairs", "seeds"), [(1, 6), (2, 7), (9, 9)])
def test_fewest_seeds_can_decide_and_one_less_cannot(pairs: int, seeds: int) -> None:
    assert fewest_seeds(pairs) == seeds
    assert pairs * 2 / 2**seeds <= 0.05 < pairs * 2 / 2 ** (seeds - 1)


@pytest.mark.parametrize("pairs", [1, 9])
@pytest.mark.parametrize(("mean", "sd"), [(0.01, 0.01), (-0.003, 0.01), (0.001, 0.01), (0.05, 1e-4)])
def test_the_seeds_needed_reach_the_power_and_one_less_does_not(mean: float, sd: float, pairs: int) -> None:
    seeds = seeds_for_difference(mean, sd, pairs)
    assert seeds is not None

    def power(n: int) -> float:
        reached = float(TTestPower().power(abs(mean) / sd, n, 0.05 / pairs))
        return 1.0 if np.isnan(reached) else reached

    assert power(seeds) >= 0.8
    assert seeds == fewest_seeds(pairs) or power(seeds - 1) < 0.8


def test_no_number_of_seeds_is_given_where_none_would_suffice() -> None:
    assert seeds_for_difference(0.0, 0.01, 1) is None
    assert seeds_for_difference(1e-9, 0.01, 1) is None
    assert seeds_for_difference(1e-300, 1e300, 1) is None
    assert seeds_for_difference(0.01, 0.0, 3) == fewest_seeds(3)
    assert seeds_for_difference(0.01, 1e-17, 3) == fewest_seeds(3)


def test_the_search_for_seeds_ends_at_its_last_number_and_not_before() -> None:
    at_the_limit, beyond = 0.0088595010, 0.0088594
    assert seeds_for_difference(at_the_limit, 1.0, 1) == 100_000
    assert seeds_for_difference(beyond, 1.0, 1) is None


def test_more_seeds_are_needed_for_a_smaller_difference() -> None:
    large, small = seeds_for_difference(0.01, 0.01, 1), seeds_for_difference(0.005, 0.01, 1)
    assert large is not None and small is not None
    assert 8 <= large <= 13 < small
    assert seeds_for_difference(0.0, 0.01, 1) is None


# Darwin's maize: height of the crossed plant less that of its self-fertilised twin, in eighths of an inch; Fisher, The
# Design of Experiments (1935), tests it both ways.
MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=float)


def test_fishers_permutation_test_of_darwins_maize() -> None:
    assert sign_flip_p(MAIZE) == pytest.approx(2 * 863 / 2**15)  # Fisher counts 863 of 32,768 on either side


def test_fishers_t_test_of_darwins_maize() -> None:
    interval = t_interval(MAIZE)
    assert interval is not None
    half = 2.145 * 9.746  # t of 14 degrees of freedom, and Fisher's standard error
    assert (interval.low, interval.high) == (
        pytest.approx(20.93 - half, abs=0.02),
        pytest.approx(20.93 + half, abs=0.02),
    )


def test_the_seeds_needed_are_those_of_cohens_tables() -> None:
    """Paired t-test, two-sided 5 %, power 80 %: 34 pairs for an effect of 0.5 (Cohen, 1988; G*Power says the same)."""
    assert seeds_for_difference(0.5, 1.0, 1) == 34
    assert seeds_for_difference(0.8, 1.0, 1) == 15
