"""What a dataset is, and the options that all of them share: classes, image_size, limit, test_limit, folds."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.keyed_random import random_bits, uniform
from keras_suite.data_pipeline.stratify import class_shares, stratified_choice

Side = Annotated[int, Field(ge=1, le=4096)]
ImageSize = tuple[Side, Side] | None  # (height, width); None leaves the images as they are
Classes = tuple[int | str, ...] | None  # class names or label numbers to keep
Count = Annotated[int, Field(ge=1)] | None
Folds = Annotated[int, Field(ge=2)] | None
Fraction = Annotated[float, Field(gt=0, lt=1)]
Noise = Annotated[float, Field(ge=0, lt=1)]
OfImages = Literal["classes", "image"]  # what any labelled images can be asked for
LEAVE_OUT = "add images, or leave the class out with `classes`"

_TEST_LIMIT, _WRONG, _INSTEAD = 3, 4, 5  # what a draw is for; part of its key


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
    limit: int | None
    validation_fraction: float
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


def with_options(
    source: Dataset,
    *,
    image_size: ImageSize,
    classes: Classes,
    limit: int | None,
    test_limit: int | None,
    folds: int | None,
    label_noise: float,
    task: OfImages = "classes",
) -> Dataset:
    """The dataset as asked for: some classes, fewer test images, another size; `split` takes `limit`, `folds`.

    `label_noise` is the share of the labels to train and validate with that are made wrong (`with_wrong_labels`); test
    labels stay as they are. The `task` "image" asks for the image itself instead of its class.

    Raises ValueError for unknown classes, and for limits and folds that the images are too few for.
    """
    labels, test_labels, names = source.labels, source.test_labels, source.class_names
    rows, test_rows = np.arange(len(labels)), np.arange(len(test_labels))
    if classes is not None:
        kept = chosen_classes(source.name, names, classes)
        rows, test_rows = np.flatnonzero(np.isin(labels, kept)), np.flatnonzero(np.isin(test_labels, kept))
        labels, test_labels = (np.searchsorted(kept, of[at]) for of, at in ((labels, rows), (test_labels, test_rows)))
        names = tuple(names[label] for label in kept)
    check_counts(source.name, names, labels, test_labels, limit=limit, test_limit=test_limit)
    _check_noise(label_noise, folds, task)
    if folds is not None:
        _check_folds(source.name, names, labels, limit, folds)
    if test_limit is not None and test_limit < len(test_labels):
        order = random_bits(0, _TEST_LIMIT, np.arange(len(test_labels)))
        drawn = stratified_choice(test_labels, order, test_limit, least=1)
        test_rows, test_labels = test_rows[drawn], test_labels[drawn]
    noisy = with_wrong_labels(labels, label_noise, len(names))
    wrong = int(np.count_nonzero(noisy != labels))
    notes = (f"label_noise={label_noise:g}: {wrong:,} of {len(labels):,} labels are wrong on purpose",) if wrong else ()
    return replace(
        source,
        images=resized(_taken(source.images, rows), image_size),
        labels=noisy.astype(np.int64),
        test_images=resized(_taken(source.test_images, test_rows), image_size),
        test_labels=test_labels.astype(np.int64),
        class_names=names,
        limit=limit,
        notes=source.notes + notes,
        folds=folds,
        task=task if source.task == "classes" else source.task,
        targets=None if source.targets is None else _taken(source.targets, rows),
        test_targets=None if source.test_targets is None else _taken(source.test_targets, test_rows),
    )


def _taken(array: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """These rows; the array itself, which may lie on disk, where that is all of them."""
    return array if len(rows) == len(array) else array[rows]


def _check_noise(label_noise: float, folds: int | None, task: OfImages) -> None:
    if label_noise and folds is not None:
        raise ValueError(f"folds={folds} with label_noise={label_noise:g} would test on wrong labels: leave one out")
    if label_noise and task != "classes":
        raise ValueError(f"label_noise={label_noise:g} changes nothing where task={task!r}: leave one of them out")


def with_wrong_labels(labels: np.ndarray, share: float, classes: int) -> np.ndarray:
    """Labels int64 (n,), each replaced with probability `share` by one of the other classes, all equally likely.

    The draw is keyed by the image's place alone: the same in every run, and a larger share keeps the wrong labels of a
    smaller one.
    """
    index = np.arange(len(labels), dtype=np.int64)
    instead = (labels + 1 + (uniform(_INSTEAD, index) * (classes - 1)).astype(np.int64)) % classes
    return np.where(uniform(_WRONG, index) < share, instead, labels)


def chosen_classes(dataset: str, names: Sequence[str], classes: Sequence[int | str]) -> list[int]:
    """Ascending label numbers of the chosen classes, which are given by name or by number."""
    chosen = []
    for choice in classes:
        if isinstance(choice, str) and choice in names:
            chosen.append(names.index(choice))
        elif isinstance(choice, int) and not isinstance(choice, bool) and 0 <= choice < len(names):
            chosen.append(choice)
        else:
            known = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
            raise ValueError(f"{dataset} has no class {choice!r}: choose from 0..{len(names) - 1} or {known}")
    if len(set(chosen)) != len(chosen):
        raise ValueError(f"classes={list(classes)} names a class twice: name each once")
    if len(chosen) < 2:
        raise ValueError(f"classes={list(classes)} leaves {len(chosen)} to tell apart: choose at least 2")
    return sorted(chosen)


def check_counts(
    dataset: str,
    names: Sequence[str],
    labels: np.ndarray,
    test_labels: np.ndarray,
    *,
    limit: int | None,
    test_limit: int | None,
    mend: str = LEAVE_OUT,
) -> None:
    """Raises ValueError unless every class can train and validate, something can test, and the limits fit.

    `mend` says what to do about a class that is too small.
    """
    counts = np.bincount(labels, minlength=len(names))
    for name, count in zip(names, counts, strict=True):
        if count < 2:
            raise ValueError(
                f"{dataset}: class {name!r} has {count} training image(s): at least 2 are needed, one to train on and "
                f"one to validate on; {mend}"
            )
    if not len(test_labels):
        raise ValueError(f"{dataset}: there is no test image of the classes {', '.join(names)}: add some")
    if limit is not None and not 2 * len(names) <= limit <= len(labels):
        raise ValueError(
            f"{dataset}: limit={limit} must be from {2 * len(names)} (two a class) to {len(labels)} (all of them)"
        )
    tested = len(np.unique(test_labels))
    if test_limit is not None and not tested <= test_limit <= len(test_labels):
        raise ValueError(
            f"{dataset}: test_limit={test_limit} must be from {tested} (one a class) to {len(test_labels)} (all)"
        )


def _check_folds(dataset: str, names: Sequence[str], labels: np.ndarray, limit: int | None, folds: int) -> None:
    """Raises ValueError unless there are as many images as folds, and two of each class outside of every fold."""
    total = len(labels) if limit is None else limit
    if folds > total:
        raise ValueError(f"{dataset}: folds={folds} is more than the {total} images: give 2 to {total} (leave one out)")
    counts = class_shares(np.bincount(labels, minlength=len(names)), total, least=2)
    for name, count in zip(names, counts.tolist(), strict=True):
        if count - -(-count // folds) < 2:
            raise ValueError(
                f"{dataset}: of the {count} training images of class {name!r} a fold of {folds} leaves fewer than 2, "
                "one to train on and one to validate on: take more folds, or more images"
            )


def resized(images: np.ndarray, image_size: ImageSize) -> np.ndarray:
    """Images (n, h, w, c) uint8 stretched to `image_size`; the same array where they have it already."""
    if image_size is None or images.shape[1:3] == tuple(image_size):
        return images
    result = np.empty((len(images), *image_size, images.shape[3]), np.uint8)
    for row, image in enumerate(images):
        result[row] = resize(image, image_size)
    return result
