"""Short clips of real digits that move over black, with the direction as the class. Made of MNIST."""

from pathlib import Path
from typing import Annotated, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import LabelOptions, with_options
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.sampling import normal, random_integers, uniform

DIRECTIONS = ("right", "down right", "down", "down left", "left", "up left", "up", "up right")
DIGIT, CANVAS = 14, 28  # pixels a side
SPEEDS = (0.5, 1.5)  # pixels from frame to frame

_DIRECTION, _SPEED, _ROW, _COLUMN, _GREY, _NOISE = range(10, 16)  # purposes of random numbers, part of keys

Frames = Annotated[int, Field(ge=2, le=8)]  # at 8 the fastest just stays on the canvas
Clips = Annotated[int, Field(ge=100, le=60_000)]
TestClips = Annotated[int, Field(ge=100, le=10_000)]
GreyLevels = Annotated[float, Field(ge=0, le=255)]


def moving_digits(
    data_dir: Path | None,
    /,
    *,
    frames: Frames = 6,
    clips: Clips = 5000,
    test_clips: TestClips = 2000,
    noise: GreyLevels = 0.0,
    **shared: Unpack[LabelOptions],
) -> Dataset:
    """Create clips (28, 28, frames), the frames in the channels, of digits halved to 14x14 pixels.

    Each of MNIST's first training and test digits moves in one clip: no digit is both trained on and tested. The class
    is one of eight directions. Direction, start and speed (0.5 to 1.5 pixels a frame, rounded to whole pixels at each)
    are keyed by the digit's position in MNIST.

    Args:
        clips: How many train and validate; `test_clips` test.
        noise: The standard deviation of grey levels that are added to every pixel of every frame anew.
    """
    source = mnist(data_dir)
    for option, count, digits in (("clips", clips, source.images), ("test_clips", test_clips, source.test_images)):
        if count > len(digits):
            raise ValueError(f"moving_digits: {option}={count:,} is more than the {len(digits):,} digits: give fewer")
    images, labels = move(source.images[:clips], 0, frames, noise)
    test_images, test_labels = move(source.test_images[:test_clips], 1, frames, noise)
    dataset = Dataset(
        name="moving_digits",
        images=images,
        labels=labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=DIRECTIONS,
        fingerprint=source.fingerprint,
        notes=(*source.notes, f"{frames} frames lie in the channels"),
    )
    return with_options(dataset, LabelOptions, **shared)


def move(digits: np.ndarray, part: int, frames: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Move digits (n, 28, 28, 1).

    Returns:
        Clips uint8 (n, CANVAS, CANVAS, frames), and the index of each one's direction, int64 (n,).
    """
    index = np.arange(len(digits))
    directions = random_integers(len(DIRECTIONS), _DIRECTION, part, index)
    starts, steps = trajectories(directions, part, frames)
    clips = np.zeros((len(digits), CANVAS, CANVAS, frames), np.uint8)
    for row, digit in enumerate(digits):
        small = resize(digit, (DIGIT, DIGIT))[..., 0]
        for frame in range(frames):
            top, left = np.rint(starts[row] + frame * steps[row]).astype(int)
            clips[row, top : top + DIGIT, left : left + DIGIT, frame] = small
        if noise:
            clips[row] = np.clip(np.rint(clips[row] + noise * _normal(part, row, clips[row].shape)), 0, 255)
    return clips, directions


def trajectories(directions: np.ndarray, part: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Sample where each digit's corner starts and how far it moves from frame to frame: rows and columns, (n, 2) each.

    Starts are anywhere from which the digit stays on the canvas.
    """
    index = np.arange(len(directions))
    speed = SPEEDS[0] + (SPEEDS[1] - SPEEDS[0]) * uniform(_SPEED, part, index)
    angle = directions * (2 * np.pi / len(DIRECTIONS))
    steps = speed[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    total = (frames - 1) * steps
    numbers = np.stack([uniform(_ROW, part, index), uniform(_COLUMN, part, index)], axis=1)
    starts = np.maximum(-total, 0) + numbers * (CANVAS - DIGIT - np.abs(total))
    return starts, steps


def _normal(part: int, row: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return standard normal numbers, keyed by the clip and the pixel's position in it."""
    pixel = np.arange(int(np.prod(shape))).reshape(shape)
    return normal(uniform(_GREY, part, row, pixel), uniform(_NOISE, part, row, pixel))
