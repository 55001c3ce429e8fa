"""One pass over images that come in batches or one by one: arrays, a `tf.data.Dataset`, a `keras.utils.PyDataset`."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from keras_suite.tasks.wording.quantities import counted
from keras_suite.tasks.wording.shown import shown

MOST_IMAGES = 250_000  # of what does not say how many it has, and may never end
_BLOCK_IMAGES, _BLOCK_BYTES = 256, 32 * 2**20  # how much is handed on at a time
_COMPARED = 3  # elements of a second pass that are compared with those of the first

Block = tuple[np.ndarray, np.ndarray]  # images (b, height, width[, channels]), and what is to be predicted (b, ...)
Element = tuple[np.ndarray, np.ndarray]  # as a Block, or a single image with its label


class Pass(Protocol):
    """Images with what is to be predicted of them, to go over once."""

    def blocks(self) -> Iterator[Block]:
        """Yield all of them, in blocks."""

    def changes(self) -> bool:
        """Return whether another pass gives others, as far as its first elements show; asked after the pass."""


class WholeArrays:
    """Arrays, in one block."""

    def __init__(self, images: np.ndarray, answers: np.ndarray) -> None:
        self._block = images, answers

    def blocks(self) -> Iterator[Block]:
        yield self._block

    def changes(self) -> bool:
        return False


class Elements:
    """What is iterated: batches, or single images."""

    def __init__(
        self, where: str, start: Callable[[], Iterable[Any]], *, counted: bool, again: Callable[[], Iterable[Any]]
    ) -> None:
        """Begin.

        Args:
            where: What they come from, for an error.
            start: Begins the pass.
            counted: Whether it is known that it ends.
            again: Begins another one, of which the first elements are taken.
        """
        self._where, self._start, self._counted, self._again = where, start, counted, again
        self._first: list[Element] = []

    def blocks(self) -> Iterator[Block]:
        """Yield blocks of some hundred images; raises ValueError if an element is no image with a label."""
        waiting: list[Block] = []
        count = taken = total = 0
        for number, element in enumerate(self._start()):
            pair = _pair(self._where, element)
            if number < _COMPARED:
                self._first.append((pair[0].copy(), pair[1].copy()))  # a PyDataset may fill the same array again
            images, answers = _as_batch(self._where, number, pair)
            if waiting and (images.shape[1:], answers.shape[1:]) != (waiting[0][0].shape[1:], waiting[0][1].shape[1:]):
                yield _joined(waiting)
                waiting, count, taken = [], 0, 0
            waiting.append((images.copy(), answers.copy()))
            count, taken, total = count + len(images), taken + images.nbytes, total + len(images)
            if not self._counted and total > MOST_IMAGES:
                raise ValueError(
                    f"{self._where}: after {MOST_IMAGES:,} images it still goes on, and does not say how many there "
                    "are: end it with .take(n), or say so with .apply(tf.data.experimental.assert_cardinality(n))"
                )
            if count >= _BLOCK_IMAGES or taken >= _BLOCK_BYTES:
                yield _joined(waiting)
                waiting, count, taken = [], 0, 0
        if waiting:
            yield _joined(waiting)
        if not total:
            raise ValueError(f"{self._where}: it is empty: give images")

    def changes(self) -> bool:
        same = 0
        for first, element in zip(self._first, self._again(), strict=False):  # one after the other, see `blocks`
            pairs = zip(first, _pair(self._where, element), strict=True)
            same += all(one.shape == other.shape and one.tobytes() == other.tobytes() for one, other in pairs)
        return same < len(self._first)


def is_iterated(value: Any) -> bool:
    """Return whether a value is a `tf.data.Dataset` or a `keras.utils.PyDataset`."""
    return _is(value, "tensorflow", "data.Dataset") or _is(value, "keras", "utils.PyDataset")


def elements_of(where: str, value: Any) -> Elements:
    """Return the elements of a `tf.data.Dataset` or a `keras.utils.PyDataset`; ValueError if it never ends."""
    if _is(value, "tensorflow", "data.Dataset"):
        cardinality = int(value.cardinality())  # -1 if it is endless, -2 if it is unknown
        _check_specification(where, value.element_spec)
        if cardinality == -1:
            raise ValueError(
                f"{where}: a tf.data.Dataset that never ends: leave out .repeat(), or end it with .take(n)"
            )
        return Elements(where, value.as_numpy_iterator, counted=cardinality >= 0, again=value.as_numpy_iterator)
    count = value.num_batches
    if count is None:
        raise ValueError(
            f"{where}: a PyDataset that never ends, its num_batches is None: return how many batches it has"
        )

    def again() -> Iterator[Any]:
        value.on_epoch_end()
        return (value[number] for number in range(count))

    return Elements(where, lambda: (value[number] for number in range(count)), counted=True, again=again)


def _is(value: Any, module: str, name: str) -> bool:
    """Return whether a value is of a class of a library, which has been imported if it is."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return isinstance(found, type) and isinstance(value, found)


def _check_specification(where: str, specification: Any) -> None:
    """Raise ValueError where elements of a tf.data.Dataset are no plain tensors, which NumPy has no arrays for."""
    parts = specification.values() if isinstance(specification, dict) else specification
    for part in parts if isinstance(parts, (tuple, list)) or isinstance(specification, dict) else [specification]:
        kind = type(part).__name__
        if kind not in ("TensorSpec", "tuple", "dict", "list"):
            raise ValueError(
                f"{where}: elements hold a {kind.removesuffix('Spec')}: give plain tensors, (image, label)"
            )


def _pair(where: str, element: Any) -> Element:
    """Return an element as arrays."""
    if isinstance(element, dict) and {"image", "label"} <= set(element):
        element = (element["image"], element["label"])  # as TensorFlow Datasets have them
    if isinstance(element, (tuple, list)) and len(element) == 3:
        raise ValueError(f"{where}: elements have three parts: give (image, label), weights of samples are not used")
    fits = isinstance(element, (tuple, list)) and len(element) == 2
    if not fits or any(isinstance(part, (dict, tuple)) for part in element):
        raise ValueError(f"{where}: elements are {_described(element)}: give (image, label) or (images, labels)")
    try:
        return np.asarray(element[0]), np.asarray(element[1])
    except ValueError:  # lists of arrays
        raise ValueError(f"{where}: images or labels of an element have several shapes: give all in one size") from None


def _described(element: Any) -> str:
    if isinstance(element, dict):
        return f"dicts of {shown(sorted(map(str, element)))}"
    if isinstance(element, (tuple, list)):
        return f"{counted(len(element), 'part')}, {', '.join(type(part).__name__ for part in element[:4])}"
    return f"single ones of type {type(element).__name__}"


def _as_batch(where: str, number: int, element: Element) -> Block:
    """Return an element as a batch, which it may be already."""
    image, answer = element
    alike = answer.ndim > 0 and image.ndim > 0 and len(image) == len(answer)
    rows = image.ndim == 2 and answer.ndim == 1 and alike  # a batch of images whose pixels stand in a row
    if (image.ndim == 2 and not rows) or (image.ndim == 3 and (answer.ndim == 0 or image.shape[2] in (1, 3))):
        return image[np.newaxis], answer[np.newaxis]
    if not alike or image.ndim < 3:
        raise ValueError(
            f"{where}: element {number} has images of shape {image.shape} and labels of shape {answer.shape}: give "
            "images (height, width) or (height, width, channels), alone or in batches, with one label each"
        )
    return image, answer


def _joined(blocks: list[Block]) -> Block:
    return np.concatenate([images for images, _ in blocks]), np.concatenate([answers for _, answers in blocks])
