"""A user's CSV table, read and checked: each row's image, its class, angle or direction, and whether it tests."""

import contextlib
import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_suite.data_pipeline.dataset import content_fingerprint, read_otherwise
from keras_suite.data_pipeline.datasets.class_names import (
    in_counting_order,
    joined_note,
    one_spelling,
    stands_for_nothing,
)
from keras_suite.data_pipeline.datasets.csv_table import Table, read_csv
from keras_suite.data_pipeline.datasets.given.targets import LARGEST_ANGLE, radians, unit_vectors
from keras_suite.data_pipeline.datasets.tree_layout import TEST, TRAIN, VALIDATION, part_of
from keras_suite.data_pipeline.images.image_sources import ListedFiles
from keras_suite.data_pipeline.images.problem_files import RefusedFiles, skipped_among
from keras_suite.tasks.reading.text import shortened

ALL = "all images"  # the one class where no column holds classes

_MOST_DIGITS = 4_300  # of a number that Python reads


@dataclass(frozen=True)
class LabelledRows:
    """What the table says of each image. All tuples and arrays have one element for each row, in the table's order.

    Attributes:
        path: The table.
        row_numbers: As a spreadsheet counts them; row 1 holds the names of the columns.
        files: The images' file names as the table gives them.
        digests: The SHA-256 of each file.
        labels: int64 (n,), 0..len(class_names)-1.
        class_names: In numerical order where all are whole numbers, else in alphabetical order.
        targets: Angles in radians float32 (n, 1), or unit vectors float32 (n, 2); None where the class is the target.
        tests: bool (n,), whether a row is to test on; None where the table doesn't say.
        fingerprint: A hash of the images' content and of what is said of them, wherever the files lie.
        groups: int64 (n,), which rows belong together; None where the table doesn't say.
        notes: Plain sentences on what was read otherwise than it is written.
        skipped: The files whose rows were left out.
    """

    path: Path
    row_numbers: tuple[int, ...]
    files: tuple[str, ...]
    digests: tuple[str, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]
    targets: np.ndarray | None
    tests: np.ndarray | None
    fingerprint: str
    groups: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def read_rows(
    path: Path,
    *,
    image: str,
    classes: str | None,
    angle: str | None,
    direction: Sequence[str] | None,
    part: str | None,
    group: str | None = None,
    skipped: frozenset[str] = frozenset(),
) -> LabelledRows:
    """Read columns of a table, and the bytes of every image.

    The keyword arguments are the names of the columns, see `image_table`, and the images whose rows are left out.

    Raises:
        ValueError: If the file is no table, or if a row cannot be used; names the row.
    """
    table = read_csv(path)
    left_out = set(skipped_among(path, table.columns.get(image, ()), skipped))
    table = table.without([file in left_out for file in table.columns.get(image, ())])
    files = _files(table, image)
    notes: list[str] = []
    labels, names = _classes(table, classes, notes)
    targets = None if angle is None else _angles(table, angle)
    if direction is not None:
        targets = _directions(table, *direction)
    tests = None if part is None else _tests(table, part, notes)
    by_file = ListedFiles(path, files).digests()
    digests = tuple(by_file[file] for file in files)
    parts = np.full(len(files), -1) if tests is None else tests.astype(np.int64)
    lines = "".join(f"{digests[at]}\0{names[labels[at]]}\0{parts[at]}\n" for at in range(len(files)))
    fingerprint = hashlib.sha256(lines.encode())
    if targets is not None:
        fingerprint.update(content_fingerprint(targets).encode())
    marks = [] if list(names) == _in_former_order(names) else ["order"]
    groups = None if group is None else _groups(table, group)
    if groups is not None:
        fingerprint.update(content_fingerprint(groups).encode())
    return LabelledRows(
        path=path,
        row_numbers=table.rows,
        files=files,
        digests=digests,
        labels=labels,
        class_names=names,
        targets=targets,
        tests=tests,
        fingerprint=read_otherwise(fingerprint.hexdigest(), marks),
        groups=groups,
        notes=tuple(notes),
        skipped=tuple(sorted(left_out)),
    )


def _files(table: Table, column: str) -> tuple[str, ...]:
    files = table.texts(column)
    if not any(os.path.isfile(table.path.parent / file) for file in files):  # else named with all that are damaged
        hint = _missing_hint(table.path.parent, files[0])
        remedy = f"no file {shortened(files[0])} in {table.path.parent}: {hint}"
        try:
            table.refuse(range(len(files)), remedy)
        except ValueError as error:
            raise RefusedFiles(str(error), dict.fromkeys(files, "no such file")) from None
    rows: dict[str, int] = {}
    for at, file in enumerate(files):
        before = rows.setdefault(os.path.normpath(file), table.rows[at])
        if before != table.rows[at]:
            table.refuse([at], f"the image {file!r} stands in row {before} already: leave one of them out")
    return files


def _missing_hint(folder: Path, name: str) -> str:
    """Return how to name a file that is not there: with its suffix, in its case, from the table's folder."""
    if "://" in name:
        return "download the images first, and give their paths"
    path = folder / name
    with contextlib.suppress(OSError):
        for other in sorted(path.parent.iterdir()) if path.parent.is_dir() else []:
            if path.name.casefold() in (other.name.casefold(), other.stem.casefold()):
                return f"there is {shortened(other.name)}: give names as the files have them, with their suffix"
    return f"give paths from the table's folder{', with forward slashes' if chr(92) in name else ''}"


def _classes(table: Table, column: str | None, notes: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return labels int64 (n,) and the classes' names."""
    if column is None:
        return np.zeros(len(table.rows), np.int64), (ALL,)
    texts = table.texts(column)
    nothing = [at for at, text in enumerate(texts) if stands_for_nothing(text)]
    if nothing:
        table.refuse(
            nothing,
            f"{shortened(texts[nothing[0]])} in column {column!r}, which programs write where there is nothing: give "
            "a class, or leave the row out",
        )
    spelling = one_spelling(Counter(texts))
    notes += joined_note(texts, spelling, lambda at: f"in row {table.rows[at]}")
    names = in_counting_order(set(spelling.values()))
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers[spelling[text]] for text in texts], np.int64), tuple(names)


def _in_former_order(names: Sequence[str]) -> list[str]:
    """Return names as versions before `in_counting_order` sorted them."""
    if all(name.isdecimal() and len(name) <= _MOST_DIGITS for name in names):
        return sorted(sorted(names), key=int)
    return sorted(names)


def _groups(table: Table, column: str) -> np.ndarray:
    """Return a number for each different text of a column, int64 (n,)."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) for text in table.texts(column)], np.int64)


def _angles(table: Table, column: str) -> np.ndarray:
    """Return a column of degrees as radians, float32 (n, 1)."""
    degrees = table.numbers(column)
    far = np.flatnonzero(np.abs(degrees) > LARGEST_ANGLE).tolist()
    table.refuse(far, f"an angle beyond ±{LARGEST_ANGLE} in column {column!r}: give degrees")
    return radians(degrees)


def _directions(table: Table, x: str, y: str) -> np.ndarray:
    """Return two columns as unit vectors, float32 (n, 2)."""
    vectors = np.stack([table.numbers(x), table.numbers(y)], axis=1)
    zeros = np.flatnonzero(~vectors.any(axis=1)).tolist()
    table.refuse(zeros, f"columns {x!r} and {y!r} are both 0, which points nowhere: leave the row out")
    return unit_vectors(vectors)


def _tests(table: Table, column: str, notes: list[str]) -> np.ndarray:
    """Return which rows test, bool (n,): of the part called test, else of the one called validation."""
    texts = table.texts(column)
    parts = [part_of(text) for text in texts]
    other = [at for at, part in enumerate(parts) if part is None]
    if other:
        table.refuse(
            other, f"{shortened(texts[other[0]])} in column {column!r}, expected 'train', 'test' or 'validation'"
        )
    if TRAIN not in parts or len(set(parts)) < 2:
        missing = TRAIN if TRAIN not in parts else TEST
        raise ValueError(f"{table.path}: no row says {missing!r} in column {column!r}: mark some, or leave out `part`")
    if TEST not in parts:
        notes.append(f"the rows of {VALIDATION} in column {column!r} are the test set: none says test")
        return np.array([part == VALIDATION for part in parts])
    if VALIDATION in parts:
        notes.append(
            f"the rows of {VALIDATION} in column {column!r} join the training images: each run draws its own "
            "validation set"
        )
    return np.array([part == TEST for part in parts])
