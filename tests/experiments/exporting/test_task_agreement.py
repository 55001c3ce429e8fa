"""What is said of a file and its network where they predict no classes."""

import numpy as np
import pytest

from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.exporting.task_agreement import measurable, putting_out, task_agreement
from keras_suite.tasks import task_named

ANGLE, MASK = task_named("angle"), task_named("mask")
TRUE = np.linspace(-1, 1, 200)[:, np.newaxis]
NOISE = np.random.default_rng(0).normal(size=(200, 1))


def test_what_differs_by_rounding_is_the_same_whatever_the_score() -> None:
    found = task_agreement(TRUE + NOISE, TRUE + NOISE + 1e-6, TRUE, ANGLE, margin=0.0)
    assert found.word == "same" and found.largest == pytest.approx(1e-6, rel=1e-3)
    assert found.score == pytest.approx(np.degrees(np.abs(NOISE)).mean(), rel=1e-4)


def test_a_larger_error_is_worse_and_a_smaller_one_better() -> None:
    off, exact = TRUE + 0.1, TRUE + 0.001
    assert task_agreement(exact, off, TRUE, ANGLE, margin=0.2).word == "worse"
    assert task_agreement(off, exact, TRUE, ANGLE, margin=0.2).word == "better"
    assert task_agreement(off, exact, TRUE, ANGLE, margin=20).word == "equivalent"


def test_differences_that_cancel_are_undecided_below_their_noise() -> None:
    found = task_agreement(TRUE + 0.5, TRUE + 0.5 + 0.3 * NOISE, TRUE, ANGLE, margin=0.01)
    assert found.word == "undecided" and found.difference_interval.low < 0 < found.difference_interval.high


def test_masks_are_compared_by_probabilities_and_scored_by_classes() -> None:
    outputs = np.random.default_rng(1).normal(size=(20, 6, 5, 3)).astype(np.float32)
    shares = putting_out(MASK).to_predictions(outputs)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-5)
    found = task_agreement(shares, shares, outputs.argmax(axis=-1), MASK, margin=0.002)
    assert found.score == 1 and found.largest == 0 and found.word == "same" and found.interval.high <= 1


def test_numbers_that_are_not_finite_cannot_be_used() -> None:
    broken = TRUE.copy()
    broken[3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        task_agreement(TRUE, broken, TRUE, ANGLE, margin=0.2)


def test_of_very_large_answers_fewer_are_measured_with_their_own_references() -> None:
    rows, pixels = np.arange(50), np.zeros((50, 4, 4, 1), np.uint8)
    images = Images(pixels, np.zeros(50, int), rows, "test image", references=rows)
    assert measurable(images, (100,)) is images
    few = measurable(images, (2**13, 2**10))
    assert len(few) == 8 and np.array_equal(few.truth, few.rows)
