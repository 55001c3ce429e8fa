"""Put images and raw arrays of what is to be predicted of them together as a dataset."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset, Origin, content_fingerprint
from keras_suite.data_pipeline.datasets.drawn_tests import rows_that_test
from keras_suite.data_pipeline.datasets.given.labels import ClassLabels, classes_of, names_of
from keras_suite.data_pipeline.datasets.given.targets import targets_of
from keras_suite.data_pipeline.datasets.kept_classes import chosen_classes, keep_classes
from keras_suite.data_pipeline.datasets.keras_datasets import in_channels
from keras_suite.data_pipeline.datasets.labelled_rows import ALL
from keras_suite.data_pipeline.datasets.options import (
    ADD_IMAGES,
    Classes,
    Fraction,
    ImageOptions,
    LabelledImageOptions,
    with_options,
)
from keras_suite.data_pipeline.images.memory import check_fits
from keras_suite.tasks import task_named


class ArrayOptions(LabelledImageOptions, total=False):
    """What is predicted, and how images given as arrays are used.

    The task "image" predicts the image itself; "angle", "direction" and "mask" predict the array `targets`, see
    given/targets.py, and keep the proportions of the classes where there are `labels`. `channels` 3 repeats the grey
    levels of grey images. `test_fraction` is the share of each class that tests where there are no test images, chosen
    by the images' content, the same for every seed. `classes` and `label_noise` are for classes and images.
    """

    task: Annotated[Literal["classes", "image", "angle", "direction", "mask"], Field(default="classes")]
    channels: Annotated[Literal[1, 3] | None, Field(default=None)]
    test_fraction: Annotated[Fraction, Field(default=0.2)]


@dataclass(frozen=True)
class Given:
    """Images of the right form, and what came with them as it came.

    Attributes:
        name: The dataset's name.
        where: What the images lie in, for an error.
        images: uint8 (n, height, width, channels), 0..255.
        test_images: As `images`, or None where a part of those is to test.
        arrays: labels, targets, test_labels, test_targets, class_names and target_names: those that there are.
        digests: The hash of each image, then of each test image; see `digests_of`.
        notes: Plain sentences on what was converted.
    """

    name: str
    where: str
    images: np.ndarray
    test_images: np.ndarray | None
    arrays: Mapping[str, np.ndarray]
    digests: tuple[str, ...] = field(repr=False)
    notes: tuple[str, ...] = ()


def digests_of(images: np.ndarray) -> list[str]:
    """Return the SHA-256 of each image's pixels, in hexadecimal digits."""
    return [hashlib.sha256(np.ascontiguousarray(image).data).hexdigest() for image in images]


def assembled(given: Given, options: ArrayOptions) -> Dataset:
    """Return the dataset.

    Raises:
        ValueError: If arrays are missing, of different lengths or no labels or targets, or if an option can't be.
    """
    task = options.get("task", "classes")
    _check_lengths(given)
    source = _with_targets(given, task, options) if task not in ("classes", "image") else _with_labels(given)
    if given.test_images is None:
        kept = options.get("classes")
        source = _with_drawn_tests(source, given, kept, options.get("test_fraction", 0.2))
    taken = set(ImageOptions.__annotations__) - ({"classes"} if given.test_images is None else set())
    shared: Any = {key: value for key, value in options.items() if key in taken}
    if source.targets is not None:
        shared.pop("task", None)
    return with_options(in_channels(source, options.get("channels")), ImageOptions, **shared)


def _check_lengths(given: Given) -> None:
    """Raise ValueError unless there is one label and one target an image."""
    for prefix, images in (("", given.images), ("test_", given.test_images)):
        for name in (f"{prefix}labels", f"{prefix}targets"):
            array = given.arrays.get(name)
            if array is None or images is None:
                continue
            if array.ndim == 0 or len(array) != len(images):
                count = "no list" if array.ndim == 0 else f"{len(array):,}"
                raise ValueError(
                    f"{given.where}: there are {len(images):,} {prefix}images and {count} {name}: give one each"
                )


def _with_labels(given: Given) -> Dataset:
    if "labels" not in given.arrays:
        raise ValueError(f'{given.where} has no `labels`: give them, or say task="angle", "direction" or "mask"')
    return _source(given, _classes(given))


def _classes(given: Given) -> ClassLabels:
    arrays = given.arrays
    return classes_of(given.where, arrays["labels"], arrays.get("test_labels"), arrays.get("class_names"))


def _with_targets(given: Given, task: str, options: ArrayOptions) -> Dataset:
    """Return the dataset of a task that predicts the array `targets`."""
    where, arrays, shape = given.where, given.arrays, given.images.shape
    if "targets" not in arrays:
        raise ValueError(f"{where} has no `targets`, which task={task!r} predicts: give them, or another task")
    if options.get("classes") is not None or options.get("label_noise"):
        option = "classes" if options.get("classes") is not None else "label_noise"
        raise ValueError(f"{given.name}: {option} goes with labels, and the target is {task_named(task).target}")
    if task == "mask" and options.get("image_size") not in (None, shape[1:3], list(shape[1:3])):
        raise ValueError(f"{given.name}: image_size would stretch the images and not their masks: leave it out")
    targets = targets_of(where, task, arrays["targets"], shape[1:], "targets")
    tests = None
    if given.test_images is not None:
        tests = targets_of(where, task, arrays["test_targets"], shape[1:], "test_targets")
    count = len(given.test_images) if given.test_images is not None else 0
    if "labels" in arrays:
        classes = _classes(given)
    else:
        classes = ClassLabels(np.zeros(len(targets), np.int64), np.zeros(count, np.int64), (ALL,))
    source = replace(_source(given, classes), task=task, targets=targets, test_targets=tests)
    content = content_fingerprint(*(part for part in (targets, tests) if part is not None))
    source = replace(source, fingerprint=hashlib.sha256((source.fingerprint + content).encode()).hexdigest())
    return replace(source, target_names=_pixel_classes(given, source)) if task == "mask" else source


def _pixel_classes(given: Given, source: Dataset) -> tuple[str, ...]:
    """Return one name for each class of pixels."""
    parts = [part for part in (source.targets, source.test_targets) if part is not None]
    count = 1 + max(int(part.max()) for part in parts)
    if (array := given.arrays.get("target_names")) is None:
        return tuple(map(str, range(max(2, count))))
    names = names_of(given.where, array, "target_names")
    if len(names) < count:
        raise ValueError(
            f"{given.where}: targets hold {count - 1} and target_names {len(names)} names, the first of class 0: give "
            f"{count} or more"
        )
    return names


def _source(given: Given, classes: ClassLabels) -> Dataset:
    """Return a dataset of everything, without test images where none were given."""
    tests = np.zeros(0, np.int64) if given.test_images is None else classes.test_labels
    assert tests is not None  # the names were checked
    test_images = given.images[:0] if given.test_images is None else given.test_images
    names = [classes.names[label] for label in (*classes.labels.tolist(), *tests.tolist())]
    drawn = -1 if given.test_images is None else len(given.images)
    lines = [f"{given.images.shape[1:]} {drawn} {classes.names}"]
    lines += [f"{digest}\0{name}" for digest, name in zip(given.digests, names, strict=True)]
    return Dataset(
        name=given.name,
        images=given.images,
        labels=classes.labels,
        test_images=test_images,
        test_labels=tests,
        class_names=classes.names,
        fingerprint=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        notes=(*given.notes, *classes.notes),
        origin=Origin(is_own=True, read_as=classes.notes),
    )


def _with_drawn_tests(source: Dataset, given: Given, kept: Classes, fraction: float) -> Dataset:
    """Let a share of each class, or of each of the `kept` classes, test."""
    digests = given.digests
    if kept is not None:
        numbers = chosen_classes(given.name, source.class_names, kept)
        digests = tuple(digests[row] for row in np.flatnonzero(np.isin(source.labels, numbers)))
        source = keep_classes(source, kept)
    check_fits(
        source.images.nbytes if isinstance(source.images, np.memmap) else 0,
        f"{len(source.images):,} images to draw a test set from",
        "give test images, too",
    )
    remedy = ADD_IMAGES if source.targets is None else "add images"
    tests = rows_that_test(given.where, source.class_names, source.labels, digests, fraction, remedy=remedy)
    return replace(
        source,
        images=source.images[~tests],
        labels=source.labels[~tests],
        targets=None if source.targets is None else source.targets[~tests],
        test_images=source.images[tests],
        test_labels=source.labels[tests],
        test_targets=None if source.targets is None else source.targets[tests],
        origin=replace(source.origin, names=_called(np.flatnonzero(~tests)), test_names=_called(np.flatnonzero(tests))),
    )


def _called(rows: np.ndarray) -> tuple[str, ...]:
    return tuple(f"image {row}" for row in rows.tolist())
