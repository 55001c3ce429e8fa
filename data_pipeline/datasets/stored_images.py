"""The images of a class-per-folder tree, decoded once and kept, with what is known of them beside their pixels."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, Hashed, Origin, read_otherwise
from keras_suite.data_pipeline.datasets.drawn_tests import with_same_pixels
from keras_suite.data_pipeline.datasets.image_tree import ImageTree, left_out_notes, read_tree
from keras_suite.data_pipeline.datasets.options import Classes, ImageSize, check_counts
from keras_suite.data_pipeline.datasets.tree_layout import Layout
from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.decoding import DecodedFiles, decode_and_store, storage_key
from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.file_images import IN_FILES, folder_of, images_in_files
from keras_suite.data_pipeline.images.image_sources import Source, open_source
from keras_suite.data_pipeline.images.leftovers import why_left_out
from keras_suite.data_pipeline.images.problem_files import SKIPPED
from keras_suite.tasks.wording.quantities import counted

_FACTS, _SIZES, _CONTENTS = "facts", "sizes", "contents"  # the arrays that are kept beside the images


@dataclass(frozen=True)
class TreeOptions:
    """How a tree is read; see `image_folder` for what is not said here. All of it is part of what is stored.

    Attributes:
        skipped: Files that are left out.
        cache: Whether decoded images are stored; else they are decoded whenever they are read.
    """

    image_size: ImageSize
    channels: int
    classes: Classes = None
    test_fraction: float = 0.2
    layout: Layout = None
    levels: Levels = "dataset"
    skipped: frozenset[str] = frozenset()
    cache: bool = True


def stored_images(path: Path, options: TreeOptions, *, limits: tuple[int | None, int | None] = (None, None)) -> Dataset:
    """Return the tree at `path` as a dataset, decoded now or earlier.

    `limits`, the options `limit` and `test_limit`, are checked before anything is decoded.

    Raises:
        RefusedFiles: Once for all files that are no images.
        ValueError: If it is no such tree.
    """
    source = open_source(path, options.skipped)
    folder = None if options.cache else folder_of(source)
    skipped = source.skipped_names()
    fingerprint = source.fingerprint()
    key = storage_key(
        fingerprint,
        options.image_size,
        options.channels,
        options.classes,
        options.test_fraction,
        options.layout,
        options.levels,
        *([] if options.cache else [IN_FILES]),
    )
    stored = decoded_images.load(key)
    if stored is None:
        try:
            stored = _decode(path, source, fingerprint, key, options, source.digests(), limits)
        except _SamePixels as found:
            stored = _decode(path, source, fingerprint, key, options, found.contents, limits)
    images, entry = stored
    facts: Mapping[str, Any] = json.loads(entry.arrays[_FACTS].tobytes())
    train = sum(entry.train_counts)
    sizes, hashes = entry.arrays[_SIZES], entry.arrays[_CONTENTS]
    levels = options.levels if facts["scale"] is None else (facts["scale"][0], facts["scale"][1])
    if folder is not None:
        shape = images.shape[1:]
        digests = [source.digests()[name] for name in facts["files"]]
        images = images_in_files(folder, facts["files"], digests, shape, options.image_size is not None, levels)
    train_images, test_images = images[:train], images[train:]
    left_out = [(name, why) for name, why in facts["left_out"]]
    left_out += [(name, why_left_out(name) or "") for name in source.uncounted()]  # not kept: they come and go
    left_out += [(name, SKIPPED) for name in sorted(skipped)]
    return Dataset(
        name="image_folder",
        images=train_images,
        labels=_labels(entry.train_counts),
        test_images=test_images,
        test_labels=_labels(entry.test_counts),
        class_names=entry.class_names,
        fingerprint=read_otherwise(fingerprint, facts["marks"]),
        notes=(*left_out_notes(left_out), *entry.notes),
        contents=Hashed(train_images, hashes[:train]),
        test_contents=Hashed(test_images, hashes[train:]),
        origin=Origin(
            names=tuple(facts["files"][:train]),
            test_names=tuple(facts["files"][train:]),
            sizes=sizes[:train],
            test_sizes=sizes[train:],
            layout=facts["layout"],
            left_out=tuple(left_out),
            read_as=tuple(facts["read_as"]),
            levels=levels,
            is_own=True,
        ),
    )


class _SamePixels(Exception):
    """Files of other bytes have the same pixels, and stand on two sides of the test set that was drawn.

    Attributes:
        contents: What stands for the content of each file by its name, the same where the pixels are.
    """

    def __init__(self, contents: dict[str, str]) -> None:
        super().__init__()
        self.contents = contents


def _decode(
    path: Path,
    source: Source,
    fingerprint: str,
    key: str,
    options: TreeOptions,
    contents: dict[str, str],
    limits: tuple[int | None, int | None],
) -> tuple[np.ndarray, decoded_images.Entry]:
    tree = _read_tree(path, source, options, contents, limits)
    return decode_and_store(
        key,
        source,
        tree.files,
        options.image_size,
        options.channels,
        entry=functools.partial(_entry, tree, contents, frozenset(source.uncounted())),
        unchanged=lambda: open_source(path, options.skipped).fingerprint() == fingerprint,
        levels=options.levels,
        cache=options.cache,
    )


def _read_tree(
    path: Path, source: Source, options: TreeOptions, contents: dict[str, str], limits: tuple[int | None, int | None]
) -> ImageTree:
    """Sort the files into classes and parts; ValueError if there are too few, which says what was skipped."""
    try:
        tree = read_tree(
            str(path),
            contents,
            classes=options.classes,
            test_fraction=options.test_fraction,
            layout=options.layout,
        )
        labels, test_labels = _labels(tree.train_counts), _labels(tree.test_counts)
        check_counts(str(path), tree.class_names, labels, test_labels, limit=limits[0], test_limit=limits[1])
    except ValueError as error:
        if not (skipped := source.skipped_names()):
            raise
        raise ValueError(f"{error} (without the {counted(len(skipped), 'file')} that are skipped)") from None
    return tree


def _entry(
    tree: ImageTree, contents: dict[str, str], uncounted: frozenset[str], found: DecodedFiles
) -> decoded_images.Entry:
    """Return what is stored beside the decoded images; files that are `uncounted` are not told of."""
    if tree.is_drawn:
        _require_one_side(tree, contents, found.contents)
    facts = {
        "files": tree.files,
        "layout": tree.layout,
        "read_as": [*tree.read_as, *([found.scaled] if found.scaled else [])],
        "left_out": [(name, why) for name, why in tree.left_out if name not in uncounted],
        "marks": sorted({*tree.marks, *found.marks}),
        "scale": found.scale,
    }
    arrays = {
        _FACTS: np.frombuffer(json.dumps(facts).encode(), np.uint8),
        _SIZES: found.sizes,
        _CONTENTS: found.contents,
    }
    notes = (*tree.notes, *found.notes)
    return decoded_images.Entry(tree.class_names, tree.train_counts, tree.test_counts, notes, arrays)


def _require_one_side(tree: ImageTree, contents: dict[str, str], pixels: np.ndarray) -> None:
    """Raise _SamePixels if images of the same pixels, in files of other bytes, train and test."""
    joined = with_same_pixels([contents[file] for file in tree.files], pixels)
    train = sum(tree.train_counts)
    if set(joined[:train]) & set(joined[train:]):
        raise _SamePixels({**contents, **dict(zip(tree.files, joined, strict=True))})


def _labels(counts: Sequence[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)
