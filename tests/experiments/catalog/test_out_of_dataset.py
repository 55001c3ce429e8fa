"""Magnitude and direction of activations: each tells strangers that differ by it alone."""

import numpy as np
import pytest

from keras_suite.experiments.catalog.out_of_dataset import CLASSES, compared

RANDOM = np.random.default_rng(0)
LABELS = np.repeat(np.arange(CLASSES + 1), 80)
KNOWN = 5 * np.eye(CLASSES + 1)[LABELS[LABELS < CLASSES]] + RANDOM.uniform(0, 0.3, (80 * CLASSES, CLASSES + 1))


def test_strangers_that_are_only_weaker_differ_in_magnitude() -> None:
    found = compared(np.concatenate([KNOWN, KNOWN[:80] / 2]), LABELS)
    assert found["magnitude_ratio"] == pytest.approx(0.5, rel=0.02)
    assert found["magnitude_area"] == 1
    assert found["direction_area"] < 0.65


def test_strangers_that_only_point_elsewhere_differ_in_direction() -> None:
    elsewhere = KNOWN[:80][:, [5, 1, 2, 3, 4, 0]]
    found = compared(np.concatenate([KNOWN, elsewhere]), LABELS)
    assert found["magnitude_ratio"] == pytest.approx(1, rel=0.02)
    assert found["magnitude_area"] < 0.65
    assert found["direction_area"] == 1
    assert found["direction_strangers"] > 60 > 10 > found["direction_known"]


def test_of_few_images_that_leave_one_of_the_two_nothing_is_said() -> None:
    strangers = LABELS == CLASSES
    assert compared(np.concatenate([KNOWN, KNOWN[:80]])[~strangers], LABELS[~strangers]) == {}
    few = np.repeat(np.arange(CLASSES + 1), 20)  # all known ones make the mean directions
    assert compared(RANDOM.uniform(0, 1, (len(few), 4)), few) == {}
