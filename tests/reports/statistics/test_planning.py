"""What a plan names suffices, by brute force and by simulation, and one seed fewer does not."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestPower

from keras_suite.reports.statistics.looks import FIRST_LOOK, nominal_level
from keras_suite.reports.statistics.planning import (
    MOST_SEEDS,
    Aim,
    fewest_seeds,
    looks_that_count,
    plan,
    seeds_for,
)


@pytest.mark.parametrize("pairs", [1, 2, 3, 9, 45])
def test_with_the_fewest_seeds_equal_signs_decide_a_first_look_and_with_one_less_they_do_not(pairs: int) -> None:
    n = fewest_seeds(pairs)
    assert pairs * 2 / 2**n <= 0.05 * FIRST_LOOK < pairs * 2 / 2 ** (n - 1)


def test_the_fewest_seeds_of_some_numbers_of_comparisons() -> None:
    assert [fewest_seeds(pairs) for pairs in (1, 2, 4, 8, 16)] == [6, 7, 8, 9, 10]


@pytest.mark.parametrize("looks", [(7,), (8, 12), (10, 11, 12), (20,)])
@pytest.mark.parametrize("pairs", [1, 9])
def test_after_looks_the_fewest_seeds_are_the_first_at_which_equal_signs_would_decide(
    looks: tuple[int, ...], pairs: int
) -> None:
    n = fewest_seeds(pairs, looks)

    def decides(count: int) -> bool:
        return 2 / 2**count <= nominal_level((*looks, count), 0.05 / pairs)

    assert n > looks[-1] and decides(n)
    assert not any(decides(count) for count in range(looks[-1] + 1, n))


def test_a_look_at_seeds_that_could_not_decide_spends_nothing() -> None:
    assert looks_that_count([], 1) == ()
    assert looks_that_count([1, 2, 3, 4, 5], 1) == ()
    assert looks_that_count([3, 5, 7], 1) == (7,)
    assert looks_that_count([12, 4, 12, 20], 1) == (12, 20), "in any order, and the same number is one look"
    assert looks_that_count([7, 9, 10], 9) == (10,), "nine comparisons ask for ten seeds"
    assert looks_that_count([7, 8], 1) == (7,), (
        "so soon after a look only 1 of 1,000 is left to spend, and 2 / 2^8 is more"
    )
    assert nominal_level((7, 8), 0.05) < 2 / 2**8


def share_decided(n: int, size: float, sd: float, aim: Aim, level: float) -> float:
    """Of 40,000 simulated experiments of n seeds, the share that the t-test, or two one-sided ones, decide."""
    drawn = np.random.default_rng(n).normal(size if aim == "difference" else 0.0, sd, (40_000, n))
    half = stats.t.isf(level / 2, n - 1) * drawn.std(axis=1, ddof=1) / math.sqrt(n)
    means = drawn.mean(axis=1)
    return float(np.mean(means > half if aim == "difference" else np.abs(means) + half < size))


@pytest.mark.parametrize(
    ("size", "aim", "pairs", "looks"),
    [
        (1.0, "difference", 1, ()),
        (0.5, "difference", 1, (8,)),
        (0.8, "difference", 9, (10, 14)),
        (1.0, "equivalence", 1, ()),
        (0.6, "equivalence", 3, (8,)),
    ],
)
def test_the_seeds_named_decide_8_times_out_of_10_and_one_less_does_not(
    size: float, aim: Aim, pairs: int, looks: tuple[int, ...]
) -> None:
    n = seeds_for(size, 1.0, aim, pairs, looks, beyond=looks[-1] if looks else 0)
    assert n is not None and n > fewest_seeds(pairs, looks)
    rate = (0.05 if aim == "difference" else 0.1) / pairs
    at, below = (share_decided(k, size, 1.0, aim, nominal_level((*looks, k), rate)) for k in (n, n - 1))
    assert at >= 0.8 - 0.01
    assert below < 0.8 + 0.01
    assert at == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize("pairs", [1, 9])
@pytest.mark.parametrize("size", [0.3, 0.5, 0.8])
def test_at_a_first_look_the_seeds_needed_are_statsmodels_for_its_share_of_the_error_rate(
    size: float, pairs: int
) -> None:
    needed = TTestPower().solve_power(size, power=0.8, alpha=FIRST_LOOK * 0.05 / pairs)
    assert seeds_for(size, 1.0, pairs=pairs) == math.ceil(needed)


def test_the_seeds_needed_are_those_of_cohens_tables() -> None:
    """Paired t-test, power 80 %: 34 pairs for 0.5 and 15 for 0.8 at 5 % (Cohen, 1988)."""
    assert math.ceil(TTestPower().solve_power(0.5, power=0.8, alpha=0.05)) == 34
    each = TTestPower().solve_power(0.5, power=0.8, alpha=FIRST_LOOK * 0.1)
    assert seeds_for(0.5, 1.0, "equivalence", power=0.6) == math.ceil(each), "either one-sided test then has 0.8"


def test_seeds_are_above_those_there_are_and_none_suffice_for_nothing() -> None:
    assert seeds_for(10.0, 1.0) == 6
    assert seeds_for(10.0, 1.0, beyond=12, looks=(8, 12)) == fewest_seeds(1, (8, 12)) > 12
    assert seeds_for(0.0, 1.0) is None
    assert seeds_for(-0.1, 1.0, "equivalence") is None
    assert seeds_for(1e-300, 1e300) is None
    assert seeds_for(1.0, 0.0) == 6, "without any scatter the fewest do"
    assert seeds_for(1e-3, 1.0) is None, f"more than {MOST_SEEDS:,}"


def test_seeds_do_not_help_where_the_images_noise_alone_is_too_large() -> None:
    assert seeds_for(1.0, 1.0, image_error=1.0) is None
    few, more = seeds_for(1.0, 1.0), seeds_for(1.0, 1.0, image_error=0.2)
    assert few is not None and more is not None and more > few


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 30),
    st.floats(-3, 3),
    st.floats(0.01, 2),
    st.floats(0, 2),
    st.sampled_from([1, 3, 9]),
    st.sampled_from([0.0, 0.05, 0.5]),
)
def test_a_difference_below_the_margin_is_never_planned_for_and_ranges_hold_the_point(
    n: int, mean: float, sd: float, margin: float, pairs: int, image_error: float
) -> None:
    found = plan(n, mean, sd, margin, pairs, (n,), 200, image_error)
    if found is None:
        assert abs(mean) <= margin == 0
        return
    assert found.aim == ("difference" if abs(mean) > margin else "equivalence")
    if found.seeds is not None:
        assert found.low is not None and n < found.low <= found.seeds
        assert found.high is None or found.seeds <= found.high
        assert found.seeds >= fewest_seeds(pairs, looks_that_count((n,), pairs))
    elif found.images is None:
        assert found.high is None
    if found.images is not None:
        assert found.images > 200 and found.high is None


def test_an_undecided_pair_within_the_margin_is_planned_for_equivalence() -> None:
    """The issue's case: a difference of a fifth of an sd, margin an sd: 199 seeds would show the difference."""
    found = plan(8, 0.2, 1.0, 1.0, 1, (8,))
    assert found is not None and found.seeds is not None
    assert found.aim == "equivalence" and found.seeds < 40
    to_differ = seeds_for(0.2, 1.0, "difference", 1, (8,), 8)
    assert to_differ is not None and to_differ > 190


def test_where_no_seeds_suffice_more_images_are_named_that_do() -> None:
    """20 seeds that agree, on so few images that their noise is as large as the difference."""
    found = plan(20, 0.04, 0.005, 0.002, 1, (20,), 100, 0.03)
    assert found is not None and found.aim == "difference"
    assert found.images is not None and found.seeds is not None and found.high is None
    error = 0.03 * math.sqrt(100 / found.images)
    assert seeds_for(0.04, 0.005, "difference", 1, (20,), 20, error) == found.seeds
    assert plan(20, 0.04, 0.005, 0.002, 1, (20,), None, 0.03).images is None  # type: ignore[union-attr]


def test_nothing_is_planned_from_one_seed_or_without_a_margin_and_a_difference() -> None:
    assert plan(1, 0.1, math.nan, 0.002) is None
    assert plan(0, math.nan, math.nan, 0.002) is None
    assert plan(8, 0.0, 0.01, 0.0, 1, (8,)) is None
