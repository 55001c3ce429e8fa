"""`Dataset`: images with what is to be predicted of them, a fixed test set apart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

DRAWN = "test images drawn by content"  # the end of a layout without test images of its own


@dataclass(frozen=True)
class Origin:
    """Where a dataset's images come from: what an inspection can say of them beyond their pixels.

    Attributes:
        names: What each of `Dataset.images` is called, as its file; empty where images have no names.
        test_names: As `names`, of the test images.
        sizes: The (height, width) of each of `Dataset.images` before it was stretched, int64 (n, 2); None if unknown.
        test_sizes: As `sizes`.
        layout: Which layout was recognised, and by what.
        left_out: (name, of what it is) of each file that is no image.
        read_as: Plain sentences on what was read otherwise than it is called or written; the dataset's notes say more.
        levels: How images of more than 8 bits were, or would have been, brought to 8; see `images/deep_levels.py`.
        is_own: Whether the user can mend the data. Copies in public data sets, on which published numbers rest, are
            said and stay; those in a user's own must be decided on.
    """

    names: tuple[str, ...] = ()
    test_names: tuple[str, ...] = ()
    sizes: np.ndarray | None = None
    test_sizes: np.ndarray | None = None
    layout: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    read_as: tuple[str, ...] = ()
    levels: str | tuple[float, float] = "dataset"
    is_own: bool = False

    @property
    def tests_are_drawn(self) -> bool:
        """Whether the test images were drawn here, from images that nobody set apart."""
        return self.layout.endswith(DRAWN)

    def of_train(self, rows: np.ndarray) -> "Origin":
        """Return what is known of some of the images, int64 (m,), and of all test images."""
        names = tuple(self.names[row] for row in rows.tolist()) if self.names else ()
        return replace(self, names=names, sizes=None if self.sizes is None else self.sizes[rows])

    def of_test(self, rows: np.ndarray) -> "Origin":
        """Return what is known of some of the test images, int64 (m,), and of all others."""
        names = tuple(self.test_names[row] for row in rows.tolist()) if self.test_names else ()
        sizes = None if self.test_sizes is None else self.test_sizes[rows]
        return replace(self, test_names=names, test_sizes=sizes)

    def name(self, row: int) -> str:
        """Return what an image is called."""
        return self.names[row] if self.names else f"image {row}"

    def test_name(self, row: int) -> str:
        """Return what a test image is called."""
        return self.test_names[row] if self.test_names else f"test image {row}"


@dataclass(frozen=True)
class Hashed:
    """Hashes of the pixels of images, uint64 (n, 2), and the array that they are of; of no other array they hold."""

    images: np.ndarray
    hashes: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """Images with labels and targets, in a part to train and validate with and a fixed test set.

    Attributes:
        name: The dataset's name in a Config.
        images: uint8 (n, height, width, channels), 0..255: all that may train or validate. `splits.split` divides
            them with the run's seed. With `folds` a run is also tested on one fold of them, and the test set below is
            not looked at.
        labels: int64 (n,), 0..len(class_names)-1. Splits are stratified by them, and for the task "classes" they are
            the target.
        test_images: As `images`.
        test_labels: As `labels`.
        class_names: One name for each label.
        fingerprint: A hash of the source's content, the same whatever the options are and wherever the source lies.
        limit: How many of the images train and validate; None for all.
        validation_fraction: The share of those images that validates.
        notes: Plain sentences on what was converted or left out.
        folds: How many folds the images are divided into; None for no cross-validation.
        validation_folds: How many folds they are divided into to validate on one; None for `validation_fraction`.
        task: The name of the task; see `tasks/`.
        targets: What is to be predicted where that is neither the label nor the image, (n, ...); see
            `data_pipeline/targets.py`.
        test_targets: As `targets`.
        target_names: One name for each number in the targets.
        groups: int64 (n,): images of one group are never on two sides of a split, as copies and what a column `group`
            says; -1 for images that neither train nor validate. None where each image is a group.
        copies: Whether training images that test, too, are refused, left out or kept; see `datasets/options.py`.
        origin: Where the images come from.
        contents: The hashes of the images' pixels; see `inspection/copies.py`. None if not yet known.
        test_contents: As `contents`.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: tuple[str, ...]
    fingerprint: str
    limit: int | None = None
    validation_fraction: float = 0.1
    notes: tuple[str, ...] = ()
    folds: int | None = None
    validation_folds: int | None = None
    task: str = "classes"
    targets: np.ndarray | None = None
    test_targets: np.ndarray | None = None
    target_names: tuple[str, ...] = ()
    groups: np.ndarray | None = None
    copies: str = "refuse"
    origin: Origin = field(default_factory=Origin)
    contents: Hashed | None = None
    test_contents: Hashed | None = None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)"""
        height, width, channels = self.images.shape[1:]
        return int(height), int(width), int(channels)


def content_fingerprint(*arrays: np.ndarray) -> str:
    """Return the SHA-256, in hexadecimal, of the arrays' types, shapes and bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def read_otherwise(fingerprint: str, marks: Sequence[str]) -> str:
    """Return the fingerprint of data that are now read otherwise than by earlier versions, whose runs are others.

    Args:
        fingerprint: Of the source's content.
        marks: What is read otherwise, as "copies"; without any the fingerprint stays.
    """
    if not marks:
        return fingerprint
    return hashlib.sha256("\0".join([fingerprint, *sorted(marks)]).encode()).hexdigest()
