"""What a function of a user's own returns, as a dataset: called once, and kept.

    dataset = dataset_of(lambda: my_images(side=32), name="my_data.py:my_images", key=key, shared={"limit": 500})

`key` is a text that stands for all that the result follows from: a hash of the function's source and its options, say.
What was returned is kept under it in the cache folder as images of uint8, memory-mapped when large, so that a second
process does not call the function. `shared` holds the options of `ArrayOptions`. They are not part of what is kept:
another `limit` calls no function.

Whatever the function raises, also while what it returned is iterated, passes through unchanged; ValueError with one
line, which begins with `name`, says what of its result cannot be used.

It may return (images, labels), ((x_train, y_train), (x_test, y_test)), a dict of arrays with the names that the dataset
`arrays` understands, a `tf.data.Dataset` or `keras.utils.PyDataset` of (image, label), batched or not, a pair of those
to train and to test, a `Dataset`, or what was told apart already.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import filelock
import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions, Given, assembled, digests_of
from keras_suite.data_pipeline.datasets.given.finished import arrays_of_dataset, dataset_of_arrays, is_dataset
from keras_suite.data_pipeline.datasets.given.passes import Pass
from keras_suite.data_pipeline.datasets.given.pixels import GreyLevels
from keras_suite.data_pipeline.datasets.given.returned import ANSWERS, Returned, as_array, told_apart
from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.decoded_images import Entry
from keras_suite.data_pipeline.images.decoding import storage_key

_LAYOUT = 1  # raised whenever the same result would be kept in another way


def dataset_of(returned: Callable[[], Any], *, name: str, key: str, shared: ArrayOptions | None = None) -> Dataset:
    """Return what a user's function returns, or returned earlier, as a dataset.

    Args:
        returned: Calls the function; called only where nothing is kept.
        name: What the dataset is called, and what errors begin with, as "my_data.py:digits".
        key: Stands for all that the result follows from.
        shared: Options; see `ArrayOptions`.

    Raises:
        ValueError: If the result can't be used, or an option of it.
        OSError: If a large result can't be kept.
    """
    stored_under = storage_key("own data", _LAYOUT, key)
    with _one_at_a_time(stored_under):
        images, entry = decoded_images.load(stored_under) or _kept(stored_under, name, _called(returned))
    options = shared if shared is not None else ArrayOptions()
    if is_dataset(entry.arrays):
        return dataset_of_arrays(name, images, entry.arrays, entry.notes, options)
    return assembled(_given(name, images, entry, options), options)


@contextlib.contextmanager
def _one_at_a_time(key: str) -> Iterator[None]:
    """Let other processes wait for the first one, so that all train on what it was given."""
    folder = decoded_images.cache_folder() / "locks"
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, NotImplementedError):  # where none can be had each process calls it
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(filelock.FileLock(folder / f"{key}.lock"))
        yield


def _called(function: Callable[[], Any]) -> Any:
    """Call a user's function; TensorFlow, whose kernels are deterministic in a run, shuffles nothing without a seed."""
    if tensorflow := sys.modules.get("tensorflow"):
        tensorflow.random.set_seed(0)
    return function()


# -- keeping -----------------------------------------------------------------------------------------------------------


def _kept(key: str, name: str, returned: Any) -> tuple[np.ndarray, Entry]:
    """Go over what was returned, and store it."""
    if isinstance(returned, Dataset):
        arrays = arrays_of_dataset(name, returned)
        parts = [part for part in (returned.images, returned.test_images) if len(part)]
        return decoded_images.collect(key, parts, lambda: Entry(notes=returned.notes, arrays=arrays))
    seen = _Seen(name, returned if isinstance(returned, Returned) else told_apart(name, returned))
    return decoded_images.collect(key, seen.blocks(), seen.entry)


class _Seen:
    """Goes over what was returned once: its images, and what is known of them at the end."""

    def __init__(self, name: str, given: Returned) -> None:
        self._name, self._given = name, given
        self._levels = GreyLevels(name)
        self._digests: list[str] = []
        self._counts: list[int] = []
        self._answers: dict[str, np.ndarray] = {}
        self._changes: list[str] = []

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the images that train, then those that test."""
        yield from self._blocks("", self._given.train)
        if self._given.test is not None:
            yield from self._blocks("test_", self._given.test)

    def _blocks(self, prefix: str, part: Pass) -> Iterator[np.ndarray]:
        before, answers = len(self._digests), list[np.ndarray]()
        for images, answer in part.blocks():
            levels = self._levels.converted(images, f"{prefix}images")
            self._digests.extend(digests_of(levels))
            answers.append(answer)
            yield levels
        self._counts.append(len(self._digests) - before)
        self._answers[f"{prefix}{ANSWERS}"] = _joined(self._name, answers, f"{prefix}labels")
        if part.changes():
            images_of = f"the {prefix.replace('_', ' ')}images"
            self._changes.append(
                f"{images_of} change in order or content from pass to pass: what was seen first is kept"
            )

    def entry(self) -> Entry:
        """Return what is stored beside the images."""
        named = dict(self._given.arrays)
        arrays = named if "labels" in named or "targets" in named else {**named, **self._answers}
        arrays["digests"] = np.frombuffer(bytes.fromhex("".join(self._digests)), np.uint8).reshape(-1, 32)
        arrays["counts"] = np.array(self._counts, np.int64)
        return Entry(notes=(*self._levels.notes, *self._given.notes, *self._changes), arrays=arrays)


def _joined(name: str, answers: list[np.ndarray], called: str) -> np.ndarray:
    try:
        return as_array(name, np.concatenate(answers), called)
    except ValueError as error:
        if len({answer.shape[1:] for answer in answers}) > 1:
            raise ValueError(f"{name}: {called} have several shapes: give all alike") from None
        raise error


def _given(name: str, images: np.ndarray, entry: Entry, options: ArrayOptions) -> Given:
    """Return what is kept, as the options want it."""
    arrays = dict(entry.arrays)
    digests, counts = arrays.pop("digests"), arrays.pop("counts").tolist()
    answer = "labels" if options.get("task", "classes") in ("classes", "image") else "targets"
    return Given(
        name=name,
        where=name,
        images=images[: counts[0]],
        test_images=images[counts[0] :] if len(counts) > 1 else None,
        arrays={key.replace(ANSWERS, answer): array for key, array in arrays.items()},
        digests=tuple(digest.tobytes().hex() for digest in digests),
        notes=entry.notes,
    )
