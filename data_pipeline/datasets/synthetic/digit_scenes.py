"""Scenes of real digits among scraps of others, under noise: what is each pixel, ground or which digit? From MNIST."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import SplitOptions, with_options
from keras_suite.data_pipeline.datasets.synthetic.digit_placing import own_digits, place_digits
from keras_suite.data_pipeline.sampling import normal, random_bits, uniform

PIXEL_CLASSES = ("ground", *"0123456789")
SCRAP = 7  # pixels a side of a piece cut out of a digit
INSIDE = (4, 24)  # where MNIST's digits have their ink, on each axis

_SCRAP_OF, _CUT, _PUT, _GREY, _SPECKS = range(24, 29)  # what a draw is for; part of its key

Scenes = Annotated[int, Field(ge=20, le=30_000)]
Side = Annotated[int, Field(ge=16, le=256)]
Digits = Annotated[int, Field(ge=1, le=8)]
Size = Annotated[int, Field(ge=6, le=64)]
Overlap = Annotated[float, Field(ge=0, le=1)]
Scraps = Annotated[int, Field(ge=0, le=100)]
Specks = Annotated[float, Field(ge=0, le=255)]


@dataclass(frozen=True)
class Look:
    """How scenes look; see the options of `digit_scenes`."""

    side: int
    digits: tuple[int, int]
    sizes: tuple[int, int]
    overlap: float
    scraps: int
    noise: float


def digit_scenes(
    data_dir: Path | None,
    /,
    *,
    scenes: Scenes = 2000,
    test_scenes: Scenes = 500,
    side: Side = 40,
    digits: tuple[Digits, Digits] = (2, 4),
    sizes: tuple[Size, Size] = (12, 20),
    overlap: Overlap = 0.3,
    scraps: Scraps = 4,
    noise: Specks = 20.0,
    **shared: Unpack[SplitOptions],
) -> Dataset:
    """Return scenes (side, side, 1) and for each pixel what is seen there: 0 the ground, 1 to 10 a digit 0 to 9.

    The fewest to the most `digits` of MNIST stand in a scene, their longer side from the least to the largest of
    `sizes` in pixels; no two boxes share more than `overlap` of the smaller one. Every digit is in one scene only, none
    is both trained on and tested. `scraps` pieces of 7x7 pixels cut out of any digits lie on the ground and belong to
    it; `noise` is the standard deviation of grey levels that are added to every pixel.

    Splits are stratified by how many digits there are. All draws are keyed by the scene's place.
    """
    look = Look(side, digits, sizes, overlap, scraps, noise)
    _check(look)
    source = mnist(data_dir)
    most = digits[1]
    for option, count, there in (
        ("scenes", scenes, len(source.labels)),
        ("test_scenes", test_scenes, len(source.test_labels)),
    ):
        if count * most > there:
            raise ValueError(
                f"digit_scenes: {option}={count:,} of up to {most} digits ask for more than the {there:,} there are: "
                f"give at most {there // most:,}, or fewer digits"
            )
    images, masks, labels = drawn(source.images, source.labels, 0, scenes, look)
    test_images, test_masks, test_labels = drawn(source.test_images, source.test_labels, 1, test_scenes, look)
    made = Dataset(
        name="digit_scenes",
        images=images,
        labels=labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=tuple(f"{count} digit" + "s" * (count > 1) for count in range(digits[0], most + 1)),
        fingerprint=source.fingerprint,
        notes=source.notes,
        task="mask",
        targets=masks,
        test_targets=test_masks,
        target_names=PIXEL_CLASSES,
    )
    return with_options(made, **shared)


def _check(look: Look) -> None:
    for option, (low, high) in (("digits", look.digits), ("sizes", look.sizes)):
        if low > high:
            raise ValueError(f"digit_scenes: {option}=[{low}, {high}] goes down: give the smaller number first")
    if look.sizes[1] > look.side:
        raise ValueError(
            f"digit_scenes: sizes={list(look.sizes)} do not fit into a side of {look.side} pixels: give smaller digits "
            "or larger scenes"
        )


def drawn(
    digits: np.ndarray, labels: np.ndarray, part: int, scenes: int, look: Look
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """So many scenes uint8 (n, side, side, 1) of digits (m, 28, 28, 1) with labels (m,), and what each pixel is uint8
    (n, side, side); last the number of digits above the fewest, int64 (n,). `part` is 0 to train, 1 to test.
    """
    chosen = own_digits(scenes, *look.digits, (part,))
    placed = place_digits(digits, chosen, (part,), side=look.side, sizes=look.sizes, overlap=look.overlap)
    seen = placed.owner >= 0
    of_digit = np.take_along_axis(labels[chosen], np.maximum(placed.owner, 0).reshape(scenes, -1), axis=1)
    masks = np.where(seen, 1 + of_digit.reshape(seen.shape), 0).astype(np.uint8)
    ground = np.maximum(placed.ink, _scraps(digits, part, scenes, look))
    images = np.where(seen, placed.ink, ground)
    if look.noise:
        for scene, image in enumerate(images):
            images[scene] = np.clip(np.rint(image + look.noise * _specks(part, scene, image.shape)), 0, 255)
    return images[..., None], masks, (chosen >= 0).sum(axis=1) - look.digits[0]


def _scraps(digits: np.ndarray, part: int, scenes: int, look: Look) -> np.ndarray:
    """Return pieces of digits anywhere on black, uint8 (n, side, side); where two meet the brighter is seen."""
    scene, piece, axis = np.ogrid[:scenes, : look.scraps, :2]
    rows = (random_bits(_SCRAP_OF, part, scene, piece) % np.uint64(len(digits))).astype(np.int64)[..., 0]
    cut = INSIDE[0] + uniform(_CUT, part, scene, piece, axis) * (INSIDE[1] - INSIDE[0] - SCRAP + 1)
    put = uniform(_PUT, part, scene, piece, axis) * (look.side - SCRAP + 1)
    ground = np.zeros((scenes, look.side, look.side), np.uint8)
    for at in np.ndindex(rows.shape):
        (top, left), (down, right) = cut[at].astype(int), put[at].astype(int)
        window = ground[at[0], down : down + SCRAP, right : right + SCRAP]
        np.maximum(window, digits[rows[at], top : top + SCRAP, left : left + SCRAP, 0], out=window)
    return ground


def _specks(part: int, scene: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return standard normal numbers, keyed by the scene and the pixel."""
    pixel = np.arange(int(np.prod(shape))).reshape(shape)
    return normal(uniform(_GREY, part, scene, pixel), uniform(_SPECKS, part, scene, pixel))
