"""The options that dataset builders share, declared once, and what they do to a dataset.

A builder takes them as `**shared: Unpack[SplitOptions]`, or one of the larger sets below, and passes them on to
`with_options`. The component registry checks them as it checks a builder's own options.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, TypedDict, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.sampling import class_shares, random_bits, stratified_choice, uniform

Side = Annotated[int, Field(ge=1, le=4096)]
ImageSize = tuple[Side, Side] | None  # (height, width); None leaves the images as they are
Classes = tuple[int | str, ...] | None  # class names or label numbers to keep
Count = Annotated[int, Field(ge=1)] | None
Folds = Annotated[int, Field(ge=2)] | None
Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
OfImages = Literal["classes", "image"]  # the tasks that any labelled images serve
LEAVE_OUT = "add images, or leave the class out with `classes`"

_TEST_LIMIT, _WRONG, _INSTEAD = 3, 4, 5  # what a draw is for; part of its key


class SplitOptions(TypedDict, total=False):
    """How many images train, validate and test; what the splits do with them is said in splits.py."""

    limit: Annotated[Count, Field(default=None)]
    test_limit: Annotated[Count, Field(default=None)]
    folds: Annotated[Folds, Field(default=None)]
    validation_fraction: Annotated[Fraction, Field(default=0.1)]


class LabelOptions(SplitOptions, total=False):
    """Which classes are kept, and the share of the labels to train and validate with that are made wrong."""

    classes: Annotated[Classes, Field(default=None)]
    label_noise: Annotated[Share, Field(default=0.0)]


class LabelledImageOptions(LabelOptions, total=False):
    """The size that images are stretched to."""

    image_size: Annotated[ImageSize, Field(default=None)]


class ImageOptions(LabelledImageOptions, total=False):
    """Whether the image's class is predicted, or the image itself."""

    task: Annotated[OfImages, Field(default="classes")]


def with_options(source: Dataset, **options: Unpack[ImageOptions]) -> Dataset:
    """Return a dataset with the options that its builder shares with others.

    Args:
        source: All images and labels that there are.
        **options: See the classes above; those left out are at their defaults. `limit`, `folds` and
            `validation_fraction` are kept for `splits.split`. Test labels get no noise.

    Raises:
        ValueError: For unknown classes, and for limits and folds that the images are too few for.
        TypeError: For an option that is not shared.
    """
    unknown = sorted(set(options) - set(ImageOptions.__annotations__))
    if unknown:
        raise TypeError(f"{source.name}: unknown options {', '.join(unknown)}")
    limit, test_limit, folds = options.get("limit"), options.get("test_limit"), options.get("folds")
    label_noise, task = options.get("label_noise", 0.0), options.get("task", "classes")
    classes, image_size = options.get("classes"), options.get("image_size")
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
        validation_fraction=options.get("validation_fraction", source.validation_fraction),
        notes=source.notes + notes,
        folds=folds,
        task=task if source.task == "classes" else source.task,
        targets=None if source.targets is None else _taken(source.targets, rows),
        test_targets=None if source.test_targets is None else _taken(source.test_targets, test_rows),
    )


def _taken(array: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return these rows; the array itself, which may lie on disk, where that is all of them."""
    return array if len(rows) == len(array) else array[rows]


def _check_noise(label_noise: float, folds: int | None, task: OfImages) -> None:
    if label_noise and folds is not None:
        raise ValueError(f"folds={folds} with label_noise={label_noise:g} would test on wrong labels: leave one out")
    if label_noise and task != "classes":
        raise ValueError(f"label_noise={label_noise:g} changes nothing where task={task!r}: leave one of them out")


def with_wrong_labels(labels: np.ndarray, share: float, classes: int) -> np.ndarray:
    """Return labels int64 (n,), each replaced with probability `share` by one of the other classes, all equally likely.


    The draw is keyed by the image's place alone: the same in every run, and a larger share keeps the wrong labels of a
    smaller one.
    """
    index = np.arange(len(labels), dtype=np.int64)
    instead = (labels + 1 + (uniform(_INSTEAD, index) * (classes - 1)).astype(np.int64)) % classes
    return np.where(uniform(_WRONG, index) < share, instead, labels)


def chosen_classes(dataset: str, names: Sequence[str], classes: Sequence[int | str]) -> list[int]:
    """Return ascending label numbers of the chosen classes, which are given by name or by number."""
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
    """Raise ValueError unless every class can train and validate, something can test, and the limits fit.

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
    """Raise ValueError unless there are as many images as folds, and two of each class outside of every fold."""
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
    """Return images (n, h, w, c) uint8 stretched to `image_size`; the same array where they have it already."""
    if image_size is None or images.shape[1:3] == tuple(image_size):
        return images
    result = np.empty((len(images), *image_size, images.shape[3]), np.uint8)
    for row, image in enumerate(images):
        result[row] = resize(image, image_size)
    return result
