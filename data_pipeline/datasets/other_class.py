"""The option `other`: pictures of none of the classes, from a folder of their own, as one more class named "other".

A network of two classes must say one of them to any picture. A folder named `other` among the class folders does the
same; this option is for pictures that lie elsewhere, as they serve several data sets.
"""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, Hashed, Origin, read_otherwise
from keras_suite.data_pipeline.datasets.drawn_tests import rows_that_test, with_same_pixels
from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.decoding import DecodedFiles, decode_and_store, storage_key
from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.image_sources import Source, locate, open_source
from keras_suite.data_pipeline.images.leftovers import why_left_out
from keras_suite.data_pipeline.images.memory import check_fits
from keras_suite.data_pipeline.images.problem_files import RefusedFiles
from keras_suite.tasks.wording.quantities import counted

OTHER = "other"  # as `predict` calls what it refuses
_SIZES, _CONTENTS = "sizes", "contents"  # the arrays that are kept beside the images


def with_other(
    source: Dataset, other: str, data_dir: Path | None, *, path: Path, test_fraction: float, levels: Levels
) -> Dataset:
    """Return the dataset with the images of a folder, at any depth in it, as the class "other" after all others.

    A share of them tests, drawn by their content, also where the other classes have test images of their own.

    Args:
        source: The known classes.
        other: The folder, or an archive of one, looked for as the dataset's `path` is; "" adds nothing.
        data_dir: The data folder.
        path: Where the known classes lie.
        test_fraction: The share that tests.
        levels: How images of more than 8 bits are scaled.

    Raises:
        ValueError: If there is a class of that name already, the folder lies among the classes, or holds fewer than
            three different images or one that cannot be read.
        FileNotFoundError: If there is no such folder.
    """
    if not other:
        return source
    place = locate("other", other, data_dir, "a folder of pictures of none of the classes")
    _require_apart(source, place, path)
    found = open_source(place)
    digests = found.digests()
    files = tuple(name for name in sorted(digests) if not name.endswith("/") and why_left_out(name) is None)
    if not files:
        raise ValueError(f"other={other}: there is no image in that folder: give one with pictures of no class")
    check_fits(
        (len(source.images) + len(source.test_images) + len(files)) * int(np.prod(source.image_shape)),
        f"{counted(len(files), 'image')} of other={other} beside the others",
        "give a smaller image_size, or fewer of them",
    )
    images, sizes, contents = _decoded(found, files, source, levels)
    same = with_same_pixels([digests[file] for file in files], contents)
    tests = rows_that_test(str(place), (OTHER,), np.zeros(len(files), np.int64), same, test_fraction)
    return _joined(source, place, files, (images, sizes, contents), tests, found.fingerprint())


def _require_apart(source: Dataset, place: Path, path: Path) -> None:
    if OTHER in source.class_names:
        raise ValueError(
            f"{path} has a class named {OTHER!r} already: put the pictures there, or leave out other={place}"
        )
    known, inside = os.path.realpath(path if path.is_dir() else path.parent), os.path.realpath(place)
    if path.is_dir() and os.path.commonpath([known, inside]) in (known, inside):
        raise ValueError(
            f"other={place} and {path} lie one in the other, so that its pictures would be of two classes: move it "
            f"beside, or name it {OTHER!r} as a class folder and leave the option out"
        )


def _decoded(
    found: Source, files: tuple[str, ...], source: Dataset, levels: Levels
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return images uint8 (n, h, w, c) of the dataset's size, their own sizes, and the hashes of their pixels."""
    height, width, channels = source.image_shape
    fingerprint = found.fingerprint()
    key = storage_key(OTHER, fingerprint, [height, width], channels, levels)

    def entry(decoded: DecodedFiles) -> decoded_images.Entry:
        return decoded_images.Entry(arrays={_SIZES: decoded.sizes, _CONTENTS: decoded.contents})

    try:
        images, stored = decoded_images.load(key) or decode_and_store(
            key,
            found,
            files,
            (height, width),
            channels,
            entry=entry,
            unchanged=lambda: open_source(found.path).fingerprint() == fingerprint,
            levels=levels,
        )
    except RefusedFiles as error:
        raise ValueError(f"{OTHER}: {error}") from None  # no RefusedFiles: `skip` lists files of `path` alone
    return images, stored.arrays[_SIZES], stored.arrays[_CONTENTS]


def _joined(
    source: Dataset,
    place: Path,
    files: tuple[str, ...],
    decoded: tuple[np.ndarray, np.ndarray, np.ndarray],
    tests: np.ndarray,
    fingerprint: str,
) -> Dataset:
    images, sizes, contents = decoded
    label, train = len(source.class_names), np.flatnonzero(~tests)
    test = np.flatnonzero(tests)
    names = [f"{place.name}/{file}" for file in files]
    origin, hashed, test_hashed = source.origin, source.contents, source.test_contents
    assert hashed is not None and test_hashed is not None and origin.sizes is not None and origin.test_sizes is not None
    all_images = np.concatenate([source.images, images[train]])
    all_tests = np.concatenate([source.test_images, images[test]])
    note = f"the class {OTHER!r} is of {counted(len(files), 'image')} in {place.name}, of which {len(test):,} test"
    return replace(
        source,
        images=all_images,
        labels=np.concatenate([source.labels, np.full(len(train), label, np.int64)]),
        test_images=all_tests,
        test_labels=np.concatenate([source.test_labels, np.full(len(test), label, np.int64)]),
        class_names=(*source.class_names, OTHER),
        fingerprint=read_otherwise(source.fingerprint, [f"other {fingerprint}"]),
        notes=(*source.notes, note),
        groups=_groups(source, len(train)),
        contents=Hashed(all_images, np.concatenate([hashed.hashes, contents[train]])),
        test_contents=Hashed(all_tests, np.concatenate([test_hashed.hashes, contents[test]])),
        origin=Origin(
            names=(*origin.names, *(names[row] for row in train)),
            test_names=(*origin.test_names, *(names[row] for row in test)),
            sizes=np.concatenate([origin.sizes, sizes[train]]),
            test_sizes=np.concatenate([origin.test_sizes, sizes[test]]),
            layout=origin.layout,
            left_out=origin.left_out,
            read_as=(*origin.read_as, note),
            levels=origin.levels,
            is_own=origin.is_own,
        ),
    )


def _groups(source: Dataset, count: int) -> np.ndarray | None:
    """Return the groups of all images that train, each of the others one of its own."""
    if source.groups is None:
        return None
    first = int(source.groups.max()) + 1
    return np.concatenate([source.groups, np.arange(first, first + count)])
