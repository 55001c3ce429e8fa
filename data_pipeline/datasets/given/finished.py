"""A `Dataset` that somebody's own code returned: checked, as arrays to keep, and from such arrays a `Dataset` again."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, Origin, content_fingerprint
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.data_pipeline.datasets.keras_datasets import in_channels
from keras_suite.data_pipeline.datasets.options import ImageOptions, with_options
from keras_suite.tasks import task_named

_FACTS = "facts"  # the array that holds, as JSON, what are no arrays
_ARRAYS = ("labels", "test_labels", "targets", "test_targets")
_DEFAULTS = {"limit": None, "folds": None, "validation_fraction": 0.1, "copies": "refuse"}


def arrays_of_dataset(where: str, dataset: Dataset) -> dict[str, np.ndarray]:
    """Return all of a Dataset but its images and notes.

    Raises:
        ValueError: If it is no complete Dataset; begins with `where`.
    """
    task = task_named(dataset.task)
    _check_part(where, "", dataset.images, dataset.labels, dataset)
    _check_part(where, "test_", dataset.test_images, dataset.test_labels, dataset)
    for name, images in (("targets", dataset.images), ("test_targets", dataset.test_images)):
        targets = getattr(dataset, name)
        if (task.source == "targets") != (targets is not None):
            there = "no" if targets is None else "has"
            raise ValueError(
                f"{where} returned a Dataset of the task {task.name!r} ({there} {name}): give what it needs"
            )
        if targets is not None and len(targets) != len(images):
            raise ValueError(f"{where} returned a Dataset of {len(images):,} images and {len(targets):,} {name}")
    arrays = {name: array for name in _ARRAYS if (array := getattr(dataset, name)) is not None}
    facts = {name: getattr(dataset, name) for name in ("class_names", "target_names", "task", *_DEFAULTS)}
    names = np.array([dataset.task, *dataset.class_names, *dataset.target_names], str)
    content = content_fingerprint(dataset.images, dataset.test_images, *arrays.values(), names)
    facts |= {"fingerprint": content, "count": len(dataset.images)}
    return arrays | {_FACTS: np.array(json.dumps(facts, default=lambda number: number.item()))}


def is_dataset(arrays: Mapping[str, np.ndarray]) -> bool:
    """Return whether arrays that were kept are those of a Dataset."""
    return _FACTS in arrays


def dataset_of_arrays(
    name: str, images: np.ndarray, arrays: Mapping[str, np.ndarray], notes: tuple[str, ...], options: ArrayOptions
) -> Dataset:
    """Return the Dataset again, with options.

    Args:
        name: What it is called from now on.
        images: uint8 (n, height, width, channels), first those that train, then those that test.
        arrays: What `arrays_of_dataset` returned.
        notes: Its notes.
        options: What is at its default leaves what the Dataset says.

    Raises:
        ValueError: If the options can't be.
    """
    facts: dict[str, Any] = json.loads(str(arrays[_FACTS]))
    count, task = facts["count"], facts["task"]
    has_targets = "targets" in arrays
    source = Dataset(
        name=name,
        images=images[:count],
        labels=arrays["labels"],
        test_images=images[count:],
        test_labels=arrays["test_labels"],
        class_names=tuple(facts["class_names"]),
        fingerprint=facts["fingerprint"],
        notes=notes,
        task=task,
        target_names=tuple(facts["target_names"]),
        targets=arrays.get("targets"),
        test_targets=arrays.get("test_targets"),
        origin=Origin(is_own=True),
    )
    wanted = options.get("task", "classes")
    if wanted not in ("classes", task) and (has_targets or wanted != "image"):
        raise ValueError(
            f"{name} returned a Dataset of the task {task!r}: task={wanted!r} is not possible, leave it out"
        )
    if has_targets and options.get("image_size") is not None and task == "mask":
        raise ValueError(f"{name}: image_size would stretch the images and not their masks: leave it out")
    shared: Any = {key: value for key, value in options.items() if key in ImageOptions.__annotations__}
    shared |= {key: facts[key] for key, default in _DEFAULTS.items() if shared.get(key, default) == default}
    shared["task"] = wanted if wanted == "image" or task != "image" else "image"
    if has_targets:
        del shared["task"]
    return with_options(in_channels(source, options.get("channels")), ImageOptions, **shared)


def _check_part(where: str, part: str, images: np.ndarray, labels: np.ndarray, dataset: Dataset) -> None:
    classes = len(dataset.class_names)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != dataset.images.shape[1:]:
        raise ValueError(
            f"{where} returned a Dataset whose {part}images are {images.dtype} of shape {images.shape}: give uint8 (n, "
            "height, width, channels), all of one size"
        )
    if not len(images) or labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{where} returned a Dataset with {len(images):,} {part}images and {part}labels of type {labels.dtype} and "
            f"shape {labels.shape}: give a whole number for each image"
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"{where} returned a Dataset whose {part}labels go from {labels.min()} to {labels.max()}: give 0.."
            f"{classes - 1}, one number for each of its class_names"
        )
