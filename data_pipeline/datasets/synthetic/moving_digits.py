"""Short clips of real digits that move over black: which way does it go? Made of MNIST, a clip of each digit."""

from pathlib import Path
from typing import Annotated, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import LabelOptions, with_options
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.sampling import normal, random_bits, uniform

DIRECTIONS = ("right", "down right", "down", "down left", "left", "up left", "up", "up right")
DIGIT, CANVAS = 14, 28  # pixels a side
SPEEDS = (0.5, 1.5)  # pixels from frame to frame

_DIRECTION, _SPEED, _ROW, _COLUMN, _GREY, _SPECKS = range(10, 16)  # what a draw is for; part of its key

Frames = Annotated[int, Field(ge=2, le=8)]  # at 8 the fastest just stays on the canvas
Clips = Annotated[int, Field(ge=100, le=60_000)]
TestClips = Annotated[int, Field(ge=100, le=10_000)]
Specks = Annotated[float, Field(ge=0, le=255)]


def moving_digits(
    data_dir: Path | None,
    /,
    *,
    frames: Frames = 6,
    clips: Clips = 5000,
    test_clips: TestClips = 2000,
    noise: Specks = 0.0,
    **shared: Unpack[LabelOptions],
) -> Dataset:
    """Return clips (28, 28, frames): the frames lie in the channels. The first so many digits of MNIST's training and
    test images, halved to 14x14 pixels, each in one clip: no digit is both trained on and tested.

    The class is one of eight directions. Direction, start and speed (0.5 to 1.5 pixels a frame, rounded to whole pixels
    at each) are keyed by the digit's place in MNIST. `noise` is the standard deviation of grey levels that are added to
    every pixel of every frame anew.
    """
    source = mnist(data_dir)
    for option, count, digits in (("clips", clips, source.images), ("test_clips", test_clips, source.test_images)):
        if count > len(digits):
            raise ValueError(f"moving_digits: {option}={count:,} is more than the {len(digits):,} digits: give fewer")
    images, labels = moved(source.images[:clips], 0, frames, noise)
    test_images, test_labels = moved(source.test_images[:test_clips], 1, frames, noise)
    made = Dataset(
        name="moving_digits",
        images=images,
        labels=labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=DIRECTIONS,
        fingerprint=source.fingerprint,
        notes=(*source.notes, f"{frames} frames lie in the channels"),
    )
    return with_options(made, **shared)


def moved(digits: np.ndarray, part: int, frames: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Return clips uint8 (n, CANVAS, CANVAS, frames) of digits (n, 28, 28, 1), and their directions int64 (n,)."""
    index = np.arange(len(digits))
    directions = (random_bits(_DIRECTION, part, index) % np.uint64(len(DIRECTIONS))).astype(np.int64)
    starts, steps = courses(directions, part, frames)
    clips = np.zeros((len(digits), CANVAS, CANVAS, frames), np.uint8)
    for row, digit in enumerate(digits):
        small = resize(digit, (DIGIT, DIGIT))[..., 0]
        for frame in range(frames):
            top, left = np.rint(starts[row] + frame * steps[row]).astype(int)
            clips[row, top : top + DIGIT, left : left + DIGIT, frame] = small
        if noise:
            clips[row] = np.clip(np.rint(clips[row] + noise * _normal(part, row, clips[row].shape)), 0, 255)
    return clips, directions


def courses(directions: np.ndarray, part: int, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where each digit's corner starts and how far it goes from frame to frame: rows and columns, (n, 2) each.

    Starts are anywhere from which the whole course stays on the canvas.
    """
    index = np.arange(len(directions))
    speed = SPEEDS[0] + (SPEEDS[1] - SPEEDS[0]) * uniform(_SPEED, part, index)
    angle = directions * (2 * np.pi / len(DIRECTIONS))
    steps = speed[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    way = (frames - 1) * steps
    drawn = np.stack([uniform(_ROW, part, index), uniform(_COLUMN, part, index)], axis=1)
    starts = np.maximum(-way, 0) + drawn * (CANVAS - DIGIT - np.abs(way))
    return starts, steps


def _normal(part: int, row: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return standard normal numbers, keyed by the clip and the pixel's place in it."""
    pixel = np.arange(int(np.prod(shape))).reshape(shape)
    return normal(uniform(_GREY, part, row, pixel), uniform(_SPECKS, part, row, pixel))
