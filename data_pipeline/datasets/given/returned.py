"""What a function of a user's own returned, told apart: arrays, pairs of them, named ones, or what is iterated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_suite.data_pipeline.datasets.given.labels import plain_texts
from keras_suite.data_pipeline.datasets.given.names import arrays_named
from keras_suite.data_pipeline.datasets.given.passes import Pass, WholeArrays, elements_of, is_iterated
from keras_suite.tasks.wording.shown import shown

ANSWERS = "answers"  # labels or targets: the option `task` says which
EXPECTED = (
    "expected (images, labels), ((x_train, y_train), (x_test, y_test)), a dict of such arrays, a tf.data.Dataset or "
    "keras.utils.PyDataset of (image, label), or a pair of those"
)


@dataclass(frozen=True)
class Returned:
    """What was returned.

    Attributes:
        train: The images, with labels or targets.
        test: The images to test on; None where some of those are to test.
        arrays: What else is named, as `Given.arrays` has it.
        notes: What was left out, and what the passes convert, written down while they go on.
    """

    train: Pass
    test: Pass | None = None
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: Sequence[str] = ()


def told_apart(where: str, returned: Any) -> Returned:
    """Tell what was returned.

    Args:
        where: Whose function it was, for an error.
        returned: What it returned.

    Raises:
        ValueError: If it is nothing of the kind.
    """
    if is_iterated(returned):
        return Returned(elements_of(where, returned), arrays=_class_names(where, returned))
    if isinstance(returned, dict):
        return _of_dict(where, returned)
    if isinstance(returned, (tuple, list)) and len(returned) == 3 and all(_is_part(part) for part in returned):
        raise ValueError(
            f"{where} returned three parts: each run draws its own validation images, return (train, test)"
        )
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        kind = f"{len(returned)} parts" if isinstance(returned, (tuple, list)) else shown(returned)
        raise ValueError(f"{where} returned {kind}: {EXPECTED}")
    if all(_is_part(part) for part in returned):
        return Returned(_part(where, returned[0]), _part(where, returned[1]), arrays=_class_names(where, returned[0]))
    if any(_is_part(part) for part in returned):
        raise ValueError(f"{where} returned {_kinds(returned)}: {EXPECTED}")
    return Returned(_part(where, returned))


def _of_dict(where: str, returned: dict[Any, Any]) -> Returned:
    if {"train", "test"} <= set(returned) and all(_is_part(returned[name]) for name in ("train", "test")):
        other = ", ".join(sorted(map(str, set(returned) - {"train", "test"})))
        left = (f"left out what is called {other}: each run draws its own validation images",) if other else ()
        return Returned(_part(where, returned["train"]), _part(where, returned["test"]), notes=left)
    names, notes = arrays_named(f"what {where} returned", returned, 'return {"images": images, "labels": labels}')
    arrays = {name: as_array(where, returned[given], given) for name, given in names.items()}
    parts = {
        name: WholeArrays(images, np.zeros(len(images) if images.ndim else 0, np.uint8))
        for name in ("images", "test_images")
        if (images := arrays.pop(name, None)) is not None
    }
    return Returned(parts["images"], parts.get("test_images"), arrays, notes)


def _class_names(where: str, part: Any) -> dict[str, np.ndarray]:
    """Return the names that `keras.utils.image_dataset_from_directory` writes on what it returns."""
    names = getattr(part, "class_names", None)
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        return {}
    return {"class_names": as_array(where, names, "class_names")}


def _is_part(value: Any) -> bool:
    """Return whether a value is images with labels, and not one of the two alone."""
    if is_iterated(value):
        return True
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        return False
    return getattr(value[0], "ndim", 0) >= 2 or (isinstance(value, tuple) and not np.isscalar(value[0]))


def _part(where: str, part: Any) -> Pass:
    if is_iterated(part):
        return elements_of(where, part)
    return WholeArrays(as_array(where, part[0], "images"), as_array(where, part[1], "labels"))


def as_array(where: str, value: Any, called: str) -> np.ndarray:
    """Return what somebody else's code gave as an array of numbers or texts; ValueError if it is none."""
    try:
        array = np.asarray(value)
    except ValueError:  # lists of several lengths
        raise ValueError(f"{where}: {called} are no array, since their parts have several shapes: {EXPECTED}") from None
    if array.dtype.kind == "O" and array.size and isinstance(array.ravel()[0], np.ndarray):
        raise ValueError(f"{where}: {called} are arrays of several shapes: give all in one size")
    return plain_texts(where, array, called) if array.dtype.kind in "OST" else array


def _kinds(parts: Any) -> str:
    return "(" + ", ".join(type(part).__name__ for part in parts) + ")"
