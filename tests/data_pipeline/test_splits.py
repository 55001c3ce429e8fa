import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.options import SplitOptions, with_options
from keras_suite.data_pipeline.splits import Split, images_to_test, split
from keras_suite.experiments.config import use
from keras_suite.experiments.registry import resolve_part


def labelled(labels: np.ndarray, limit: int | None = None, validation_fraction: float = 0.1) -> Dataset:
    """A dataset of these labels; the images do not matter for a split."""
    images = np.zeros((len(labels), 1, 1, 1), np.uint8)
    names = tuple(str(label) for label in range(int(labels.max()) + 1))
    return Dataset("made", images, labels, images[:1], labels[:1], names, "0", limit, validation_fraction)


@given(
    st.lists(st.integers(2, 40), min_size=2, max_size=6),
    st.floats(0.01, 0.99),
    st.integers(0, 2**63),
)
def test_training_and_validation_images_share_nothing_and_leave_nothing(
    counts: list[int], fraction: float, seed: int
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    chosen = split(labelled(labels, validation_fraction=fraction), seed)
    assert sorted([*chosen.train, *chosen.validation]) == list(range(len(labels)))
    for part in (chosen.train, chosen.validation):
        assert part.dtype == np.int64 and (np.diff(part) > 0).all()
        assert set(labels[part]) == set(range(len(counts)))


def test_digits_keep_their_proportions() -> None:
    dataset = digits(None, validation_fraction=0.2)
    chosen = split(dataset, 1)
    assert len(chosen.validation) == round(0.2 * 1437)
    whole = np.bincount(dataset.labels) / len(dataset.labels)
    part = np.bincount(dataset.labels[chosen.validation]) / len(chosen.validation)
    assert np.abs(whole - part).max() < 1 / len(chosen.validation) + 1e-9


def test_same_seed_same_split_other_seed_other_split() -> None:
    dataset = digits(None)
    assert (split(dataset, 3).validation == split(dataset, 3).validation).all()
    assert not np.array_equal(split(dataset, 3).validation, split(dataset, 4).validation)


@pytest.mark.parametrize("limit", [20, 100, 1000, 1437])
def test_limit_draws_that_many_and_follows_the_seed(limit: int) -> None:
    dataset = digits(None, limit=limit)
    first, second = split(dataset, 1), split(dataset, 2)
    assert len(first.train) + len(first.validation) == limit
    drawn = set(first.train) | set(first.validation)
    counts = np.bincount(dataset.labels[sorted(drawn)], minlength=10)
    assert counts.min() >= 2 and counts.max() - counts.min() <= 1 + limit // 100
    if limit < 1437:
        assert drawn != set(second.train) | set(second.validation)


def test_a_larger_limit_keeps_the_images_of_a_smaller_one() -> None:
    labels = np.repeat(np.arange(4), 250)  # equal classes, so that no rounding moves an image
    small, large = (split(labelled(labels, limit), 7) for limit in (200, 600))
    assert {*small.train, *small.validation} <= {*large.train, *large.validation}


def test_two_images_a_class_are_enough() -> None:
    chosen = split(labelled(np.array([0, 0, 1, 1])), 1)
    assert len(chosen.train) == len(chosen.validation) == 2


def test_every_image_validates_about_equally_often() -> None:
    labels = np.repeat(np.arange(2), 20)
    times = np.zeros(40)
    for seed in range(500):
        times[split(labelled(labels, validation_fraction=0.25), seed).validation] += 1
    assert np.abs(times / 500 - 0.25).max() < 4.5 * np.sqrt(0.25 * 0.75 / 500)


def of_seeds(dataset: Dataset, count: int) -> list[Split]:
    return [split(dataset, seed) for seed in range(1, count + 1)]


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_each_image_is_tested_in_one_fold_of_a_partition(folds: int) -> None:
    dataset = digits(None, folds=folds)
    for first in (0, folds):
        chosen = of_seeds(dataset, first + folds)[first:]
        assert sorted(np.concatenate([each.test for each in chosen])) == list(range(1437))
        for each in chosen:
            assert each.test is not None
            assert sorted([*each.train, *each.validation, *each.test]) == list(range(1437))
            assert np.ptp([len(other.test) for other in chosen if other.test is not None]) <= 1
            shares = np.bincount(dataset.labels[each.test], minlength=10) * folds
            assert np.abs(shares - np.bincount(dataset.labels)).max() < folds
    assert not np.array_equal(of_seeds(dataset, 1)[0].test, of_seeds(dataset, folds + 1)[folds].test)


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_each_image_validates_in_one_validation_fold_of_a_partition(folds: int) -> None:
    dataset = digits(None, validation_folds=folds, limit=700, validation_fraction=0.3)
    for first in (0, folds):
        chosen = of_seeds(dataset, first + folds)[first:]
        everything = sorted(np.concatenate([each.validation for each in chosen]))
        assert len(everything) == 700
        for each in chosen:
            assert each.test is None and sorted([*each.train, *each.validation]) == everything
            shares = np.bincount(dataset.labels[each.validation], minlength=10) * folds
            assert np.abs(shares - np.bincount(dataset.labels[everything])).max() < folds
    assert not np.array_equal(of_seeds(dataset, 1)[0].validation, of_seeds(dataset, folds + 1)[folds].validation)


def test_copies_validate_in_one_fold() -> None:
    plain = digits(None, limit=200)
    images, labels = np.repeat(plain.images[:60], 2, axis=0), np.repeat(plain.labels[:60], 2)
    dataset = with_options(
        replace(plain, images=images, labels=labels, limit=None, contents=None), SplitOptions, validation_folds=4
    )
    for each in of_seeds(dataset, 4):
        assert set(each.validation // 2).isdisjoint(each.train // 2)


def test_as_many_folds_as_images_leave_one_out() -> None:
    dataset = digits(None, limit=40, folds=40)
    chosen = of_seeds(dataset, 40)
    left_out = [int(each.test[0]) for each in chosen if each.test is not None and len(each.test) == 1]
    everything = {*chosen[0].train, *chosen[0].validation, *left_out[:1]}
    assert len(everything) == 40 and set(left_out) == everything


def test_a_run_is_scored_on_its_fold_or_on_the_test_set() -> None:
    plain, folded = digits(None), digits(None, folds=3)
    images, labels = images_to_test(plain, split(plain, 1))
    assert images is plain.test_images and labels is plain.test_labels
    chosen = split(folded, 2)
    assert chosen.test is not None
    images, labels = images_to_test(folded, chosen)
    assert np.array_equal(images, folded.images[chosen.test]) and np.array_equal(labels, folded.labels[chosen.test])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"folds": 1438}, "digits: folds=1438 is more than the 1437 images: give 2 to 1437 (leave one out)"),
        ({"folds": 41, "limit": 40}, "folds=41 is more than the 40 images"),
        ({"folds": 2, "limit": 30}, "of the 3 training images of class '0' a fold of 2 leaves fewer than 2"),
        ({"folds": 1}, "greater than or equal to 2"),
        ({"folds": 5, "label_noise": 0.1}, "would test on wrong labels"),
        ({"folds": 5, "validation_folds": 5}, "folds=5 tests and validation_folds=5 validates on folds: leave one out"),
        ({"validation_folds": 41, "limit": 40}, "validation_folds=41 is more than the 40 images"),
    ],
)
def test_folds_that_cannot_be_are_refused(options: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        resolve_part("dataset", use("digits", **options)).build(None)
