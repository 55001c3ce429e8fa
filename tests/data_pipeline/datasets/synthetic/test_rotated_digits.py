"""Rotated digits: each is turned as far as its target says, nothing is cut off, and only asked-for angles are wrong."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.synthetic.rotated_digits import (
    CANVAS,
    rotate,
    rotated_digits,
    sample_angles,
    with_wrong_angles,
)


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    """200 real digits uint8 (n, 28, 28, 1)."""
    return digits(None, image_size=(28, 28)).images[:200]


def all_by(degrees: float, count: int) -> np.ndarray:
    return np.full((count, 1), np.deg2rad(degrees), np.float32)


def on_canvas(images: np.ndarray) -> np.ndarray:
    border = (CANVAS - images.shape[1]) // 2
    return np.pad(images, ((0, 0), (border, border), (border, border), (0, 0)))


def test_positive_is_counter_clockwise_about_the_centre(real: np.ndarray) -> None:
    for degrees, quarters in ((0, 0), (90, 1), (-90, -1)):
        quarter = np.rot90(on_canvas(real), quarters, axes=(1, 2)).astype(int)
        rotated = rotate(real, all_by(degrees, len(real)))
        assert rotated.dtype == np.uint8 and np.abs(rotated - quarter).max() <= 1


def test_nothing_is_cut_off_at_any_angle(real: np.ndarray) -> None:
    full = np.full_like(real[:1], 255)  # ink in every corner
    for degrees in (10, 30, 45, 77):
        assert int(rotate(full, all_by(degrees, 1)).sum()) == pytest.approx(int(full.sum()), rel=0.01)
        rotated = rotate(real, all_by(degrees, len(real)))
        np.testing.assert_allclose(rotated.sum(axis=(1, 2, 3)), real.sum(axis=(1, 2, 3)), rtol=0.02)


def test_turned_back_it_is_nearly_the_digit_again(real: np.ndarray) -> None:
    angles = sample_angles(len(real), 0, 60)
    for image, angle, digit in zip(rotate(real, angles), angles, on_canvas(real), strict=True):
        inside = image[np.newaxis, 6:34, 6:34]
        again, wrong = (rotate(inside, sign * angle[np.newaxis]).astype(float) for sign in (-1, 1))
        if abs(angle) > np.deg2rad(15):
            assert np.abs(again - digit).mean() < 0.5 * np.abs(wrong - digit).mean()


def test_angles_are_uniform_within_their_range_and_keyed_by_place_and_part() -> None:
    angles = np.rad2deg(sample_angles(20_000, 0, 40))
    assert angles.shape == (20_000, 1) and angles.dtype == np.float32
    assert np.abs(angles).max() <= 40 and np.abs(np.histogram(angles, 8)[0] - 2500).max() < 200
    assert np.array_equal(sample_angles(5, 0, 40), sample_angles(20_000, 0, 40)[:5])
    assert not np.isclose(sample_angles(5, 0, 40), sample_angles(5, 1, 40)).any()


def test_a_share_of_angles_is_wrong_and_more_keep_those_of_fewer() -> None:
    angles = sample_angles(10_000, 0, 60)
    few, many = (with_wrong_angles(angles, share, 60) for share in (0.1, 0.3))
    assert few.dtype == np.float32 and few.shape == angles.shape
    assert np.mean(few != angles) == pytest.approx(0.1, abs=0.01)
    assert np.mean(many != angles) == pytest.approx(0.3, abs=0.02)
    assert (many[few != angles] == few[few != angles]).all() and np.abs(many).max() <= np.deg2rad(60)
    assert abs(np.corrcoef(angles[many != angles], many[many != angles])[0, 1]) < 0.05
    assert np.array_equal(with_wrong_angles(angles, 0.0, 60), angles)


@pytest.mark.needs_data
def test_the_dataset_has_digits_with_angles_for_targets(data_dir: Path) -> None:
    dataset = rotated_digits(data_dir, degrees=30, limit=200, test_limit=300, classes=(3, 4))
    assert dataset.task == "angle" and dataset.class_names == ("3", "4") and dataset.limit == 200
    assert dataset.images.shape[1:] == (CANVAS, CANVAS, 1) and len(dataset.test_images) == 300
    for images, labels, targets in (
        (dataset.images, dataset.labels, dataset.targets),
        (dataset.test_images, dataset.test_labels, dataset.test_targets),
    ):
        assert targets is not None and targets.shape == (len(images), 1) and targets.dtype == np.float32
        assert len(labels) == len(images) and 0.4 < np.abs(targets).max() <= np.deg2rad(30)
        upright = rotate(images[:100, 6:34, 6:34], -targets[:100])
        mean, turned_mean = upright.mean(axis=0), images[:100].mean(axis=0)
        assert mean.max() > turned_mean.max()  # digits lie better on each other once turned back


@pytest.mark.needs_data
def test_wrong_angles_are_noted_and_test_angles_stay_right(data_dir: Path) -> None:
    clean, noisy = (rotated_digits(data_dir, wrong_angles=share) for share in (0.0, 0.25))
    assert clean.targets is not None and noisy.targets is not None
    assert np.array_equal(clean.images, noisy.images)
    assert np.mean(clean.targets != noisy.targets) == pytest.approx(0.25, abs=0.01)
    assert np.array_equal(clean.test_targets, noisy.test_targets)  # type: ignore[arg-type]
    assert not clean.notes and noisy.notes[-1].startswith("wrong_angles=0.25: 1") and "on purpose" in noisy.notes[-1]


def test_a_size_that_would_change_the_angles_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rotated_digits: image_size=\[20, 28\] would change the angles"):
        rotated_digits(None, image_size=(20, 28))


def test_folds_would_test_on_wrong_angles() -> None:
    with pytest.raises(ValueError, match=r"folds=5 with wrong_angles=0\.2 would test on wrong angles: leave one out"):
        rotated_digits(None, folds=5, wrong_angles=0.2)
