"""What the datasets of other libraries share: the library, folders, splits, and what stands for their files."""

import importlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.data_pipeline.datasets.given.passes import Elements
from keras_suite.data_pipeline.datasets.given.returned import Returned
from keras_suite.data_pipeline.datasets.own_data import dataset_of
from keras_suite.data_pipeline.images.decoding import storage_key
from keras_suite.tasks.reading.files import reason
from keras_suite.tasks.wording.near_names import unknown

Result = TypeVar("Result")


def library(module: str, proof: str, dataset: str, title: str) -> Any:
    """Import an optional library.

    Args:
        module: What it is imported as.
        proof: An attribute that it has, and a folder of the user's own with its name has not.
        dataset: The dataset that needs it, which is the name of the extra, too.
        title: What it is called.

    Raises:
        ValueError: If it is not installed, or cannot be imported.
    """
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise ValueError(f"{dataset} cannot import {title} ({reason(error)}): install it anew") from error
        found = None
    except Exception as error:  # its own dependencies may not go together
        raise ValueError(f"{dataset} cannot import {title} ({reason(error)}): install it anew") from error
    if not hasattr(found, proof):
        raise ValueError(
            f"{dataset} needs {title}, which is not installed: pip install 'keras-experiment-suite[{dataset}]'"
        )
    return found


def folder_at(path: str, data_dir: Path | None) -> Path | None:
    """Return the folder at a path, from where the command runs, else in the data folder; None if there is none."""
    places = [Path(os.path.expanduser(path)), *([] if data_dir is None else [Path(data_dir) / path])]
    return next((place for place in places if place.is_dir()), None)


def asked(dataset: str, path: str, call: Callable[..., Result], *arguments: Any) -> Result:
    """Call a library, which may ask the network; ValueError in one line where it has no such dataset."""
    try:
        return call(*arguments)
    except Exception as error:  # of many kinds: of the network, of the hub, of the library
        raise ValueError(
            f"{dataset}: {path!r} cannot be loaded ({reason(error)}): check the name, or the network"
        ) from error


def chosen_splits(where: str, there: Collection[str], train: str, test: str | None) -> tuple[str, str | None]:
    """Return the names of the splits that train and that test.

    Args:
        where: What has the splits, for an error.
        there: The splits' names.
        train: The one to train and validate on.
        test: The one to test on; None for the one called test, if there is one.

    Raises:
        ValueError: If a split that is named is not there.
    """
    for name in (train, test):
        if name is not None and name not in there:
            raise ValueError(f"{where}: {unknown('split', name, there)}")
    if test is None and "test" in there:
        test = "test"
    if test == train:
        raise ValueError(f"{where}: the split {train!r} would train and test: give two, or leave `test` out")
    return train, test


def state_of(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return name, size and time of change of files: what is read of them is kept as long as these stay."""
    return sorted((file.name, (known := file.stat()).st_size, known.st_mtime_ns) for file in files)


def kept_dataset(
    name: str,
    where: str,
    parts: Mapping[str, Callable[[], Iterator[Any]]],
    key: tuple[object, ...],
    class_names: Collection[str] | None,
    options: ArrayOptions,
    notes: Sequence[str] = (),
) -> Dataset:
    """Return (image, label) elements as a dataset, read now or earlier.

    Args:
        name: The dataset's name.
        where: What it lies in, for an error.
        parts: Begins a pass over the elements of "train" and, where it was given, of "test".
        key: All that the elements follow from.
        class_names: In label order; None where the labels say it.
        options: See `ArrayOptions`.
        notes: What the passes convert, written down while they go on.

    Raises:
        ValueError: If the images have several sizes, and as `dataset_of`.
    """

    def returned() -> Returned:
        passes = {part: _pass_over(where, start) for part, start in parts.items()}
        arrays = {} if class_names is None else {"class_names": np.array(list(class_names), str)}
        return Returned(passes["train"], passes.get("test"), arrays, notes)

    return dataset_of(returned, name=name, key=storage_key(name, *key, list(class_names or ())), shared=options)


def _pass_over(where: str, start: Callable[[], Iterator[Any]]) -> Elements:
    def elements() -> Iterator[Any]:
        size: tuple[int, ...] | None = None
        for image, label in start():
            if size is not None and image.shape[:2] != size:
                sizes = " and ".join("x".join(map(str, each)) for each in (size, image.shape[:2]))
                raise ValueError(f"{where}: the images have several sizes, {sizes}: give image_size=[height, width]")
            size = image.shape[:2]
            yield image, label

    return Elements(where, elements, counted=True, again=elements)
