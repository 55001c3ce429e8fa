"""A dataset of TensorFlow Datasets, by name or from its folder. Needs the extra `tfds`."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.data_pipeline.datasets.libraries import (
    asked,
    chosen_splits,
    folder_at,
    kept_dataset,
    library,
    state_of,
)
from keras_suite.data_pipeline.datasets.options import ImageSize
from keras_suite.data_pipeline.images.image_files import resize
from keras_suite.tasks.wording.near_names import unknown

_INFO = "dataset_info.json"  # lies in the folder of each version


def tfds(
    data_dir: Path | None,
    /,
    *,
    path: str = "",
    image: str = "image",
    label: str = "label",
    train: str = "train",
    test: str | None = None,
    **options: Unpack[ArrayOptions],
) -> Dataset:
    """Load a dataset of TensorFlow Datasets: `use("tfds", path="mnist")`.

    `path` is a name, as "mnist" or "mnist:3.0.1", or the folder of one that was prepared, where the command runs or in
    the data folder. What is not there is downloaded into the folder of TensorFlow Datasets. Images are stretched to
    `image_size`, which may be left out when all have one size.

    Args:
        path: The dataset's name or folder.
        image: The feature that holds the image.
        label: The feature that holds the label, or what another task predicts.
        train: The split that trains and validates.
        test: The split that tests; without it the one called test, and where there is none a share of each class.
        **options: As `ArrayOptions` says; the others are shared by all datasets.
    """
    if not path:
        raise ValueError("tfds needs `path`: the name of a dataset of TensorFlow Datasets, or its folder")
    package = library("tensorflow_datasets", "builder_from_directory", "tfds", "TensorFlow Datasets")
    builder = _builder(package, path, data_dir)
    where = f"tfds {path}"
    features = builder.info.features
    for feature in (image, label):
        if feature not in features:
            raise ValueError(f"{where}: {unknown('feature', feature, features)}")
    splits = dict(zip(("train", "test"), chosen_splits(where, list(builder.info.splits), train, test), strict=True))
    size = options.get("image_size")
    return kept_dataset(
        "tfds",
        where,
        {part: _elements(builder, split, image, label, size) for part, split in splits.items() if split is not None},
        (state_of(file for file in Path(builder.data_path).iterdir() if file.is_file()), image, label, splits, size),
        getattr(features[label], "names", None),
        options,
    )


def _builder(package: Any, path: str, data_dir: Path | None) -> Any:
    """Return the builder of a dataset that is prepared, now or earlier."""
    place = folder_at(path, data_dir)
    versions = [] if place is None else sorted(file.parent for file in place.rglob(_INFO))
    if len(versions) == 1:
        return asked("tfds", path, package.builder_from_directory, str(versions[0]))
    if place is not None and (versions or os.sep in path or path.startswith(".")):
        found = f"{len(versions)} versions" if versions else "no dataset that was prepared"
        raise ValueError(f"tfds: {place} holds {found}: give the folder of one, which holds {_INFO}")
    builder = asked("tfds", path, package.builder, path)
    asked("tfds", path, builder.download_and_prepare)
    return builder


def _elements(builder: Any, split: str, image: str, label: str, size: ImageSize) -> Callable[[], Iterator[Any]]:
    def start() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for element in builder.as_dataset(split=split, shuffle_files=False).as_numpy_iterator():
            pixels = element[image]
            if size is not None and pixels.dtype == np.uint8 and pixels.ndim == 3:
                pixels = resize(pixels, size)
            yield pixels, element[label]

    return start
