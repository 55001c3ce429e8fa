"""Put digits into scenes at random sizes and positions: what is seen, whose ink it is, and where each digit lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.sampling import random_integers, uniform

INK = 64  # grey levels: a digit counts as seen where it has at least so much
TRIES, ROUNDS = 40, 100  # positions tried for a digit; layouts tried for a scene

_COUNT, _SIZE, _ROW, _COLUMN = range(20, 24)  # purposes of random numbers, part of their keys


@dataclass(frozen=True)
class PlacedDigits:
    """Scenes of up to K digits each.

    Attributes:
        ink: uint8 (n, side, side), the digits on black; of ink over ink the brighter is seen.
        owner: int8 (n, side, side), which of the scene's digits (0..K-1) is seen at each pixel, -1 for none.
        boxes: int64 (n, K, 4), top, left, height and width of each digit's ink; zeros where there is no such digit.
    """

    ink: np.ndarray
    owner: np.ndarray
    boxes: np.ndarray


def assign_digits(scenes: int, fewest: int, most: int, key: Sequence[int]) -> np.ndarray:
    """Assign digits to scenes, each digit to one scene only.

    Args:
        scenes: How many scenes there are.
        fewest: The smallest number of digits in a scene.
        most: The largest number; all numbers are equally likely.
        key: Part of the random numbers' keys.

    Returns:
        Rows of digits, int64 (scenes, most), -1 where a scene has fewer. Scene i's are those from i * most on.
    """
    counts = fewest + random_integers(most - fewest + 1, _COUNT, *key, np.arange(scenes))
    rows = np.arange(scenes * most, dtype=np.int64).reshape(scenes, most)
    return np.where(np.arange(most) < counts[:, None], rows, -1)


def place_digits(
    digits: np.ndarray,
    chosen: np.ndarray,
    key: Sequence[int],
    *,
    side: int,
    sizes: tuple[int, int],
    overlap: float,
) -> PlacedDigits:
    """Stretch digits and put them into scenes.

    Sizes and positions are keyed by `key`, the scene and the digit's number in it.

    Args:
        digits: uint8 (m, 28, 28, 1).
        chosen: The rows of the digits of each scene, int64 (n, K), -1 for none.
        key: Part of the random numbers' keys.
        sizes: The least and the largest length in pixels of the longer side of a digit's ink.
        overlap: The largest share (0..1) of the smaller of two boxes that the other may cover.

    Raises:
        ValueError: If the digits do not fit.
    """
    n, most = chosen.shape
    stretched = _sizes(n, most, sizes, key)
    inks = {at: _stretched_ink(digits[chosen[at]], stretched[at]) for at in zip(*np.nonzero(chosen >= 0), strict=True)}
    extents = np.zeros((n, most, 2), np.int64)
    for at, ink in inks.items():
        extents[at] = ink.shape
    boxes = np.concatenate([_corners(extents, key, side, sizes, overlap), extents], axis=2)
    image, owner = np.zeros((n, side, side), np.uint8), np.full((n, side, side), -1, np.int8)
    for (scene, position), ink in inks.items():
        _draw(ink, boxes[scene, position], position, image[scene], owner[scene])
    return PlacedDigits(image, owner, boxes)


def _sizes(n: int, most: int, sizes: tuple[int, int], key: Sequence[int]) -> np.ndarray:
    least, largest = sizes
    return least + random_integers(largest - least + 1, _SIZE, *key, np.arange(n)[:, None], np.arange(most))


def _stretched_ink(digit: np.ndarray, size: int) -> np.ndarray:
    """Return the bounding box (h, w) of a digit's ink (28, 28, 1), the longer side stretched to `size`."""
    rows, columns = (np.flatnonzero(digit[..., 0].any(axis=axis)) for axis in (1, 0))
    ink = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape[:2]
    scale = size / max(height, width)
    return resize(ink, (max(round(height * scale), 1), max(round(width * scale), 1)))[..., 0]


def _corners(extents: np.ndarray, key: Sequence[int], side: int, sizes: tuple[int, int], overlap: float) -> np.ndarray:
    """Return top and left (n, K, 2) of boxes of these heights and widths (n, K, 2).

    A scene whose last digits find no room gets another layout, so that the first ones do not always win.
    """
    n, most = extents.shape[:2]
    corners, left = np.zeros((n, most, 2), np.int64), np.arange(n)
    for attempt in range(ROUNDS):
        placed, fits = _layout(extents[left], left, (*key, attempt), side, overlap)
        corners[left[fits]] = placed[fits]
        left = left[~fits]
        if not len(left):
            return corners
    raise ValueError(
        f"digits of {sizes[0]} to {sizes[1]} pixels, {most} a scene, do not fit into {side}x{side} pixels with an "
        f"overlap of at most {overlap:g}: give fewer or smaller digits, larger scenes, or more overlap"
    )


def _layout(
    extents: np.ndarray, scenes: np.ndarray, key: Sequence[int], side: int, overlap: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return one layout of these scenes: corners (n, K, 2), and which of the scenes (n,) have room for all."""
    n, most = extents.shape[:2]
    corners, fits = np.zeros((n, most, 2), np.int64), np.ones(n, bool)
    for position in range(most):
        size = extents[:, position, None]
        keys: tuple[ArrayLike, ...] = (*key, scenes[:, None], position, np.arange(TRIES))
        numbers = np.stack([uniform(_ROW, *keys), uniform(_COLUMN, *keys)], axis=-1)
        tried = np.floor(numbers * (side - size + 1)).astype(np.int64)  # (n, TRIES, 2)
        covered = np.zeros((n, TRIES))
        for other in range(position):
            covered = np.maximum(covered, _overlap(tried, size, corners[:, other, None], extents[:, other, None]))
        room = (covered <= overlap) & (size <= side).all(axis=2)
        fits &= room.any(axis=1)
        corners[:, position] = tried[np.arange(n), room.argmax(axis=1)]
    return np.where(extents > 0, corners, 0), fits


def _overlap(one: np.ndarray, one_size: np.ndarray, other: np.ndarray, other_size: np.ndarray) -> np.ndarray:
    """Return the share (n, tries) of the smaller box that both cover; 0 where one of them is no box."""
    inside = np.minimum(one + one_size, other + other_size) - np.maximum(one, other)
    smaller = np.minimum(one_size.prod(axis=2), other_size.prod(axis=2))
    return np.maximum(inside, 0).prod(axis=2) / np.maximum(smaller, 1)


def _draw(ink: np.ndarray, box: np.ndarray, position: int, image: np.ndarray, owner: np.ndarray) -> None:
    """Put the ink (h, w) into the scene's image and owners (side, side) where it is brighter than what is there."""
    top, left, height, width = box
    window = slice(top, top + height), slice(left, left + width)
    brighter = ink > image[window]
    owner[window][brighter & (ink >= INK)] = position
    image[window] = np.maximum(image[window], ink)
