"""A dataset of Hugging Face's library `datasets`, by name or from its folder. Needs the extra `huggingface`."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
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
from keras_suite.data_pipeline.images.conversions import conversion_notes
from keras_suite.data_pipeline.images.deep_levels import Levels, Range, scale_of
from keras_suite.data_pipeline.images.file_contents import read_image_file
from keras_suite.data_pipeline.images.image_files import decode
from keras_suite.tasks.wording.near_names import unknown


def huggingface(
    data_dir: Path | None,
    /,
    *,
    path: str = "",
    config: str | None = None,
    image: str | None = None,
    label: str | None = None,
    train: str = "train",
    test: str | None = None,
    **options: Unpack[ArrayOptions],
) -> Dataset:
    """Load a dataset of Hugging Face: `use("huggingface", path="beans")`.

    `path` is a name on the hub, which is downloaded into the library's own cache, or a folder of `save_to_disk` where
    the command runs or in the data folder. Images are decoded as those of `image_folder` are, and stretched to
    `image_size`, which may be left out when all have one size.

    Args:
        path: The dataset's name or folder.
        config: The configuration of a dataset on the hub that has several.
        image: The column of images; without it the only one that holds images.
        label: The column of labels, or of what another task predicts; without it the only one of classes.
        train: The split that trains and validates.
        test: The split that tests; without it the one called test, and where there is none a share of each class.
        **options: As `ArrayOptions` says; the others are shared by all datasets.
    """
    if not path:
        raise ValueError("huggingface needs `path`: the name of a dataset on the hub, or a folder of save_to_disk")
    package = library("datasets", "load_from_disk", "huggingface", "Hugging Face's datasets")
    splits = _splits(package, path, config, data_dir)
    where = f"huggingface {path}"
    chosen = dict(zip(("train", "test"), chosen_splits(where, list(splits), train, test), strict=True))
    features = splits[train].features
    image = _column(where, features, image, "image", package.Image)
    label = _column(where, features, label, "label", package.ClassLabel)
    size = options.get("image_size")
    channels: int | None = options.get("channels")
    parts = {part: splits[split].select_columns([image, label]) for part, split in chosen.items() if split is not None}
    if isinstance(features[image], package.Image):
        parts = {name: part.cast_column(image, package.Image(decode=False)) for name, part in parts.items()}
        channels = channels or _channels(where, next(iter(parts["train"]), None), image)
    files = [Path(file["filename"]) for part in parts.values() for file in part.cache_files]
    rows = {name: part.num_rows for name, part in parts.items()}
    notes: list[str] = []
    scale = functools.cache(lambda: _scale(parts.values(), image))
    return kept_dataset(
        "huggingface",
        where,
        {
            name: _elements(where, name, part, image, label, size, channels, scale, notes)
            for name, part in parts.items()
        },
        (state_of(files), rows, image, label, chosen, size, channels),
        getattr(features[label], "names", None),
        options,
        notes,
    )


def _splits(package: Any, path: str, config: str | None, data_dir: Path | None) -> dict[str, Any]:
    """Return the parts of a dataset by their names."""
    place = folder_at(path, data_dir)
    if place is not None:
        loaded = asked("huggingface", path, package.load_from_disk, str(place))
    else:
        loaded = asked("huggingface", path, package.load_dataset, path, config)
    return dict(loaded) if isinstance(loaded, dict) else {"train": loaded}


def _column(where: str, features: Any, given: str | None, option: str, kind: type) -> str:
    """Return the column that was named, else the only one of its kind."""
    if given is not None:
        if given not in features:
            raise ValueError(f"{where}: {unknown('column', given, features)}")
        return given
    found = [name for name, feature in features.items() if isinstance(feature, kind)]
    if len(found) != 1:
        has = ", ".join(features)
        raise ValueError(f"{where}: {len(found)} columns hold {kind.__name__} (it has {has}): give {option}=COLUMN")
    return found[0]


def _channels(where: str, row: Any, image: str) -> int:
    """Return 1 where the first image is grey, else 3."""
    return 1 if row is not None and "grey" in decode(_content(row[image]), None, 3).conversions else 3


def _elements(
    where: str,
    name: str,
    part: Any,
    image: str,
    label: str,
    size: ImageSize,
    channels: int | None,
    scale: Callable[[], Levels],
    notes: list[str],
) -> Callable[[], Iterator[Any]]:
    def start() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        converted: dict[str, tuple[int, str]] = {}
        for number, row in enumerate(part):
            pixels = row[image]
            if isinstance(pixels, dict):
                try:
                    decoded = decode(_content(pixels), size, channels or 3, "image")
                    if decoded.deep is not None:
                        decoded = decode(_content(pixels), size, channels or 3, scale())
                except ValueError as error:
                    raise ValueError(f"{where}: {name} row {number} cannot be used ({error}): leave it out") from None
                pixels = decoded.pixels
                for kind in decoded.conversions:
                    count, first = converted.get(kind, (0, f"{name} row {number}"))
                    converted[kind] = count + 1, first
            yield np.asarray(pixels), np.asarray(row[label])
        notes.extend(conversion_notes(converted))

    return start


def _scale(parts: Iterable[Any], image: str) -> Levels:
    """Return what is black and what is white in all images of more than 8 bits."""
    found: Range | None = None
    for part in parts:
        for row in part:
            if isinstance(row[image], dict):
                with contextlib.suppress(ValueError):  # it is refused by name when its turn comes
                    deep = decode(_content(row[image]), (1, 1), 3, "image").deep
                    found = deep.joined(found) if deep is not None else found
    scale = scale_of(found, "dataset") if found is not None else None
    return scale if scale is not None else "image"


def _content(stored: dict[str, Any]) -> bytes:
    """Return the bytes of an image, which lie in the table or in a file that it names."""
    content = stored["bytes"]
    return content if content is not None else read_image_file(Path(stored["path"]))
