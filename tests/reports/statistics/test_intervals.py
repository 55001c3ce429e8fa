"""The statistics against brute force, scipy, statsmodels, hand-computed cases and published examples."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from keras_suite.reports.statistics.intervals import (
    holm,
    probability_of_superiority,
    sign_flip_p,
    t_interval,
    worst_rank_p,
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


def test_failures_have_the_worst_ranks() -> None:
    differences = np.array([0.03, 0.05, 0.02, 0.04, 0.06, 0.01, 0.03, 0.05, 0.02])
    assert worst_rank_p(differences, (0, 0)) == sign_flip_p(stats.rankdata(differences))
    ranks = [*stats.rankdata(differences), -11, -11, -11]
    assert worst_rank_p(differences, (3, 0)) == pytest.approx(sign_flip_p(np.array(ranks)))
    assert worst_rank_p(differences, (9, 0)) == 1.0, "the ranks point the other way"
    assert worst_rank_p(-differences, (0, 3), higher_is_better=False) < worst_rank_p(-differences, (0, 0))
