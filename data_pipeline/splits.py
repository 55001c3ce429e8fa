"""Which images train, which validate, and with folds which test: stratified, a pure function of the run's seed."""

from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.file_images import take_rows
from keras_suite.data_pipeline.inspection.copies import LEFT_OUT
from keras_suite.data_pipeline.sampling import (
    TooFewGroups,
    grouped_choice,
    grouped_folds,
    random_bits,
    stratified_choice,
    stratified_folds,
)

_LIMIT, _VALIDATION, _FOLDS, _VALIDATION_FOLDS = 1, 2, 4, 8  # purposes of random numbers, part of their keys


@dataclass(frozen=True)
class Split:
    """Ascending int64 indices into `Dataset.images`; no image is in two of them.

    Attributes:
        train: The images to train on.
        validation: The images to validate on.
        test: The fold to test on in cross-validation; None where the dataset's own test set is used.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray | None = None


def split(dataset: Dataset, seed: int) -> Split:
    """Draw the training and validation images of the run with this seed.

    `dataset.limit` images are drawn first, then `dataset.validation_fraction` of them to validate on. Both draws keep
    the classes' proportions and leave every class at least one image on each side. With the same seed a larger limit
    keeps (but for the rounding of class counts) the images of a smaller one. Another seed gives another draw.

    With `dataset.folds` = K the images are the same for all seeds and fall into K folds: seed 1 is tested on the first,
    seed K on the last, seed K + 1 on the first fold of another partition.

    With `dataset.validation_folds` = K the images are the same for all seeds, too, and seed 1 validates on the first
    fold of them: over K seeds each image validates once.

    Images of one of `dataset.groups`, copies among them, are all on one side.

    Raises:
        ValueError: If the images of a class are of too few groups for that.
    """
    folded = dataset.folds is not None or dataset.validation_folds is not None
    candidates = _limited(dataset, 1 if folded else seed)
    if dataset.validation_folds is not None:
        train, validation = _held_out(dataset, candidates, seed, dataset.validation_folds, _VALIDATION_FOLDS)
        return Split(train, validation)
    test = None
    if dataset.folds is not None:
        candidates, test = _held_out(dataset, candidates, seed, dataset.folds, _FOLDS)
    return with_validation(dataset, candidates, seed, test)


def with_validation(dataset: Dataset, candidates: np.ndarray, seed: int, test: np.ndarray | None = None) -> Split:
    """Draw `dataset.validation_fraction` of some rows to validate on; the others train, and the rows `test` test."""
    count = validation_count(len(candidates), len(dataset.class_names), dataset.validation_fraction)
    order = random_bits(seed, _VALIDATION, candidates)
    validation = candidates[_choice(dataset, candidates, order, count)]
    return Split(np.setdiff1d(candidates, validation, assume_unique=True), validation, test)


def _limited(dataset: Dataset, seed: int) -> np.ndarray:
    """Return the indices of all images, or of the `limit` ones drawn by the seed."""
    everything = np.arange(len(dataset.labels), dtype=np.int64)
    if dataset.groups is not None:
        everything = everything[dataset.groups != LEFT_OUT]
    if dataset.limit is None or dataset.limit >= len(everything):
        return everything
    order = random_bits(seed, _LIMIT, everything)
    return everything[stratified_choice(dataset.labels[everything], order, dataset.limit, least=2)]


def _choice(dataset: Dataset, rows: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """Choose validation images among some rows."""
    labels = dataset.labels[rows]
    if dataset.groups is None:
        return stratified_choice(labels, order, count, least=1, leave=1)
    try:
        return grouped_choice(labels, dataset.groups[rows], order, count, least=1, leave=1)
    except TooFewGroups as error:
        raise ValueError(
            f"{dataset.name}: the images of class {dataset.class_names[error.label]!r} are of too few groups (copies "
            "of an image are one): at least 2 are needed, one to train on and one to validate on"
        ) from None


def _held_out(dataset: Dataset, rows: np.ndarray, seed: int, folds: int, purpose: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide some rows into those outside of the seed's fold and those in it."""
    partition, fold = divmod(seed - 1, folds)
    in_fold = _folds(dataset, rows, random_bits(partition, purpose, rows), folds) == fold
    return rows[~in_fold], rows[in_fold]


def _folds(dataset: Dataset, rows: np.ndarray, order: np.ndarray, folds: int) -> np.ndarray:
    """Divide some rows into folds."""
    if dataset.groups is None:
        return stratified_folds(dataset.labels[rows], order, folds)
    return grouped_folds(dataset.labels[rows], dataset.groups[rows], order, folds)


def images_to_test(dataset: Dataset, chosen: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return the images uint8 (n, height, width, channels) and labels int64 (n,) that this split is tested on."""
    if chosen.test is None:
        return dataset.test_images, dataset.test_labels
    return take_rows(dataset.images, chosen.test), dataset.labels[chosen.test]


def validation_count(count: int, classes: int, fraction: float) -> int:
    """Return how many of `count` images validate.

    That is the rounded fraction, but at least one image for each class, and one for each class is left to train on.
    """
    return min(max(round(count * fraction), classes), count - classes)
