"""A folder of photographs, one subfolder for each class, or a tar archive of one, as a dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.image_tree import read_tree
from keras_suite.data_pipeline.datasets.options import Classes, ImageOptions, ImageSize, check_counts, with_options
from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.decoding import decode_and_store, storage_key
from keras_suite.data_pipeline.images.image_sources import locate, open_source


def image_folder(
    data_dir: Path | None,
    /,
    *,
    path: str = "",
    channels: Literal[1, 3] = 3,
    test_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.2,
    **shared: Unpack[ImageOptions],
) -> Dataset:
    """Load the images of a class-per-folder tree or of a .tar, .tar.gz or .tgz of one, (*image_size, channels).

    Folders `train` and `test` are used where there are such. Images are stretched to `image_size`, which may be left
    out when all have one size. Decoded images are stored in the cache folder (environment CACHE_DIR, else
    ~/.cache/keras-experiment-suite).

    Args:
        path: The tree, looked for where the command runs, then in the data folder.
        channels: 1 for grey images, 3 for colour.
        test_fraction: The share of each class that tests, the same images for every seed, where the tree has no
            folder `test`.
    """
    place = locate("image_folder", path, data_dir, "a folder with one subfolder of images a class, or a .tar.gz of one")
    source = stored_images(
        place,
        image_size=shared.get("image_size"),
        channels=channels,
        classes=shared.pop("classes", None),  # applied here, before anything is decoded
        test_fraction=test_fraction,
        limits=(shared.get("limit"), shared.get("test_limit")),
    )
    return with_options(source, ImageOptions, **shared)


def stored_images(
    path: Path,
    *,
    image_size: ImageSize,
    channels: int,
    classes: Classes = None,
    test_fraction: float = 0.2,
    limits: tuple[int | None, int | None] = (None, None),
) -> Dataset:
    """Return the tree at `path` as a dataset, decoded now or earlier.

    `limits`, the options `limit` and `test_limit`, are checked before anything is decoded; the other arguments are as
    in `image_folder`.
    """
    source = open_source(path)
    fingerprint = source.fingerprint()
    key = storage_key(fingerprint, image_size, channels, classes, test_fraction)
    stored = decoded_images.load(key)
    if stored is None:
        tree = read_tree(str(path), source.digests(), classes=classes, test_fraction=test_fraction)
        labels, test_labels = _labels(tree.train_counts), _labels(tree.test_counts)
        check_counts(str(path), tree.class_names, labels, test_labels, limit=limits[0], test_limit=limits[1])
        stored = decode_and_store(
            key,
            source,
            tree.files,
            image_size,
            channels,
            entry=lambda notes: decoded_images.Entry(
                tree.class_names, tree.train_counts, tree.test_counts, (*tree.notes, *notes)
            ),
            unchanged=lambda: open_source(path).fingerprint() == fingerprint,
        )
    images, entry = stored
    train = sum(entry.train_counts)
    return Dataset(
        name="image_folder",
        images=images[:train],
        labels=_labels(entry.train_counts),
        test_images=images[train:],
        test_labels=_labels(entry.test_counts),
        class_names=entry.class_names,
        fingerprint=fingerprint,
        notes=entry.notes,
    )


def _labels(counts: Sequence[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)
