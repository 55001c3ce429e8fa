"""What finite test sets do, against statsmodels, hand-computed cases and the bootstrap done image by image."""

import time

import numpy as np
import pytest
from scipy import stats

from keras_suite.reports.statistics.image_noise import (
    half_width_of_images,
    image_noise,
    mcnemar_p,
    seed_and_image_interval,
)
from keras_suite.reports.statistics.intervals import t_interval


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


def image_by_image(differences: np.ndarray, level: float, resamples: int) -> tuple[float, float]:
    """The seed-and-image bootstrap as its definition has it."""
    chance, (seeds, images) = np.random.default_rng(9), differences.shape
    means = [
        differences[np.ix_(chance.integers(0, seeds, seeds), chance.integers(0, images, images))].mean()
        for _ in range(resamples)
    ]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@pytest.mark.parametrize("images", [200, 1000])
def test_the_seed_and_image_interval_is_the_bootstraps_stretched_for_few_seeds(images: int) -> None:
    variant, other = some_runs(6, images)
    differences = variant.astype(np.int8) - other.astype(np.int8)
    interval = seed_and_image_interval(differences)
    assert interval is not None
    mean = differences.mean()
    stretch = (6 / 5) ** 0.5 * stats.t.ppf(0.975, 5) / stats.norm.ppf(0.975)
    plain = np.array(image_by_image(differences, 0.95, 6_000))
    width = plain[1] - plain[0]
    assert (np.array([interval.low, interval.high]) - mean) / stretch == pytest.approx(plain - mean, abs=0.04 * width)


def test_where_images_do_not_scatter_the_interval_is_nearly_that_of_the_seeds() -> None:
    right = np.zeros((12, 4000), dtype=bool)
    for seed in range(12):
        right[seed, : 300 * seed] = True
    interval, seeds_alone = seed_and_image_interval(right), t_interval(right.mean(axis=1))
    assert interval is not None and seeds_alone is not None
    assert interval.high - interval.low > seeds_alone.high - seeds_alone.low
    assert interval.high - interval.low == pytest.approx(seeds_alone.high - seeds_alone.low, rel=0.15)


def test_the_noise_of_images_is_what_other_test_sets_do() -> None:
    variant, other = some_runs(4, 200_000)
    differences = variant.astype(np.int8) - other.astype(np.int8)
    of_test_sets = differences.reshape(4, 400, 500).mean(axis=(0, 2))  # the same runs on 400 test sets of 500 images
    assert half_width_of_images(differences[:, :500]) == pytest.approx(1.96 * of_test_sets.std(), rel=0.15)


def test_equal_answers_have_no_noise_and_no_image_no_number() -> None:
    right = np.random.default_rng(0).random((5, 100)) < 0.9
    noise = image_noise(right, right)
    assert noise is not None and noise.interval is not None
    assert (noise.only_variant, noise.noise, noise.runs_that_differ()) == (0, 0, 0)
    assert (noise.interval.low, noise.interval.high) == (0, 0)
    assert image_noise(right[:0], right[:0]) is None
    assert image_noise(right[:1], right[:1]).interval is None  # type: ignore[union-attr]


def test_ten_seeds_of_ten_thousand_images_take_no_time() -> None:
    variant, other = some_runs(10, 10_000)
    image_noise(variant, other)
    began = time.perf_counter()
    noise = image_noise(variant, other)
    assert time.perf_counter() - began < 1
    assert noise is not None and noise.images == 10_000
