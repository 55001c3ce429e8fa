"""What a table says of each image: its file, its class, its angle or direction, and whether it trains or tests."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.dataset import content_fingerprint
from keras_suite.data_pipeline.datasets.csv_table import Table
from keras_suite.data_pipeline.images.image_sources import ListedFiles

ALL = "all images"  # the one class where no column tells classes apart

_MOST_DEGREES = 360
_PARTS = ("train", "test")


@dataclass(frozen=True)
class LabelledRows:
    """Row for row: `files` as the table names them, the SHA-256 of their bytes, `labels` int64 (n,) in `class_names`.

    `targets` are float32, (n, 1) radians or (n, 2) unit vectors, or None where the class is asked for. `tested` (n,)
    says which rows are to test on, or is None where the table does not. `fingerprint` is over the images' content and
    what is said of them, in the table's order, wherever the files lie.
    """

    files: tuple[str, ...]
    digests: tuple[str, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]
    targets: np.ndarray | None
    tested: np.ndarray | None
    fingerprint: str


def read_rows(
    table: Table,
    *,
    image: str,
    classed: str | None,
    angle: str | None,
    direction: Sequence[str] | None,
    part: str | None,
) -> LabelledRows:
    """Read these columns of the table, and every image's bytes. ValueError names the row that cannot be used."""
    files = _files(table, image)
    labels, names = _classes(table, classed)
    targets = None if angle is None else angles(table, angle)
    if direction is not None:
        targets = directions(table, *direction)
    tested = None if part is None else _tested(table, part)
    found = ListedFiles(table.path, files).digests()
    digests = tuple(found[file] for file in files)
    if tested is not None:
        _refuse_test_images_that_train(table, files, digests, tested)
    parts = np.full(len(files), -1) if tested is None else tested.astype(np.int64)
    said = "".join(f"{digests[at]}\0{names[labels[at]]}\0{parts[at]}\n" for at in range(len(files)))
    fingerprint = hashlib.sha256(said.encode())
    if targets is not None:
        fingerprint.update(content_fingerprint(targets).encode())
    return LabelledRows(files, digests, labels, names, targets, tested, fingerprint.hexdigest())


def angles(table: Table, column: str) -> np.ndarray:
    """Return a column of degrees as radians, float32 (n, 1)."""
    degrees = table.numbers(column)
    far = np.flatnonzero(np.abs(degrees) > _MOST_DEGREES).tolist()
    table.refuse(far, f"an angle beyond ±{_MOST_DEGREES} in column {column!r}: give degrees")
    return np.deg2rad(degrees).astype(np.float32)[:, np.newaxis]


def directions(table: Table, x: str, y: str) -> np.ndarray:
    """Return two columns as unit vectors, float32 (n, 2)."""
    ways = np.stack([table.numbers(x), table.numbers(y)], axis=1)
    largest = np.abs(ways).max(axis=1, keepdims=True)
    nowhere = np.flatnonzero(largest == 0).tolist()
    table.refuse(nowhere, f"columns {x!r} and {y!r} are both 0, which points nowhere: leave the row out")
    ways = ways / largest  # else the square of a very small or large number would be 0 or infinite
    return (ways / np.linalg.norm(ways, axis=1, keepdims=True)).astype(np.float32)


def _files(table: Table, column: str) -> tuple[str, ...]:
    files = table.texts(column)
    missing = [at for at, file in enumerate(files) if not os.path.isfile(table.path.parent / file)]
    if missing:
        first = files[missing[0]]
        hint = ", with forward slashes" if "\\" in first else ""
        table.refuse(missing, f"no file {first!r} in {table.path.parent}: give paths from the table's folder{hint}")
    rows: dict[str, int] = {}
    for at, file in enumerate(files):
        before = rows.setdefault(os.path.normpath(file), table.rows[at])
        if before != table.rows[at]:
            table.refuse([at], f"the image {file!r} stands in row {before} already: leave one of them out")
    return files


def _classes(table: Table, column: str | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return labels int64 (n,) and names: in the order of numbers where all are whole ones, else of the alphabet."""
    if column is None:
        return np.zeros(len(table.rows), np.int64), (ALL,)
    texts = table.texts(column)
    names = sorted(set(texts))
    if all(name.isdecimal() for name in names):
        names.sort(key=int)
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers[text] for text in texts], np.int64), tuple(names)


def _tested(table: Table, column: str) -> np.ndarray:
    parts = [text.lower() for text in table.texts(column)]
    other = [at for at, name in enumerate(parts) if name not in _PARTS]
    if other:
        table.refuse(
            other,
            f"{parts[other[0]]!r} in column {column!r}, expected 'train' or 'test': each run draws its own validation "
            "images",
        )
    for name in _PARTS:
        if name not in parts:
            raise ValueError(f"{table.path}: no row says {name!r} in column {column!r}: mark some, or leave out `part`")
    return np.array([name == "test" for name in parts])


def _refuse_test_images_that_train(
    table: Table, files: Sequence[str], digests: Sequence[str], tested: np.ndarray
) -> None:
    """Under whatever name: a network that has seen a test image is not tested."""
    trains = {digests[at]: at for at in np.flatnonzero(~tested)[::-1]}
    both = [at for at in np.flatnonzero(tested).tolist() if digests[at] in trains]
    if both:
        other = trains[digests[both[0]]]
        table.refuse(
            both,
            f"the test image {files[both[0]]!r} is the same as {files[other]!r} in row {table.rows[other]}, which "
            "trains: leave one of them out",
        )
