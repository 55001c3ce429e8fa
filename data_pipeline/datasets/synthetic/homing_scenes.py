"""Photographs strewn with digits, one of which is home: which way does it lie? The task "direction"."""

import hashlib
from pathlib import Path
from typing import Annotated, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import cifar10, mnist
from keras_suite.data_pipeline.datasets.options import Classes, ImageSize, SplitOptions, with_options
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.sampling import random_bits, uniform

CANVAS, DIGIT = 48, 14  # pixels a side
REACH = (CANVAS - DIGIT) // 2  # pixels between the picture's centre and that of a digit at its border
NEAR = 9.0  # pixels: no home is nearer to the centre

_HOW_MANY, _WAY, _FAR, _PHOTOGRAPH, _HOME, _OTHER, _ROW, _COLUMN, _INK = range(30, 39)  # what a draw is for

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
    image_size: ImageSize = None,
    classes: Classes = None,
    **shared: Unpack[SplitOptions],
) -> Dataset:
    """Return scenes (48, 48, 3): a photograph of CIFAR-10, darkened, under digits of MNIST in colours of their own.

    Home is the one digit that is a `home`; the target is the unit vector (x to the right, y up) from the picture's
    centre to it. It lies on top, whole, and at least 8 pixels from the centre; all directions are equally likely. From
    0 to `clutter` digits of the other nine lie anywhere; how many is the class. All is keyed by the scene's number.

    Photographs and digits are those of the training parts in scenes to train and validate with, of the test parts in
    test scenes; one may be seen in several scenes. `image_size` must be square: another would change the directions.
    """
    if image_size is not None and image_size[0] != image_size[1]:
        raise ValueError(f"homing_scenes: image_size={list(image_size)} would change directions: give a square one")
    digits = mnist(data_dir)
    photographs = cifar10(data_dir)
    sources = (
        (scenes, digits.images, digits.labels, photographs.images),
        (test_scenes, digits.test_images, digits.test_labels, photographs.test_images),
    )
    (images, others, ways), (test_images, test_others, test_ways) = (
        composed(count, part, own[labels == home], own[labels != home], behind, clutter)
        for part, (count, own, labels, behind) in enumerate(sources)
    )
    made = Dataset(
        name="homing_scenes",
        images=images,
        labels=others,
        test_images=test_images,
        test_labels=test_others,
        class_names=tuple("1 other" if count == 1 else f"{count} others" for count in range(clutter + 1)),
        fingerprint=hashlib.sha256(f"{digits.fingerprint}{photographs.fingerprint}".encode()).hexdigest(),
        notes=(*digits.notes, *photographs.notes),
        task="direction",
        targets=ways,
        test_targets=test_ways,
    )
    return with_options(made, image_size=image_size, classes=classes, **shared)


def composed(
    count: int, part: int, homes: np.ndarray, others: np.ndarray, photographs: np.ndarray, clutter: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scenes uint8 (count, CANVAS, CANVAS, 3), how many others each has int64 (count,), and the ways home
    (count, 2).

    homes, others: digits uint8 (n, 28, 28, 1). photographs: uint8 (n, h, w, 3). part: 0 to train with, 1 to test.
    """
    number = np.arange(count)
    how_many = (random_bits(_HOW_MANY, part, number) % np.uint64(clutter + 1)).astype(np.int64)
    places = home_places(count, part)
    images = np.zeros((count, CANVAS, CANVAS, 3), np.uint8)
    for row in range(count):
        scene = resize(photographs[_one_of(photographs, _PHOTOGRAPH, part, row)], (CANVAS, CANVAS)) / 2
        for other in range(how_many[row]):
            top, left = (int(uniform(axis, part, row, other) * (2 * REACH + 1)) for axis in (_ROW, _COLUMN))
            _paint(scene, others[_one_of(others, _OTHER, part, row, other)], top, left, _ink(part, row, other))
        top, left = REACH - places[row, 1], REACH + places[row, 0]
        _paint(scene, homes[_one_of(homes, _HOME, part, row)], top, left, _ink(part, row, clutter))
        images[row] = np.rint(scene)
    return images, how_many, (places / np.linalg.norm(places, axis=1, keepdims=True)).astype(np.float32)


def home_places(count: int, part: int) -> np.ndarray:
    """Where home lies from the picture's centre, in whole pixels int64 (count, 2): to the right, and up.

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


def _one_of(images: np.ndarray, *keys: int) -> int:
    """Return the row of one of the images, each equally likely."""
    return int(random_bits(*keys) % np.uint64(len(images)))
