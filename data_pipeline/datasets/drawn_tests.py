"""Which images test where a dataset names none: drawn by their content, so that they are the same in any order."""

from collections.abc import Sequence

import numpy as np

from keras_suite.data_pipeline.datasets.options import ADD_IMAGES
from keras_suite.data_pipeline.sampling import random_bits, stratified_choice

_PURPOSE = 4  # of the random numbers, part of their keys


def choose_test_images(
    where: str,
    names: Sequence[str],
    labels: np.ndarray,
    digests: Sequence[str],
    fraction: float,
    *,
    remedy: str = ADD_IMAGES,
) -> np.ndarray:
    """Choose test images where a dataset names none: each class in proportion, by the images' content.

    At least one image of each class tests and two are left to train and validate on.

    Args:
        where: What the images are called in an error.
        names: The classes.
        labels: int64 (n,), 0..len(names)-1.
        digests: The SHA-256 of each image file.
        fraction: The share of the images to choose.
        remedy: What an error suggests to do about a class that is too small.

    Returns:
        Ascending indices, int64.

    Raises:
        ValueError: If a class has fewer than three images.
    """
    for name, count in zip(names, np.bincount(labels, minlength=len(names)), strict=True):
        if count < 3:
            raise ValueError(
                f"{where}: class {name!r} has {count} image(s): at least 3 are needed, one each to train on, to "
                f"validate on and to test on; {remedy}"
            )
    order = random_bits(0, _PURPOSE, np.array([int(digest[:16], 16) for digest in digests], np.uint64))
    total = min(max(round(len(labels) * fraction), len(names)), len(labels) - 2 * len(names))
    return stratified_choice(labels, order, total, least=1, leave=2)


def rows_that_test(
    where: str,
    names: Sequence[str],
    labels: np.ndarray,
    digests: Sequence[str],
    fraction: float,
    *,
    remedy: str = ADD_IMAGES,
) -> np.ndarray:
    """Choose test images as `choose_test_images` does, images of the same content as one.

    So none of them tests what another trains. The first of them counts, with its label.

    Returns:
        bool (n,), whether an image tests.

    Raises:
        ValueError: If a class has fewer than three different images.
    """
    content = np.array(digests)
    first = np.sort(np.unique(content, return_index=True)[1])
    remedy += "; copies of an image count once" * (len(first) < len(content))
    chosen = choose_test_images(where, names, labels[first], content[first].tolist(), fraction, remedy=remedy)
    return np.isin(content, content[first][chosen])
