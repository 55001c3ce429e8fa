"""Moving digits: each clip goes the way that its label says, and no digit is both trained on and tested."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.synthetic.moving_digits import (
    CANVAS,
    DIGIT,
    DIRECTIONS,
    move,
    moving_digits,
    trajectories,
)
from keras_suite.data_pipeline.images.image_files import resize

FRAMES = 6


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    """400 real digits uint8 (n, 28, 28, 1)."""
    return digits(None, image_size=(28, 28)).images[:400]


@pytest.fixture(scope="module")
def clips(real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return move(real, 0, FRAMES, 0.0)


def centres(clip: np.ndarray) -> np.ndarray:
    """The centre of mass (row, column) of each frame (frames, 2)."""
    mass = clip.astype(float) / clip.sum(axis=(0, 1))
    return np.stack([np.einsum("hwt,h->t", mass, np.arange(CANVAS)), np.einsum("hwt,w->t", mass, np.arange(CANVAS))], 1)


def test_every_clip_goes_the_way_its_label_says(clips: tuple[np.ndarray, np.ndarray]) -> None:
    for clip, label in zip(*clips, strict=True):
        down, right = centres(clip)[-1] - centres(clip)[0]
        off = np.angle(np.exp(1j * (np.arctan2(down, right) - label * np.pi / 4)))
        assert abs(off) < np.pi / 8, DIRECTIONS[label]
        assert 2 <= np.hypot(down, right) <= 8.5  # 5 steps of 0.5 to 1.5 pixels, rounded
    assert set(clips[1].tolist()) == set(range(len(DIRECTIONS)))


def test_names_say_rows_downwards_and_columns_to_the_right() -> None:
    _, steps = trajectories(np.arange(8), 0, FRAMES)
    for name, (down, right) in zip(DIRECTIONS, steps, strict=True):
        said = (("down" in name) - ("up" in name), ("right" in name) - ("left" in name))
        assert said == tuple(np.sign(np.round([down, right], 6)).astype(int))


@pytest.mark.parametrize("frames", [2, 6, 8])
def test_the_whole_digit_stays_on_the_canvas_in_every_frame(real: np.ndarray, frames: int) -> None:
    clips, _ = move(real, 0, frames, 0.0)
    for clip, digit in zip(clips, real, strict=True):
        assert (clip.sum(axis=(0, 1), dtype=int) == resize(digit, (DIGIT, DIGIT)).sum()).all()


def test_a_clip_is_keyed_by_its_place_and_part_alone(real: np.ndarray, clips: tuple[np.ndarray, np.ndarray]) -> None:
    fewer, labels = move(real[:10], 0, FRAMES, 0.0)
    assert np.array_equal(fewer, clips[0][:10]) and np.array_equal(labels, clips[1][:10])
    _, of_test = move(real, 1, FRAMES, 0.0)
    assert not np.array_equal(of_test, clips[1])


def test_noise_is_new_in_every_frame_and_has_the_requested_strength(real: np.ndarray) -> None:
    grey = np.full_like(real[:20], 128)
    clips, _ = move(grey, 0, FRAMES, 20.0)
    added = clips.astype(int) - 128
    digit = move(grey, 0, FRAMES, 0.0)[0] == 128  # elsewhere it is black, and half of the noise is cut off
    assert added[digit].std() == pytest.approx(20, rel=0.02) and abs(added[digit].mean()) < 0.5
    for one, other in ((np.s_[..., 0], np.s_[..., 1]), (np.s_[:-1], np.s_[1:])):  # frames, and clips
        both = digit[one] & digit[other]
        here, there = added[one][both], added[other][both]
        assert abs(np.corrcoef(here, there)[0, 1]) < 0.05 and abs(np.corrcoef(here**2, there**2)[0, 1]) < 0.05
    again, _ = move(grey, 0, FRAMES, 20.0)
    assert np.array_equal(clips, again)


@pytest.mark.needs_data
def test_the_dataset_has_clips_of_mnist_with_the_frames_in_the_channels(data_dir: Path) -> None:
    dataset = moving_digits(data_dir, frames=4, clips=300, test_clips=100, limit=200)
    assert dataset.images.shape == (300, CANVAS, CANVAS, 4) and dataset.test_images.shape == (100, CANVAS, CANVAS, 4)
    assert dataset.images.dtype == np.uint8 and dataset.class_names == DIRECTIONS and dataset.limit == 200
    fewer = moving_digits(data_dir, frames=4, clips=300, test_clips=100, classes=("left", "right"))
    assert fewer.class_names == ("right", "left") and set(fewer.labels.tolist()) == {0, 1}
    assert fewer.fingerprint == dataset.fingerprint


@pytest.mark.needs_data
def test_no_digit_is_both_trained_on_and_tested(data_dir: Path) -> None:
    dataset = moving_digits(data_dir, frames=2, clips=2000, test_clips=1000)

    def drawn(clips: np.ndarray) -> set[bytes]:
        """Each digit as it is, wherever it lies."""
        ink = [clip[..., 0] for clip in clips]
        return {frame[np.ix_(frame.any(axis=1), frame.any(axis=0))].tobytes() for frame in ink}

    assert not drawn(dataset.images) & drawn(dataset.test_images)
