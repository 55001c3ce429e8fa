"""Scenes of real digits among scraps of others, under noise, with the class of each pixel. Made of MNIST."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import SplitOptions, with_options
from keras_suite.data_pipeline.datasets.synthetic.digit_placing import assign_digits, place_digits
from keras_suite.data_pipeline.sampling import normal, random_integers, uniform

PIXEL_CLASSES = ("ground", *"0123456789")
SCRAP = 7  # pixels a side of a piece cut out of a digit
INSIDE = (4, 24)  # where MNIST's digits have their ink, on each axis

_SCRAP_OF, _CUT, _PUT, _GREY, _NOISE = range(24, 29)  # purposes of random numbers, part of their keys

Scenes = Annotated[int, Field(ge=20, le=30_000)]
Side = Annotated[int, Field(ge=16, le=256)]
Digits = Annotated[int, Field(ge=1, le=8)]
Size = Annotated[int, Field(ge=6, le=64)]
Overlap = Annotated[float, Field(ge=0, le=1)]
Scraps = Annotated[int, Field(ge=0, le=100)]
GreyLevels = Annotated[float, Field(ge=0, le=255)]


@dataclass(frozen=True)
class Style:
    """The options of `digit_scenes` that say how scenes style."""

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
    noise: GreyLevels = 20.0,
    **shared: Unpack[SplitOptions],
) -> Dataset:
    """Create scenes (side, side, 1) of digits, with the class of each pixel: 0 for ground, 1 to 10 for a digit 0 to 9.

    Every digit of MNIST is in one scene only, none is both trained on and tested. Splits are stratified by how many
    digits there are. All random numbers are keyed by the scene's position.

    Args:
        scenes: How many train and validate; `test_scenes` test.
        digits: The fewest and the most digits in a scene.
        sizes: The least and the largest length in pixels of a digit's longer side.
        overlap: The largest share of the smaller of two digits' boxes that the other may cover.
        scraps: How many pieces of 7x7 pixels, cut out of any digits, lie on the ground and belong to it.
        noise: The standard deviation of grey levels that are added to every pixel.
    """
    style = Style(side, digits, sizes, overlap, scraps, noise)
    _check(style)
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
    images, masks, labels = compose_scenes(source.images, source.labels, 0, scenes, style)
    test_images, test_masks, test_labels = compose_scenes(source.test_images, source.test_labels, 1, test_scenes, style)
    dataset = Dataset(
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
    return with_options(dataset, SplitOptions, **shared)


def _check(style: Style) -> None:
    for option, (low, high) in (("digits", style.digits), ("sizes", style.sizes)):
        if low > high:
            raise ValueError(f"digit_scenes: {option}=[{low}, {high}] goes down: give the smaller number first")
    if style.sizes[1] > style.side:
        raise ValueError(
            f"digit_scenes: sizes={list(style.sizes)} do not fit into a side of {style.side} pixels: give smaller "
            "digits or larger scenes"
        )


def compose_scenes(
    digits: np.ndarray, labels: np.ndarray, part: int, scenes: int, style: Style
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put digits into scenes.

    Args:
        digits: uint8 (m, 28, 28, 1).
        labels: (m,)
        part: 0 to train, 1 to test; part of the random numbers' keys.
        scenes: How many to create.
        style: How they look.

    Returns:
        Scenes uint8 (n, side, side, 1), the class of each pixel uint8 (n, side, side), and how many more digits than
        the fewest each scene has, int64 (n,).
    """
    chosen = assign_digits(scenes, *style.digits, (part,))
    placed = place_digits(digits, chosen, (part,), side=style.side, sizes=style.sizes, overlap=style.overlap)
    seen = placed.owner >= 0
    of_digit = np.take_along_axis(labels[chosen], np.maximum(placed.owner, 0).reshape(scenes, -1), axis=1)
    masks = np.where(seen, 1 + of_digit.reshape(seen.shape), 0).astype(np.uint8)
    ground = np.maximum(placed.ink, _scraps(digits, part, scenes, style))
    images = np.where(seen, placed.ink, ground)
    if style.noise:
        for scene, image in enumerate(images):
            images[scene] = np.clip(np.rint(image + style.noise * _noise(part, scene, image.shape)), 0, 255)
    return images[..., None], masks, (chosen >= 0).sum(axis=1) - style.digits[0]


def _scraps(digits: np.ndarray, part: int, scenes: int, style: Style) -> np.ndarray:
    """Return pieces of digits anywhere on black, uint8 (n, side, side); where two meet the brighter is seen."""
    scene, piece, axis = np.ogrid[:scenes, : style.scraps, :2]
    rows = random_integers(len(digits), _SCRAP_OF, part, scene, piece)[..., 0]
    cut = INSIDE[0] + uniform(_CUT, part, scene, piece, axis) * (INSIDE[1] - INSIDE[0] - SCRAP + 1)
    put = uniform(_PUT, part, scene, piece, axis) * (style.side - SCRAP + 1)
    ground = np.zeros((scenes, style.side, style.side), np.uint8)
    for at in np.ndindex(rows.shape):
        (top, left), (down, right) = cut[at].astype(int), put[at].astype(int)
        window = ground[at[0], down : down + SCRAP, right : right + SCRAP]
        np.maximum(window, digits[rows[at], top : top + SCRAP, left : left + SCRAP, 0], out=window)
    return ground


def _noise(part: int, scene: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return standard normal numbers, keyed by the scene and the pixel."""
    pixel = np.arange(int(np.prod(shape))).reshape(shape)
    return normal(uniform(_GREY, part, scene, pixel), uniform(_NOISE, part, scene, pixel))
