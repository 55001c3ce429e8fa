"""Findings on classes: names that look alike or stand for nothing, classes that are small or missing in a part."""

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.class_names import perhaps_missing, spelled_out
from keras_suite.data_pipeline.datasets.look_alikes import look_alikes
from keras_suite.data_pipeline.inspection.findings import Finding
from keras_suite.tasks.wording.quantities import counted, listed

_SHARE = 0.1  # of the largest class, below which a class is small
_MOST_NAMES = 20_000


def class_counts(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    """Return how many images of each class train or validate, and test."""
    parts = {"train": dataset.labels, "test": dataset.test_labels}
    length = len(dataset.class_names)
    return {part: tuple(np.bincount(labels, minlength=length).tolist()) for part, labels in parts.items()}


def classes(dataset: Dataset, counts: dict[str, tuple[int, ...]]) -> list[Finding | None]:
    """Return what is to be said of the classes."""
    names = dataset.class_names
    if len(names) < 2:
        return []
    return [_alike(names), _nothing(names), _missing(names, counts["test"]), _imbalance(names, counts["train"])]


def _alike(names: tuple[str, ...]) -> Finding | None:
    pairs = look_alikes(names) if len(names) <= _MOST_NAMES else []
    if not pairs:
        return None
    return Finding(
        "look_alikes",
        f"{counted(len(pairs), 'pair')} of class names look alike: are they one class?",
        examples=tuple(f"{spelled_out(one)} and {spelled_out(other)} ({kind})" for one, other, kind in pairs),
    )


def _nothing(names: tuple[str, ...]) -> Finding | None:
    found = perhaps_missing(names)
    if not found:
        return None
    return Finding(
        "no_label",
        f"the class {listed(list(map(spelled_out, found)))} may stand for no label at all: leave it out with `classes` "
        "if it does",
    )


def _missing(names: tuple[str, ...], tests: tuple[int, ...]) -> Finding | None:
    missing = [name for name, count in zip(names, tests, strict=True) if not count]
    if not missing:
        return None
    return Finding(
        "missing_in_test",
        f"no test image of {len(missing):,} of the {len(names):,} classes",
        examples=tuple(missing),
    )


def _imbalance(names: tuple[str, ...], counts: tuple[int, ...]) -> Finding | None:
    most = max(counts)
    small = [(count, name) for name, count in zip(names, counts, strict=True) if count < _SHARE * most]
    if not small:
        return None
    largest = names[counts.index(most)]
    return Finding(
        "imbalance",
        f"{len(small):,} of the {len(names):,} classes with fewer than a tenth of the images of the largest, "
        f"{spelled_out(largest)} ({most:,}): accuracy says little of them, look at balanced accuracy; "
        "--set class_weight=balanced or --set sampling=balanced makes up for it in training, and tune --objective "
        "val_balanced_accuracy chooses by it",
        examples=tuple(f"{name} ({count:,})" for count, name in sorted(small)),
    )
