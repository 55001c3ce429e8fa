"""Test images and labels as a script has them: arrays, or a tf.data.Dataset; read in batches, and told from others."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.tasks.wording.shown import shown

BATCH = 256
EXPECTED = "expected (images, labels), two arrays of equal length, or a tf.data.Dataset of batches of such pairs"
ALIKE = "give the same ones in the same order"


@dataclass(frozen=True)
class HeldOut:
    """Test images and their labels.

    Attributes:
        data: As the script gave them.
        labels: The classes' numbers int64 (n,).
        outputs: The number of classes that one-hot labels tell; None where labels are numbers.
        shape: Of an image.
        fingerprint: 64 hex digits that stand for images and labels, in their order.
    """

    data: Any
    labels: np.ndarray
    outputs: int | None
    shape: tuple[int, ...]
    fingerprint: str

    def batches(self) -> Iterator[tuple[Any, np.ndarray]]:
        """Yield the images, as a model takes them, and the labels int64 (b,)."""
        for images, labels in _pairs(self.data):
            yield images, class_numbers(labels)[0]

    def first(self, count: int) -> Any:
        """Return the first images of a batch, as a model takes them."""
        return next(_pairs(self.data))[0][:count]


def held_out(test: Any, test_id: str | None = None) -> HeldOut:
    """Read what a script tests on; of a tf.data.Dataset twice, for it must come in the same order again.

    Args:
        test: (images, labels), or a tf.data.Dataset of batches of such pairs. Labels are numbers or one-hot.
        test_id: What stands for the images in the fingerprint, where they are prepared in several ways.

    Raises:
        ValueError: With what is wrong, in one line.
    """
    first = _read(test, test_id)
    if _is_stream(test) and _read(test, test_id).fingerprint != first.fingerprint:
        raise ValueError(
            "test= comes in another order each time: leave out shuffle, or shuffle with reshuffle_each_iteration=False"
        )
    return first


def _read(test: Any, test_id: str | None) -> HeldOut:
    digest, numbers, outputs, shape = hashlib.sha256(), [], None, ()
    for images, labels in _pairs(test):
        pixels = np.asarray(images)
        if pixels.dtype.kind not in "biuf" or len(pixels) != len(labels):
            raise ValueError(f"test= holds images {_kind(pixels)} and labels {_kind(labels)}: {EXPECTED}")
        of_batch, outputs = class_numbers(labels)
        numbers.append(of_batch)
        if not shape:
            shape = pixels.shape[1:]
            digest.update((test_id or pixels.dtype.name).encode())
        if test_id is None:  # flattened images are the same images
            digest.update(np.ascontiguousarray(pixels).data)
    if not numbers or not sum(map(len, numbers)):
        raise ValueError(f"test= holds no image: {EXPECTED}")
    joined = np.concatenate(numbers)
    digest.update(joined.tobytes())
    return HeldOut(test, joined, outputs, tuple(map(int, shape)), digest.hexdigest())


def class_numbers(labels: Any) -> tuple[np.ndarray, int | None]:
    """Return labels as numbers int64 (n,), and the number of classes where they were one-hot.

    Raises:
        ValueError: If they name no class each.
    """
    given = np.asarray(labels)
    if given.dtype.kind not in "biuf":
        raise ValueError(f"test= holds labels {_kind(given)}: expected 0, 1, 2, … for each image, or one-hot")
    if given.ndim == 2 and given.shape[1] > 1:
        if not (np.isin(given, (0, 1)).all() and (given.sum(axis=1) == 1).all()):
            raise ValueError(
                "test= holds labels that are neither numbers of classes nor one-hot, as of several classes at once or "
                "of mixed images: only the class of each image can be recorded"
            )
        return given.argmax(axis=1).astype(np.int64), given.shape[1]
    flat = given.reshape(-1) if given.ndim == 2 else given
    if flat.ndim != 1 or not (np.isfinite(flat) & (flat == np.floor(flat)) & (flat >= 0)).all():
        raise ValueError(
            f"test= holds labels {_kind(given)} that are no numbers of classes: expected 0, 1, 2, … for each image, or "
            "one-hot"
        )
    return flat.astype(np.int64), None


def _pairs(test: Any) -> Iterator[tuple[Any, Any]]:
    """Yield batches of images and labels."""
    if _is_stream(test):
        yield from _pairs_of_stream(test)
        return
    if not isinstance(test, tuple | list) or len(test) != 2:
        raise ValueError(f"test={shown(test)} is a {type(test).__name__}: {EXPECTED}")
    images, labels = test
    if not all(hasattr(part, "shape") or isinstance(part, list | tuple) for part in test):
        raise ValueError(f"test= holds a {type(images).__name__} and a {type(labels).__name__}: {EXPECTED}")
    images, labels = _array(images), _array(labels)
    if not images.ndim or not labels.ndim or len(images) != len(labels):
        raise ValueError(f"test= holds images {_kind(images)} and labels {_kind(labels)}: {EXPECTED}")
    for start in range(0, len(images), BATCH):
        yield images[start : start + BATCH], labels[start : start + BATCH]


def _array(values: Any) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # lists of unequal lengths
        raise ValueError(f"test= holds a list that is no array: {EXPECTED}") from None


def _is_stream(test: Any) -> bool:
    return hasattr(test, "element_spec") and hasattr(test, "cardinality")


def _pairs_of_stream(test: Any) -> Iterator[tuple[Any, Any]]:
    spec = test.element_spec
    if not isinstance(spec, tuple) or len(spec) not in (2, 3) or not all(hasattr(part, "shape") for part in spec[:2]):
        raise ValueError(f"test= is a Dataset of {shown(spec)}: {EXPECTED}")
    if int(test.cardinality()) == -1:
        raise ValueError("test= is a Dataset that repeats for ever: leave out repeat()")
    if spec[1].shape.rank == 0:
        raise ValueError("test= is a Dataset of single images: batch it, as test.batch(256)")
    for images, labels, *_ in test:
        yield images, np.asarray(labels)


def _kind(array: Any) -> str:
    return f"of shape {tuple(np.shape(array))} and type {getattr(array, 'dtype', type(array).__name__)}"
