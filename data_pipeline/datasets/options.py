"""The options that dataset builders share, declared once, and what they do to a dataset.

A builder takes a set of them as `**shared: Unpack[SplitOptions]`, or one of the larger sets below, and ends in
`return with_options(source, SplitOptions, **shared)`. The component registry checks them as it checks a builder's own
options.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, TypedDict, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.kept_classes import keep_classes, take_test
from keras_suite.data_pipeline.datasets.look_alikes import taken_for
from keras_suite.data_pipeline.datasets.one_side import by_content
from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.data_pipeline.images.image_sources import first_names, locate
from keras_suite.data_pipeline.images.memory import check_fits, most_side
from keras_suite.data_pipeline.images.problem_files import read_skipped
from keras_suite.data_pipeline.sampling import class_shares, random_bits, stratified_choice, uniform
from keras_suite.tasks import task_named
from keras_suite.tasks.wording.quantities import counted

Side = Annotated[int, Field(ge=1, le=4096)]
ImageSize = tuple[Side, Side] | None  # (height, width); None leaves the images as they are
Classes = tuple[int | str, ...] | None  # class names or label numbers to keep
Count = Annotated[int, Field(ge=1)] | None
Folds = Annotated[int, Field(ge=2)] | None
Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Copies = Literal["refuse", "leave_out", "keep"]
ImageTask = Literal["classes", "image"]  # the tasks that any labelled images serve
ADD_IMAGES = "add images, or leave the class out with `classes`"

# Purposes of random numbers, part of their keys.
_TEST_LIMIT, _WRONG, _INSTEAD = 3, 4, 5  # 4 is that of drawn_tests.py, too


class SplitOptions(TypedDict, total=False):
    """How many images train, validate and test; see `data_pipeline/splits.py`.

    With `validation_folds` = K each of K seeds validates on another K-th of the images, whatever `validation_fraction`.
    `copies` is what becomes of training images that have the pixels of a test image: they are refused, left out of
    training, or kept, which the report says. `near_duplicates_together` keeps nearly equal images on one side of every
    split, as copies always are, and leaves out training images that are nearly a test image.
    """

    limit: Annotated[Count, Field(default=None)]
    test_limit: Annotated[Count, Field(default=None)]
    folds: Annotated[Folds, Field(default=None)]
    validation_fraction: Annotated[Fraction, Field(default=0.1)]
    validation_folds: Annotated[Folds, Field(default=None)]
    copies: Annotated[Copies, Field(default="refuse")]
    near_duplicates_together: Annotated[bool, Field(default=False)]


class ClassOptions(SplitOptions, total=False):
    """Which classes are kept."""

    classes: Annotated[Classes, Field(default=None)]


class LabelOptions(ClassOptions, total=False):
    """The share of the training and validation labels that are replaced by wrong ones."""

    label_noise: Annotated[Share, Field(default=0.0)]


class SizeOptions(ClassOptions, total=False):
    """The size that images are stretched to."""

    image_size: Annotated[ImageSize, Field(default=None)]


class LabelledImageOptions(LabelOptions, SizeOptions, total=False):
    """All that labelled images can have done to them."""


class ImageOptions(LabelledImageOptions, total=False):
    """Whether an image's class is predicted, or the image itself."""

    task: Annotated[ImageTask, Field(default="classes")]


class ReadingOptions(TypedDict, total=False):
    """How image files are read: how more than 8 bits are scaled, see `deep_levels.py`, and a table of files to skip.

    `other` is a folder of pictures of none of the classes, see `other_class.py`. Without `cache` nothing decoded is
    stored: each image is decoded whenever it is read, see `images/file_images.py`.
    """

    levels: Annotated[Levels, Field(default="dataset")]
    skip: Annotated[str, Field(default="")]
    other: Annotated[str, Field(default="")]
    cache: Annotated[bool, Field(default=True)]


class FileOptions(ImageOptions, ReadingOptions, total=False):
    """All that images in files can have done to them."""


class LabelledFileOptions(LabelledImageOptions, ReadingOptions, total=False):
    """All that labelled images in files can have done to them."""


def skipped_files(skip: str, data_dir: Path | None) -> frozenset[str]:
    """Return the files that the table at `skip` lists; none without a table."""
    if not skip:
        return frozenset()
    return read_skipped(locate("skip", skip, data_dir, "a table of files to leave out"))


def refuse_uncached(dataset: str, cache: bool, other: str) -> None:
    """Raise ValueError where images that stay in their files would have to be joined with others in memory."""
    if other and not cache:
        raise ValueError(f"{dataset}: other={other} joins images in memory, and cache=false holds none: leave one out")


def with_options(source: Dataset, allowed: type, /, **options: Unpack[ImageOptions]) -> Dataset:
    """Apply shared options to a dataset.

    Args:
        source: All images and labels that there are.
        allowed: The set of options that the dataset's builder takes, such as `SplitOptions`.
        **options: Those that were given; the others are at their defaults. `limit`, `folds` and
            `validation_fraction` are stored for `splits.split`. Test labels get no noise.

    Raises:
        ValueError: If a class is unknown, or if there are too few images for a limit or for the folds.
        TypeError: If an option is not in the allowed set.
    """
    unknown = sorted(set(options) - set(allowed.__annotations__))
    if unknown:
        raise TypeError(f"{source.name}: unknown options {', '.join(unknown)}")
    limit, test_limit, folds = options.get("limit"), options.get("test_limit"), options.get("folds")
    label_noise, task = options.get("label_noise", 0.0), options.get("task", "classes")
    if (classes := options.get("classes")) is not None:
        source = keep_classes(source, classes)
    names, labels = source.class_names, source.labels
    check_counts(source.name, names, labels, source.test_labels, limit=limit, test_limit=test_limit)
    _check_noise(label_noise, folds, task)
    validation_folds = options.get("validation_folds")
    if folds is not None:
        _check_folds(source.name, names, labels, limit, folds)
    if validation_folds is not None:
        _check_validation_folds(source.name, len(labels) if limit is None else limit, folds, validation_folds)
    if test_limit is not None and test_limit < len(source.test_labels):
        order = random_bits(0, _TEST_LIMIT, np.arange(len(source.test_labels)))
        source = take_test(source, stratified_choice(source.test_labels, order, test_limit, least=1))
    noisy = with_wrong_labels(labels, label_noise, len(names))
    wrong = int(np.count_nonzero(noisy != labels))
    notes = (f"label_noise={label_noise:g}: {wrong:,} of {len(labels):,} labels are wrong on purpose",) if wrong else ()
    image_size = options.get("image_size")
    source = replace(
        source,
        images=resized(source.images, image_size),
        labels=noisy.astype(np.int64),
        test_images=resized(source.test_images, image_size),
        test_labels=source.test_labels.astype(np.int64),
        limit=limit,
        validation_fraction=options.get("validation_fraction", source.validation_fraction),
        notes=source.notes + notes,
        folds=folds,
        validation_folds=validation_folds,
        task=task if source.targets is None else source.task,
        copies=options.get("copies", "refuse"),
    )
    return by_content(source, near=options.get("near_duplicates_together", False))


def with_wrong_labels(labels: np.ndarray, share: float, classes: int) -> np.ndarray:
    """Replace a share of the labels by wrong ones, each other class being equally likely.

    Labels are int64 (n,), 0..classes-1. The random numbers are keyed by the image's position alone: the same labels are
    wrong in every run, and a larger share keeps the wrong labels of a smaller one.
    """
    index = np.arange(len(labels), dtype=np.int64)
    instead = (labels + 1 + (uniform(_INSTEAD, index) * (classes - 1)).astype(np.int64)) % classes
    return np.where(made_wrong(index, share), instead, labels)


def made_wrong(index: np.ndarray, share: float) -> np.ndarray:
    """Return whether `with_wrong_labels` makes the labels at some places int64 (n,) wrong, bool (n,)."""
    return uniform(_WRONG, index) < share


def check_counts(
    dataset: str,
    names: Sequence[str],
    labels: np.ndarray,
    test_labels: np.ndarray,
    *,
    limit: int | None,
    test_limit: int | None,
    remedy: str = ADD_IMAGES,
) -> None:
    """Raise ValueError unless every class can train and validate, something can test, and the limits fit.

    `remedy` is what the error suggests to do about a class that is too small.
    """
    counts = np.bincount(labels, minlength=len(names))
    for name, count in zip(names, counts, strict=True):
        if count < 2:
            raise ValueError(
                f"{dataset}: class {name!r} has {counted(count, 'training image')}{taken_for(name, names)}: at least 2 "
                f"are needed, one to train on and one to validate on; {remedy}"
            )
    if not len(test_labels):
        raise ValueError(f"{dataset}: there is no test image of the classes {first_names(names)}: add some")
    if limit is not None and not 2 * len(names) <= limit <= len(labels):
        raise ValueError(
            f"{dataset}: limit={limit} must be from {2 * len(names)} (two a class) to {len(labels)} (all of them)"
        )
    tested = len(np.unique(test_labels))
    if test_limit is not None and not tested <= test_limit <= len(test_labels):
        raise ValueError(
            f"{dataset}: test_limit={test_limit} must be from {tested} (one a class) to {len(test_labels)} (all)"
        )


def _check_noise(label_noise: float, folds: int | None, task: ImageTask) -> None:
    """Raise ValueError where wrong labels would be tested on or change nothing."""
    if label_noise and folds is not None:
        raise ValueError(f"folds={folds} with label_noise={label_noise:g} would test on wrong labels: leave one out")
    if label_noise and not task_named(task).predicts_classes:
        raise ValueError(f"label_noise={label_noise:g} changes nothing where task={task!r}: leave one of them out")


def _check_validation_folds(dataset: str, total: int, folds: int | None, validation_folds: int) -> None:
    """Raise ValueError where images would be divided twice, or into more folds than there are images."""
    if folds is not None:
        raise ValueError(
            f"{dataset}: folds={folds} tests and validation_folds={validation_folds} validates on folds: leave one out"
        )
    if validation_folds > total:
        raise ValueError(
            f"{dataset}: validation_folds={validation_folds} is more than the {total} images that train and validate: "
            f"give 2 to {total}"
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
    """Return images uint8 (n, h, w, c) stretched to `image_size`; the same array where they have it already."""
    if image_size is None or images.shape[1:3] == tuple(image_size):
        return images
    count, channels = len(images), images.shape[3]
    check_fits(
        count * image_size[0] * image_size[1] * channels,
        f"{count:,} images of image_size={list(image_size)}",
        f"give a side of {min(most_side(count, channels), image_size[0])} or less, or fewer classes",
    )
    result = np.empty((count, *image_size, channels), np.uint8)
    for row, image in enumerate(images):
        result[row] = resize(image, image_size)
    return result
