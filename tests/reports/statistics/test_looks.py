"""The error rate is spent over looks as the joint distribution of normal means has it."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from keras_suite.reports.statistics.looks import nominal_level, p_over_looks, spent_share

SOME_LOOKS = [(7,), (7, 8), (8, 16), (4, 30), (7, 10, 15), (8, 12, 48), (6, 40, 90), (50, 60, 100)]


def boundaries(looks: tuple[int, ...], level: float) -> np.ndarray:
    """The |z| of each look beyond which it rejects."""
    return stats.norm.isf([nominal_level(looks[: k + 1], level) / 2 for k in range(len(looks))])


def ever_beyond(looks: tuple[int, ...], z: np.ndarray) -> float:
    """The probability that the z of normal means leaves these boundaries at any look, by scipy's joint distribution."""
    correlations = [[np.sqrt(min(a, b) / max(a, b)) for a in looks] for b in looks]
    joint = stats.multivariate_normal(cov=correlations, abseps=1e-7, releps=1e-7, maxpts=200_000, seed=0)
    return float(1 - joint.cdf(z, lower_limit=-z))


def test_two_thirds_are_spent_at_the_first_look_most_by_48_seeds_and_all_of_it_in_the_end() -> None:
    assert [spent_share(n, 7) for n in (4, 7)] == [0.64, 0.64]
    assert spent_share(8, 7) == pytest.approx(0.64 + 0.9 * 0.36 / 41)
    assert spent_share(48, 7) == pytest.approx(0.964)
    assert spent_share(96, 7) == pytest.approx(0.982)
    assert spent_share(120, 60) == pytest.approx(0.82)
    assert 0.9999 < spent_share(1_000_000, 7) < 1


@given(st.integers(1, 100), st.integers(1, 200), st.integers(1, 200))
def test_with_more_seeds_never_less_is_spent_and_never_all(first: int, more: int, still_more: int) -> None:
    n = first + more
    assert 0.64 <= spent_share(first, first) < spent_share(n, first) < spent_share(n + still_more, first) < 1


@pytest.mark.parametrize("level", [0.05, 0.1, 0.05 / 9])
@pytest.mark.parametrize("looks", SOME_LOOKS)
def test_all_looks_together_reject_in_what_is_spent(looks: tuple[int, ...], level: float) -> None:
    expected = spent_share(looks[-1], looks[0]) * level
    assert ever_beyond(looks, boundaries(looks, level)) == pytest.approx(expected, rel=2e-3)


def test_simulated_normal_means_are_rejected_as_often_as_is_spent() -> None:
    """100,000 series of 48 numbers, looked at nine times: 4.82 % are spent."""
    looks = (4, 6, 8, 10, 14, 20, 28, 38, 48)
    sums = np.random.default_rng(0).normal(size=(100_000, 48)).cumsum(axis=1)[:, [n - 1 for n in looks]]
    rejected = np.abs(sums / np.sqrt(looks)) > boundaries(looks, 0.05)
    assert stats.binomtest(int(rejected.any(axis=1).sum()), 100_000, 0.0482).pvalue > 0.001
    assert stats.binomtest(int(rejected[:, 0].sum()), 100_000, 0.032).pvalue > 0.001


def test_the_first_look_has_its_share_of_the_level_whenever_it_is() -> None:
    assert [nominal_level([n], 0.05) for n in (4, 7, 48, 400)] == pytest.approx([0.032] * 4)
    assert p_over_looks(0.01, [7]) == pytest.approx(0.01 / 0.64)
    assert p_over_looks(0.7, [7]) == 1.0
    assert p_over_looks(0.0, [7, 9]) == 0.0
    assert p_over_looks(1.0, [7, 9]) == 1.0


@pytest.mark.parametrize("looks", SOME_LOOKS)
def test_a_higher_error_rate_has_a_higher_level(looks: tuple[int, ...]) -> None:
    levels = [nominal_level(looks, level) for level in (0.001, 0.01, 0.05, 0.1, 0.5, 1.0)]
    assert levels == sorted(levels)
    assert len({*levels}) == 6
    assert all(0 < nominal < level for nominal, level in zip(levels, (0.001, 0.01, 0.05, 0.1, 0.5, 1.0), strict=True))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(4, 60), min_size=1, max_size=5, unique=True).map(sorted),
    st.sampled_from([1e-6, 0.003, 0.05, 0.3, 0.9]),
)
def test_p_over_looks_is_the_error_rate_whose_level_p_is(looks: list[int], rate: float) -> None:
    assert p_over_looks(nominal_level(looks, rate), looks) == pytest.approx(rate, rel=1e-4)


def test_p_over_looks_is_never_below_p_and_rises_with_it() -> None:
    p_values = [1e-8, 1e-4, 0.002, 0.01, 0.03, 0.2]
    for looks in SOME_LOOKS:
        over = [p_over_looks(p, looks) for p in p_values]
        assert over == sorted(over)
        assert all(later >= p for later, p in zip(over, p_values, strict=True))


def test_an_earlier_look_makes_the_present_one_stricter() -> None:
    for earlier, later in itertools.pairwise([(20,), (10, 20), (10, 15, 20), (10, 12, 15, 20)]):
        assert nominal_level(later, 0.05) < nominal_level(earlier, 0.05)


def test_beyond_the_horizon_only_the_proportions_of_looks_count() -> None:
    once, twice = (60, 90, 120), (120, 180, 240)
    assert nominal_level(once, 0.05) == pytest.approx(nominal_level(twice, 0.05))
    assert boundaries(once, 0.05) == pytest.approx(boundaries(twice, 0.05))


@pytest.mark.parametrize("looks", [(), (0,), (8, 8), (8, 6), (-2, 4)])
def test_looks_that_cannot_be_are_refused(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="each once and ascending"):
        nominal_level(looks, 0.05)
    with pytest.raises(ValueError, match="each once and ascending"):
        p_over_looks(0.01, looks)


def test_a_look_at_each_number_of_seeds_takes_no_time() -> None:
    """A tenth of a second for a level and half a second for a p, which sizes of rules at will made 5 and 15."""
    began = time.perf_counter()
    level = nominal_level(range(7, 49), 0.0501)
    assert p_over_looks(level, range(7, 49)) == pytest.approx(0.0501, rel=1e-4)
    assert time.perf_counter() - began < 5
    again = time.perf_counter()
    assert nominal_level(range(7, 49), 0.0501) == level
    assert time.perf_counter() - again < 0.01, "a level is kept"
