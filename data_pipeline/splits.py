"""Which images train, which validate: stratified, and a pure function of the run's seed."""

from dataclasses import dataclass

import numpy as np

from data_pipeline.dataset import Dataset
from data_pipeline.keyed_random import random_bits
from data_pipeline.stratify import stratified_choice

_LIMIT, _VALIDATION = 1, 2  # what a draw is for; part of its key


@dataclass(frozen=True)
class Split:
    """Ascending int64 indices into `Dataset.images`; no image is in both."""

    train: np.ndarray
    validation: np.ndarray


def split(dataset: Dataset, seed: int) -> Split:
    """Draws the training and validation images of the run with this seed; the test set is another array and fixed.

    `dataset.limit` images are drawn first, then `dataset.validation_fraction` of them to validate on. Both draws keep
    the classes' proportions and leave every class at least one image on each side. With the same seed a larger limit
    keeps (but for the rounding of class counts) the images of a smaller one. Another seed gives another draw.
    """
    candidates = np.arange(len(dataset.labels), dtype=np.int64)
    if dataset.limit is not None and dataset.limit < len(candidates):
        order = random_bits(seed, _LIMIT, candidates)
        candidates = stratified_choice(dataset.labels, order, dataset.limit, least=2)
    held_out = validation_count(len(candidates), len(dataset.class_names), dataset.validation_fraction)
    order = random_bits(seed, _VALIDATION, candidates)
    validation = candidates[stratified_choice(dataset.labels[candidates], order, held_out, least=1, leave=1)]
    return Split(train=np.setdiff1d(candidates, validation, assume_unique=True), validation=validation)


def validation_count(count: int, classes: int, fraction: float) -> int:
    """How many of `count` images validate: the rounded fraction, but one a class at least, and one a class left."""
    return min(max(round(count * fraction), classes), count - classes)
