"""`Dataset`: images with what is to be predicted of them, a fixed test set apart."""

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Dataset:
    """Images with labels, a fixed test set apart. Images are uint8 (n, height, width, channels), 0..255.

    `images` are all that may train or validate: `splits.split` draws both with the run's seed, after `limit`. With
    `folds` the run is also tested on them, on the fold that its seed holds out, and the test set is not looked at.
    Labels are int64 (n,), 0..len(class_names)-1: what splits are stratified by, and for the task "classes" what is
    asked for. Of other tasks `targets` and `test_targets` (n, ...) hold that, with `target_names` for their numbers;
    see `data_pipeline/targets.py`. `fingerprint` is a hash of the source's content, whatever options were given and
    wherever it lies. `notes` are plain sentences on what was converted or left out on the way.
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
    """SHA-256 in hexadecimal over the arrays' types, shapes and bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
