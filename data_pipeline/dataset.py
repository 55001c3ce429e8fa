"""`Dataset`: images with what is to be predicted of them, a fixed test set apart."""

import hashlib
from dataclasses import dataclass

import numpy as np


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
        task: The name of the task; see `tasks/`.
        targets: What is to be predicted where that is neither the label nor the image, (n, ...); see
            `data_pipeline/targets.py`.
        test_targets: As `targets`.
        target_names: One name for each number in the targets.
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
    task: str = "classes"
    targets: np.ndarray | None = None
    test_targets: np.ndarray | None = None
    target_names: tuple[str, ...] = ()

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
