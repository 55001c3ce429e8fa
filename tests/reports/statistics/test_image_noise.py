"""What finite test sets do, against statsmodels, scipy, hand-computed cases and simulated test sets."""

import math
import time

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from keras_suite.reports.statistics.image_noise import (
    TwoWayMean,
    image_noise,
    mcnemar_p,
    share_interval,
    two_way_mean,
)
from keras_suite.reports.statistics.intervals import Interval, t_interval


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 5), (1, 5), (10, 25), (40, 40), (121, 59)])
def test_mcnemars_p_is_the_binomial_test_of_the_images_that_differ(one: int, other: int) -> None:
    expected = stats.binomtest(one, one + other).pvalue if one + other else 1.0
    assert mcnemar_p(one, other) == pytest.approx(expected)
    assert mcnemar_p(other, one) == mcnemar_p(one, other)


def test_mcnemars_p_of_a_published_table() -> None:
    # Agresti, Categorical Data Analysis: approval ratings, 150 against 86 people changed their minds; z^2 = 17.36
    assert mcnemar_p(150, 86) == pytest.approx(3.7e-5, rel=0.02)
    # By hand: 1 and 5 of 6 coins: 2 * (1 + 6) / 2^6
    assert mcnemar_p(1, 5) == pytest.approx(14 / 64)


def some_runs(seeds: int, images: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    hard = chance.normal(1.2, 1, images)
    shifts = chance.normal(0, 0.1, (2, seeds, 1))
    noise = chance.normal(0, 0.6, (2, seeds, images))
    return tuple(hard + shift + each > 0 for shift, each in zip(shifts, noise, strict=True))  # type: ignore[return-value]


def differences_of(seeds: int, images: int, seed: int = 0) -> np.ndarray:
    variant, other = some_runs(seeds, images, seed)
    return variant.astype(np.int8) - other.astype(np.int8)


def ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


def only(ahead: int, behind: int, images: int, seeds: int = 2) -> TwoWayMean:
    """Runs that all agree: the variant alone is right on `ahead` images, the other on `behind`."""
    values = np.zeros((seeds, images), dtype=np.int8)
    values[:, :ahead], values[:, ahead : ahead + behind] = 1, -1
    return two_way_mean(values, most=1.0)


# -- images alone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.9, 0.95, 0.995])
@pytest.mark.parametrize("count", [1, 4, 30])
def test_where_only_one_is_ahead_the_part_of_the_counts_is_poissons_exact_interval(count: int, level: float) -> None:
    """The other part, 0 of 200, has the limit -log((1 - level) / 2) of 200 (a Poisson count of 0)."""
    tail = (1 - level) / 2
    low, high = stats.chi2.ppf(tail, 2 * count) / 2, stats.chi2.isf(tail, 2 * count + 2) / 2
    none = -math.log(tail)
    found = ends(only(count, 0, 200).image_interval(level))
    assert found[0] == pytest.approx((count - math.hypot(count - low, none)) / 200)
    assert found[1] == pytest.approx(high / 200)
    turned = ends(only(0, count, 200).image_interval(level))
    assert turned == pytest.approx((-found[1], -found[0]))


def test_weighted_counts_have_fay_and_feuers_interval() -> None:
    """Images on which some of the seeds differ: by gamma quantiles, as in the paper (1997), equations 5 and 6."""
    values = np.zeros((4, 50), dtype=np.int8)
    values[:1, 0], values[:3, 1], values[:, 2] = 1, 1, 1
    y, v = 0.25 + 0.75 + 1, 0.25**2 + 0.75**2 + 1
    high = stats.gamma.isf(0.025, (y + 1) ** 2 / (v + 1), scale=(v + 1) / (y + 1))
    low = stats.gamma.ppf(0.025, y**2 / v, scale=v / y)
    none = -math.log(0.025)
    found = ends(two_way_mean(values, most=1.0).image_interval(0.95))
    assert found == pytest.approx(((y - math.hypot(y - low, none)) / 50, high / 50))


def test_where_no_image_differs_few_of_them_leave_room_for_much() -> None:
    """20 images on which two runs agree: a Poisson count of 0 may be 3.69, which is 18 points of 20."""
    assert ends(only(0, 0, 20).image_interval(0.95)) == pytest.approx((-3.689 / 20, 3.689 / 20), rel=1e-3)
    assert ends(only(0, 0, 10_000).image_interval(0.95)) == pytest.approx((-3.689e-4, 3.689e-4), rel=1e-3)
    assert ends(only(0, 0, 3).image_interval(0.95)) == (-1, 1), "no difference is larger than all images"


def test_4_against_0_of_100_images_are_no_difference_as_mcnemar_says() -> None:
    assert mcnemar_p(4, 0) == 0.125
    low, high = ends(only(4, 0, 100).image_interval(0.95))
    assert low < 0 < 0.04 < high
    assert only(4, 0, 100).p() > 0.05
    assert mcnemar_p(12, 0) < 0.001 and only(12, 0, 100).p() < 0.01


@pytest.mark.parametrize(("ahead", "behind"), [(0, 0), (4, 0), (6, 0), (9, 1), (14, 4), (20, 20), (30, 10)])
def test_of_runs_that_agree_the_p_is_not_far_from_mcnemars(ahead: int, behind: int) -> None:
    found, exact = only(ahead, behind, 400).p(), mcnemar_p(ahead, behind)
    assert (found <= 0.05) <= (exact <= 0.05), "never significant where the exact test is not"
    assert found >= 0.6 * exact


def test_many_images_that_differ_have_the_normal_interval() -> None:
    found = only(3_000, 1_000, 20_000)
    half = 1.96 * math.sqrt(4_000) / 20_000
    low, high = ends(found.image_interval(0.95))
    assert (low - 0.1, high - 0.1) == (pytest.approx(-half, rel=0.02), pytest.approx(half, rel=0.02))


def test_unbounded_scores_have_students_interval_over_images() -> None:
    values = np.random.default_rng(1).normal(0.3, 2, (5, 40))
    means = values.mean(axis=0)
    expected = stats.t.interval(0.95, 39, means.mean(), stats.sem(means))
    assert ends(two_way_mean(values).image_interval(0.95)) == pytest.approx(expected)


def test_the_noise_of_images_is_what_other_test_sets_do() -> None:
    """The same runs on 200 test sets of 1,000 images; the interval leaves some room for images not seen."""
    variant, other = some_runs(4, 200_000)
    of_test_sets = (variant.mean(axis=0) - other.mean(axis=0)).reshape(200, 1_000).mean(axis=1)
    noise = [image_noise(variant[:, k : k + 1_000], other[:, k : k + 1_000]) for k in range(0, 10_000, 1_000)]
    mean = np.mean([each.noise for each in noise if each])
    assert 1.0 < mean / (1.96 * of_test_sets.std()) < 1.25


# -- seeds and images ------------------------------------------------------------------------------------------------


def test_the_errors_are_those_of_a_two_way_analysis_of_variance() -> None:
    seeds, images = 5, 30
    chance = np.random.default_rng(2)
    values = chance.normal(size=(seeds, 1)) + chance.normal(size=(1, images)) + chance.normal(size=(seeds, images))
    found = two_way_mean(values)
    left = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
    residual = float((left**2).sum()) / ((seeds - 1) * (images - 1))
    assert found.mean == pytest.approx(values.mean())
    assert found.residual_error == pytest.approx(math.sqrt(residual / (seeds * images)))
    assert found.seed_error == pytest.approx(stats.sem(values.mean(axis=1)))
    assert found.image_error == pytest.approx(stats.sem(values.mean(axis=0)))


def test_the_interval_takes_the_chance_of_single_answers_off_once() -> None:
    values = np.random.default_rng(3).normal(0.1, 1, (6, 50)) + np.random.default_rng(4).normal(0, 1, (1, 50))
    found = two_way_mean(values)
    of_seeds = stats.t.ppf(0.975, 5) * found.seed_error
    of_images = stats.t.ppf(0.975, 49) * found.image_error
    once = stats.norm.ppf(0.975) * found.residual_error
    half = math.sqrt(of_seeds**2 + of_images**2 - once**2)
    assert half < math.hypot(of_seeds, of_images)
    assert ends(found.interval(0.95)) == pytest.approx((found.mean - half, found.mean + half))


def test_where_images_do_not_scatter_the_interval_is_that_of_the_seeds() -> None:
    values = np.repeat(np.random.default_rng(5).normal(0.1, 1, (8, 1)), 40, axis=1)
    assert ends(two_way_mean(values).interval(0.95)) == pytest.approx(ends(t_interval(values.mean(axis=1))))


def test_where_seeds_do_not_scatter_the_interval_is_that_of_the_images() -> None:
    found = only(9, 3, 200, seeds=5)
    assert ends(found.interval(0.95)) == pytest.approx(ends(found.image_interval(0.95)))


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
def test_p_is_where_the_interval_begins_to_leave_zero_out(seed: int) -> None:
    found = two_way_mean(differences_of(5, 300, seed), most=1.0)
    p = found.p()
    assert 0 < p < 1
    edges = [found.interval(1 - q) for q in (p * 0.99, p * 1.01)]
    assert [low < 0 < high for low, high in map(ends, edges)] == [True, False]


def test_p_of_no_difference_is_one_and_of_a_clear_one_nearly_none() -> None:
    assert two_way_mean(np.zeros((4, 30))).p() == 1.0
    assert two_way_mean(np.full((4, 30), 0.5)).p() == pytest.approx(1e-12)
    assert two_way_mean(np.ones((1, 30))).p() == 1.0, "one seed says nothing of others"


def test_equal_answers_have_no_noise_but_that_of_images_not_seen_and_no_image_no_number() -> None:
    right = np.random.default_rng(0).random((5, 100)) < 0.9
    noise = image_noise(right, right)
    assert noise is not None
    assert (noise.only_variant, noise.runs_that_differ()) == (0, 0)
    assert noise.noise == pytest.approx(-math.log(0.025) / 100)
    assert image_noise(right[:0], right[:0]) is None
    assert image_noise(right[:, :0], right[:, :0]) is None
    assert image_noise(right[:1], right[:1]).evidence.interval(0.95) is None  # type: ignore[union-attr]


def test_a_lower_score_is_ahead_where_lower_is_better() -> None:
    errors = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    found = image_noise(errors - [[0, 1, 1]], errors, higher_is_better=False)
    assert found is not None
    assert (found.only_variant, found.only_other, found.mcnemar) == (2, 0, ())
    assert found.evidence.mean == pytest.approx(-2 / 3)


def test_the_interval_of_a_difference_holds_it_for_other_seeds_and_images() -> None:
    """600 experiments of 5 seeds on 150 images; at least 95 % hold 0, as both variants are alike."""
    held = sum(
        low <= 0 <= high
        for low, high in (ends(two_way_mean(differences_of(5, 150, k), 1.0).interval(0.95)) for k in range(600))
    )
    assert stats.binomtest(held, 600).proportion_ci(0.95).high >= 0.95
    assert held < 600, "an interval that is never wrong is too wide"


# -- shares ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("hits", [0, 3, 50, 97, 100])
def test_the_share_of_runs_that_agree_has_clopper_and_pearsons_interval(hits: int, level: float) -> None:
    right = np.zeros((4, 100), dtype=bool)
    right[:, :hits] = True
    expected = proportion_confint(hits, 100, alpha=1 - level, method="beta")
    assert ends(share_interval(right, level)) == pytest.approx(expected, abs=0.004)


def test_a_share_of_one_run_or_none_has_no_interval() -> None:
    assert share_interval(np.ones((1, 30), dtype=bool)) is None
    assert share_interval(np.ones((3, 0), dtype=bool)) is None


def shares(truth: float, seeds: int, images: int, chance: np.random.Generator) -> np.ndarray:
    """Runs that are right where a normal score of image, seed and answer is below the quantile of `truth`."""
    score = chance.normal(0, 0.8, images) + chance.normal(0, 0.15, (seeds, 1)) + chance.normal(0, 0.58, (seeds, images))
    return np.asarray(score < stats.norm.ppf(truth) * math.sqrt(0.8**2 + 0.15**2 + 0.58**2))


@pytest.mark.parametrize(("truth", "most"), [(0.6, 0.98), (0.97, 1.0)])
def test_the_interval_of_a_share_holds_it_for_other_seeds_and_images(truth: float, most: float) -> None:
    """600 experiments of 5 seeds on 100 images each."""
    chance = np.random.default_rng(round(100 * truth))
    held = sum(
        low <= truth <= high for low, high in (ends(share_interval(shares(truth, 5, 100, chance))) for _ in range(600))
    )
    assert stats.binomtest(held, 600).proportion_ci(0.95).high >= 0.95
    assert held < most * 600


def test_a_further_run_is_expected_in_a_wider_range_that_holds_it() -> None:
    """600 experiments of 5 seeds on 100 images, and one more seed on 20,000 images each."""
    chance, held, truth = np.random.default_rng(8), 0, 0.85
    spread = math.sqrt(0.8**2 + 0.58**2)
    for _ in range(600):
        right = shares(truth, 5, 100, chance)
        found = share_interval(right, further_run=True)
        mean = share_interval(right)
        assert found is not None and mean is not None
        assert found.low <= mean.low and mean.high <= found.high
        edge = stats.norm.ppf(truth) * math.sqrt(spread**2 + 0.15**2)
        held += found.low <= stats.norm.cdf((edge - chance.normal(0, 0.15)) / spread) <= found.high
    assert stats.binomtest(held, 600).proportion_ci(0.95).high >= 0.95
    assert held < 0.975 * 600, "on very many images the chance in single answers does not count"


def test_ten_seeds_of_ten_thousand_images_take_no_time() -> None:
    variant, other = some_runs(10, 10_000)
    image_noise(variant, other)
    began = time.perf_counter()
    noise = image_noise(variant, other)
    assert time.perf_counter() - began < 1
    assert noise is not None and noise.images == 10_000
    assert noise.evidence.p() <= 1
