"""Which images have the same pixels, and which may therefore not stand on two sides of a split."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, Hashed

LEFT_OUT = -1  # the group of images that neither train nor validate
_BLOCK = 512  # images a task: handing out tasks costs nothing


def contents(images: np.ndarray) -> np.ndarray:
    """Return a hash of each image's pixels, uint64 (n, 2): 128 bits of BLAKE2b."""

    def of_block(start: int) -> list[bytes]:
        # one at a time: the images may be on disk and larger than memory
        return [_digest(image) for image in images[start : start + _BLOCK]]

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashing lets go of Python's lock
        digests = [digest for block in pool.map(of_block, range(0, len(images), _BLOCK)) for digest in block]
    return np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)


def hashes_of(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the hashes of a dataset's images and of its test images, computed unless it has them."""
    return _of(dataset.images, dataset.contents), _of(dataset.test_images, dataset.test_contents)


def _of(images: np.ndarray, known: Hashed | None) -> np.ndarray:
    return known.hashes if known is not None and known.images is images else contents(images)


def content_of(image: np.ndarray) -> np.ndarray:
    """Return the hash of one image's pixels, uint64 (2,)."""
    return np.frombuffer(_digest(image), np.uint64)


def _digest(image: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest()


def numbered(*parts: np.ndarray) -> list[np.ndarray]:
    """Return for each part's images, by their hashes, numbers int64 (n,) that are equal where the pixels are.

    The numbers count the different images in the order of their first.
    """
    numbers: dict[bytes, int] = {}
    return [
        np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in part], np.int64).reshape(-1)
        for part in parts
    ]


def joined_groups(groups: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return groups of which any two are one where an image of each has the same number.

    Args:
        groups: int64 (n,)
        numbers: int64 (n,), as `numbered` gives them.

    Returns:
        int64 (n,), 0 to the number of groups - 1, in the order of their first images.
    """
    _, of_group = np.unique(groups, return_inverse=True)
    _, of_number = np.unique(numbers, return_inverse=True)
    above = list(range(int(of_group.max(initial=-1)) + int(of_number.max(initial=-1)) + 2))
    numbers_from = int(of_group.max(initial=-1)) + 1
    for group, number in zip(of_group.tolist(), of_number.tolist(), strict=True):
        _join(above, group, numbers_from + number)
    found: dict[int, int] = {}
    return np.array([found.setdefault(_top(above, group), len(found)) for group in of_group.tolist()], np.int64)


def linked(count: int, pairs: np.ndarray) -> np.ndarray:
    """Return for each of `count` images a number, int64 (count,), that all have that pairs int64 (m, 2) link."""
    above = list(range(count))
    for one, other in pairs.tolist():
        _join(above, one, other)
    return np.array([_top(above, row) for row in range(count)], np.int64)


def _join(above: list[int], one: int, other: int) -> None:
    """Make two one, in a forest in which `above` names what each hangs on, itself if on nothing."""
    above[_top(above, other)] = _top(above, one)


def _top(above: list[int], node: int) -> int:
    while above[node] != node:
        above[node] = above[above[node]]
        node = above[node]
    return node
