"""Pairs of images that are nearly the same: saved again, made smaller, made brighter. With a stated threshold.

Two images are near duplicates if at most 3 of the 64 bits of their perceptual hashes differ and their grey
thumbnails of 32 x 32 correlate with at least 0.98. The hashes find candidates fast; the thumbnails decide. Measured
with 500 of 2,500 photographs of 160 px that were saved again: found were all of JPEG quality 75, 0.994 of quality 40,
0.990 of a quarter of the size, 0.89 of 15 % more brightness, 0.88 of 30 % more contrast, 0.06 cropped by 2 % a side,
and none by 5 % or mirrored; skies and other images of little detail have no stable hash. Of the 3.1 million pairs of
those photographs one was found: the same photograph twice.

ImageHash has the same hash of Pillow images, one at a time, and no search; cleanvision calls it, finds equal hashes
only, decodes all files again and needs pandas and Matplotlib. Here the pixels are decoded already.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.inspection.facts import thumbnail

BITS = 3  # of 64 that may differ
CORRELATION = 0.98
THRESHOLD = (
    f"at most {BITS} of 64 bits of a perceptual hash differ, and thumbnails correlate with {CORRELATION} or more"
)
_CHUNKS = 4  # of 16 bits: of 4 chunks one at least is equal where 3 bits differ
_MOST_CANDIDATES = 20_000_000  # pairs whose hashes are compared; beyond, the images are all alike in a way


@dataclass(frozen=True)
class NearPairs:
    """Pairs of near duplicates.

    Attributes:
        pairs: int64 (m, 2), each with the lower row first, ascending.
        is_complete: Whether all were looked at; not where so many images are alike that it would take too long.
    """

    pairs: np.ndarray
    is_complete: bool = True


def near_pairs(hashes: np.ndarray, numbers: np.ndarray, images: "ImageRows") -> NearPairs:
    """Find near duplicates that are no copies.

    Args:
        hashes: uint64 (n,)
        numbers: int64 (n,), equal where the pixels are; see `copies.numbered`. One image of each number is looked at.
        images: Gives the images of rows.
    """
    first = np.sort(np.unique(numbers, return_index=True)[1])
    candidates, is_complete = _candidates(hashes[first])
    rows = first[candidates]
    return NearPairs(rows[_correlated(rows, images)], is_complete)


class ImageRows:
    """The images of several arrays, one after the other."""

    def __init__(self, *parts: np.ndarray) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *(len(part) for part in parts)])

    def __getitem__(self, row: int) -> np.ndarray:
        part = int(np.searchsorted(self._starts, row, side="right")) - 1
        image: np.ndarray = self._parts[part][row - self._starts[part]]
        return image


def _candidates(hashes: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the pairs int64 (m, 2) of hashes that differ in few bits, and whether all were looked at."""
    found, looked = [np.zeros((0, 2), np.int64)], 0
    for chunk in range(_CHUNKS):
        keys = (hashes >> np.uint64(16 * chunk)) & np.uint64(0xFFFF)
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(keys[order]) > 0, True])
        for start, end in itertools.pairwise(starts.tolist()):
            if end - start < 2:
                continue
            looked += (end - start) * (end - start - 1) // 2
            if looked > _MOST_CANDIDATES:
                return _unique(found), False
            found.append(_close(hashes, order[start:end]))
    return _unique(found), True


def _close(hashes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the pairs among some rows whose hashes differ in few bits."""
    pairs = []
    for start in range(0, len(rows), 1000):
        differing = np.bitwise_count(hashes[rows[start : start + 1000], np.newaxis] ^ hashes[rows])
        one, other = np.nonzero(differing <= BITS)
        one += start
        pairs.append(np.stack([rows[one], rows[other]], axis=1)[one < other])
    return np.concatenate(pairs)


def _unique(found: list[np.ndarray]) -> np.ndarray:
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _correlated(pairs: np.ndarray, images: ImageRows) -> np.ndarray:
    """Return which pairs have thumbnails that correlate, bool (m,)."""
    kept = np.zeros(len(pairs), bool)
    thumbnails: dict[int, np.ndarray] = {}

    def standardized(row: int) -> np.ndarray:
        if row not in thumbnails:
            if len(thumbnails) > 20_000:
                thumbnails.clear()
            small = thumbnail(images[row]).reshape(-1)
            small -= small.mean()
            thumbnails[row] = small / max(float(np.linalg.norm(small)), 1e-6)
        return thumbnails[row]

    for place, (one, other) in enumerate(pairs.tolist()):
        kept[place] = float(standardized(one) @ standardized(other)) >= CORRELATION
    return kept
