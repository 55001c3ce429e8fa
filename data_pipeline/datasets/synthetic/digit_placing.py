"""Digits put into scenes at keyed sizes and places: what is seen, whose ink it is, and where each digit lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.sampling import random_bits, uniform

INK = 64  # grey levels: where a digit has less it is not said to be seen
TRIES, ROUNDS = 40, 100  # places tried for a digit; beginnings of a scene

_COUNT, _SIZE, _ROW, _COLUMN = range(20, 24)  # what a draw is for; part of its key


@dataclass(frozen=True)
class PlacedDigits:
    """Scenes of up to K digits each.

    ink: uint8 (n, side, side), the digits on black; of ink over ink the brighter is seen.
    owner: int8 (n, side, side), which of the scene's digits (0..K-1) is seen at each pixel, -1 for none.
    boxes: int64 (n, K, 4), top, left, height and width of each digit's ink; zeros where there is no such digit.
    """

    ink: np.ndarray
    owner: np.ndarray
    boxes: np.ndarray


def own_digits(scenes: int, fewest: int, most: int, key: Sequence[int]) -> np.ndarray:
    """Return rows of digits int64 (scenes, most): `fewest` to `most` for each scene, all equally likely, -1 after them.


    Every digit is in one scene only, so no two scenes share one; scene i's are those from i * most on.
    """
    counts = fewest + random_bits(_COUNT, *key, np.arange(scenes)) % np.uint64(most - fewest + 1)
    rows = np.arange(scenes * most, dtype=np.int64).reshape(scenes, most)
    return np.where(np.arange(most) < counts.astype(np.int64)[:, None], rows, -1)


def place_digits(
    digits: np.ndarray,
    chosen: np.ndarray,
    key: Sequence[int],
    *,
    side: int,
    sizes: tuple[int, int],
    overlap: float,
) -> PlacedDigits:
    """Return scenes (side, side) of the digits uint8 (m, 28, 28, 1) whose rows `chosen` (n, K) gives, -1 for none.

    Each digit's ink is stretched so that its longer side has one of `sizes` (least, largest) in pixels, and put
    anywhere where no two boxes share more than `overlap` (0..1) of the smaller one. Sizes and places are keyed by
    `key`, the scene and the digit's position in it.

    Raises ValueError where the digits do not fit.
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
    drawn = random_bits(_SIZE, *key, np.arange(n)[:, None], np.arange(most))
    return least + (drawn % np.uint64(largest - least + 1)).astype(np.int64)


def _stretched_ink(digit: np.ndarray, size: int) -> np.ndarray:
    """Return the smallest rectangle that holds all ink of a digit (28, 28, 1), its longer side stretched to `size`:
    (h, w).
    """
    rows, columns = (np.flatnonzero(digit[..., 0].any(axis=axis)) for axis in (1, 0))
    ink = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape[:2]
    scale = size / max(height, width)
    return resize(ink, (max(round(height * scale), 1), max(round(width * scale), 1)))[..., 0]


def _corners(extents: np.ndarray, key: Sequence[int], side: int, sizes: tuple[int, int], overlap: float) -> np.ndarray:
    """Top and left (n, K, 2) of boxes of these heights and widths (n, K, 2).

    A scene whose last digits found no room is begun again, so that the first ones do not always win.
    """
    n, most = extents.shape[:2]
    corners, left = np.zeros((n, most, 2), np.int64), np.arange(n)
    for begun in range(ROUNDS):
        placed, fits = _layout(extents[left], left, (*key, begun), side, overlap)
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
    """Return one beginning of these scenes: corners (n, K, 2), and which of the scenes (n,) found room for all."""
    n, most = extents.shape[:2]
    corners, fits = np.zeros((n, most, 2), np.int64), np.ones(n, bool)
    for position in range(most):
        size = extents[:, position, None]
        keys: tuple[ArrayLike, ...] = (*key, scenes[:, None], position, np.arange(TRIES))
        drawn = np.stack([uniform(_ROW, *keys), uniform(_COLUMN, *keys)], axis=-1)
        tried = np.floor(drawn * (side - size + 1)).astype(np.int64)  # (n, TRIES, 2)
        shared = np.zeros((n, TRIES))
        for other in range(position):
            shared = np.maximum(shared, _shared(tried, size, corners[:, other, None], extents[:, other, None]))
        room = (shared <= overlap) & (size <= side).all(axis=2)
        fits &= room.any(axis=1)
        corners[:, position] = tried[np.arange(n), room.argmax(axis=1)]
    return np.where(extents > 0, corners, 0), fits


def _shared(one: np.ndarray, one_size: np.ndarray, other: np.ndarray, other_size: np.ndarray) -> np.ndarray:
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
