"""Photographs strewn with digits, one of which is home, with the direction in which it lies. The task "direction"."""

import hashlib
from pathlib import Path
from typing import Annotated, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import cifar10, mnist
from keras_suite.data_pipeline.datasets.options import SizeOptions, with_options
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.sampling import random_integers, uniform

CANVAS, DIGIT = 48, 14  # pixels a side
REACH = (CANVAS - DIGIT) // 2  # pixels between the picture's centre and that of a digit at its border
NEAR = 9.0  # pixels: no home is nearer to the centre

_HOW_MANY, _WAY, _FAR, _PHOTOGRAPH, _HOME, _OTHER, _ROW, _COLUMN, _INK = range(30, 39)  # purposes, part of keys

Scenes = Annotated[int, Field(ge=100, le=50_000)]
TestScenes = Annotated[int, Field(ge=100, le=10_000)]
Others = Annotated[int, Field(ge=1, le=8)]
Digit = Annotated[int, Field(ge=0, le=9)]


def homing_scenes(
    data_dir: Path | None,
    /,
    *,
    scenes: Scenes = 5000,
    test_scenes: TestScenes = 2000,
    home: Digit = 0,
    clutter: Others = 4,
    **shared: Unpack[SizeOptions],
) -> Dataset:
    """Create scenes (48, 48, 3): a photograph of CIFAR-10, darkened, under digits of MNIST in colours of their own.

    The target is the unit vector (x to the right, y up) from the picture's centre to home, the one digit that is a
    `home`. It lies on top, complete, and at least 8 pixels from the centre; all directions are equally likely. How many
    other digits there are is the class. All is keyed by the scene's number.

    Photographs and digits come from the training parts in scenes to train and validate with, from the test parts in
    test scenes; one may be seen in several scenes.

    Args:
        scenes: How many train and validate; `test_scenes` test.
        home: Which digit is home.
        clutter: The most digits of the other nine that lie anywhere in a scene; 0 to so many are equally likely.
        **shared: `image_size` must be square: another would change the directions.
    """
    image_size = shared.get("image_size")
    if image_size is not None and image_size[0] != image_size[1]:
        raise ValueError(f"homing_scenes: image_size={list(image_size)} would change directions: give a square one")
    digits = mnist(data_dir)
    photographs = cifar10(data_dir)
    sources = (
        (scenes, digits.images, digits.labels, photographs.images),
        (test_scenes, digits.test_images, digits.test_labels, photographs.test_images),
    )
    (images, others, directions), (test_images, test_others, test_directions) = (
        compose_scenes(count, part, own[labels == home], own[labels != home], behind, clutter)
        for part, (count, own, labels, behind) in enumerate(sources)
    )
    dataset = Dataset(
        name="homing_scenes",
        images=images,
        labels=others,
        test_images=test_images,
        test_labels=test_others,
        class_names=tuple("1 other" if count == 1 else f"{count} others" for count in range(clutter + 1)),
        fingerprint=hashlib.sha256(f"{digits.fingerprint}{photographs.fingerprint}".encode()).hexdigest(),
        notes=(*digits.notes, *photographs.notes),
        task="direction",
        targets=directions,
        test_targets=test_directions,
    )
    return with_options(dataset, SizeOptions, **shared)


def compose_scenes(
    count: int, part: int, homes: np.ndarray, others: np.ndarray, photographs: np.ndarray, clutter: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put digits on photographs.

    Args:
        count: How many scenes to create.
        part: 0 to train, 1 to test; part of the random numbers' keys.
        homes: The digits that may be home, uint8 (n, 28, 28, 1); `others` are the other ones.
        photographs: uint8 (n, h, w, 3).
        clutter: The most others in a scene.

    Returns:
        Scenes uint8 (count, CANVAS, CANVAS, 3), how many others each has int64 (count,), and the directions of home
        float32 (count, 2).
    """
    number = np.arange(count)
    how_many = random_integers(clutter + 1, _HOW_MANY, part, number)
    offsets = home_offsets(count, part)
    images = np.zeros((count, CANVAS, CANVAS, 3), np.uint8)
    for row in range(count):
        scene = resize(photographs[random_integers(len(photographs), _PHOTOGRAPH, part, row)], (CANVAS, CANVAS)) / 2
        for other in range(how_many[row]):
            top, left = (int(uniform(axis, part, row, other) * (2 * REACH + 1)) for axis in (_ROW, _COLUMN))
            digit = others[random_integers(len(others), _OTHER, part, row, other)]
            _paint(scene, digit, top, left, _ink(part, row, other))
        top, left = REACH - offsets[row, 1], REACH + offsets[row, 0]
        _paint(scene, homes[random_integers(len(homes), _HOME, part, row)], top, left, _ink(part, row, clutter))
        images[row] = np.rint(scene)
    return images, how_many, (offsets / np.linalg.norm(offsets, axis=1, keepdims=True)).astype(np.float32)


def home_offsets(count: int, part: int) -> np.ndarray:
    """Sample where home lies from the picture's centre, to the right and up, in whole pixels: int64 (count, 2).

    Before rounding, each direction is equally likely, and each distance from NEAR to the picture's border.
    """
    number = np.arange(count)
    angle = 2 * np.pi * uniform(_WAY, part, number)
    way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    border = REACH / np.abs(way).max(axis=1)
    distance = NEAR + (border - NEAR) * uniform(_FAR, part, number)
    return np.rint(distance[:, np.newaxis] * way).astype(np.int64)


def _paint(scene: np.ndarray, digit: np.ndarray, top: int, left: int, ink: np.ndarray) -> None:
    """Lay a digit (28, 28, 1), shrunk, over the scene (CANVAS, CANVAS, 3) in a colour (3,)."""
    cover = resize(digit, (DIGIT, DIGIT)) / 255
    under = scene[top : top + DIGIT, left : left + DIGIT]
    under += cover * (ink - under)


def _ink(part: int, scene: int, digit: int) -> np.ndarray:
    """Return a colour (3,) of at least 128 in red, green and blue, brighter than any darkened photograph."""
    return 128 + 127 * uniform(_INK, part, scene, digit, np.arange(3))
