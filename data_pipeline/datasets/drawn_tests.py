"""Which images test where a dataset names none: drawn by their content, so that they are the same in any order."""

from collections.abc import Sequence

import numpy as np

from keras_suite.data_pipeline.datasets.look_alikes import taken_for
from keras_suite.data_pipeline.datasets.options import ADD_IMAGES
from keras_suite.data_pipeline.inspection.copies import joined_groups, numbered
from keras_suite.data_pipeline.sampling import TooFewGroups, grouped_choice, random_bits, stratified_choice
from keras_suite.tasks.wording.quantities import counted

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
                f"{where}: class {name!r} has {counted(count, 'image')}{taken_for(name, names)}: at least 3 are "
                f"needed, one each to train on, to validate on and to test on; {remedy}"
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
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Choose test images as `choose_test_images` does, images of the same content as one.

    So none of them tests what another trains. The first of them counts, with its label. With `groups`, int64 (n,), all
    images of a group are on one side.

    Returns:
        bool (n,), whether an image tests.

    Raises:
        ValueError: If a class has fewer than three different images.
    """
    if groups is not None:
        return _groups_that_test(where, names, labels, digests, fraction, groups)
    content = np.array(digests)
    first = np.sort(np.unique(content, return_index=True)[1])
    remedy += "; copies of an image count once" * (len(first) < len(content))
    chosen = choose_test_images(where, names, labels[first], content[first].tolist(), fraction, remedy=remedy)
    return np.isin(content, content[first][chosen])


def _groups_that_test(
    where: str, names: Sequence[str], labels: np.ndarray, digests: Sequence[str], fraction: float, groups: np.ndarray
) -> np.ndarray:
    _, content = np.unique(np.array(digests), return_inverse=True)
    groups = joined_groups(groups, content.astype(np.int64))
    order = random_bits(0, _PURPOSE, np.array([int(digest[:16], 16) for digest in digests], np.uint64))
    total = min(max(round(len(labels) * fraction), len(names)), len(labels) - 2 * len(names))
    for name, label in zip(names, range(len(names)), strict=True):
        if (count := len(np.unique(groups[labels == label]))) < 3:
            raise ValueError(
                f"{where}: the images of class {name!r} are of {counted(count, 'group')} (copies of an image are one): "
                "at least 3 are needed, one each to train on, to validate on and to test on"
            )
    try:
        chosen = grouped_choice(labels, groups, order, total, least=1, leave=2)
    except TooFewGroups as error:
        raise ValueError(
            f"{where}: the groups of class {names[error.label]!r} cannot be divided between training and test: mark "
            "what tests with `part`"
        ) from None
    return np.isin(np.arange(len(labels)), chosen)


def with_same_pixels(digests: Sequence[str], pixels: np.ndarray) -> list[str]:
    """Return one digest for all files that have the same bytes or the same pixels, the least of theirs.

    Args:
        digests: What stands for the content of each file.
        pixels: The hash of each image's pixels, uint64 (n, 2).
    """
    _, by_bytes = np.unique(np.array(digests), return_inverse=True)
    groups = joined_groups(by_bytes.astype(np.int64), numbered(pixels)[0])
    least: dict[int, str] = {}
    for group, digest in zip(groups.tolist(), digests, strict=True):
        least[group] = min(digest, least.get(group, digest))
    return [least[group] for group in groups.tolist()]
