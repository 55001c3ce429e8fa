"""Copies of an image stand on one side of every split; those that test and train are decided on."""

from dataclasses import replace

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, Hashed, read_otherwise
from keras_suite.data_pipeline.images.problem_files import RefusedFiles
from keras_suite.data_pipeline.inspection.copies import LEFT_OUT, hashes_of, joined_groups, linked, numbered
from keras_suite.data_pipeline.inspection.kept_facts import measured_once
from keras_suite.data_pipeline.inspection.near_duplicates import THRESHOLD
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted

_SHOWN = 3


def by_content(source: Dataset, *, near: bool = False) -> Dataset:
    """Return the dataset with its images in groups that splits keep together: exact copies, joined with given groups.

    A dataset without copies and without groups stays as it is, and so do the identities of its runs.

    Args:
        source: All that may train, validate and test.
        near: Whether near duplicates are kept together as copies are.

    Raises:
        ValueError: If test images train, too, and the option `copies` is "refuse"; nothing is decided in silence.
    """
    hashes, test_hashes = hashes_of(source)  # those of files were hashed when they were decoded
    source = replace(
        source,
        contents=Hashed(source.images, hashes),
        test_contents=Hashed(source.test_images, test_hashes),
    )
    numbers, test_numbers = numbered(hashes, test_hashes)
    groups = source.groups
    if len(np.unique(numbers)) < len(numbers):
        groups = numbers if groups is None else joined_groups(groups, numbers)
        source = replace(source, fingerprint=read_otherwise(source.fingerprint, ["copies"]))
    tested = np.isin(numbers, test_numbers) if source.folds is None else np.zeros(len(numbers), bool)
    if tested.any():
        groups, note = _of_tested(source, groups, tested, numbers, test_numbers)
        source = replace(source, notes=(*source.notes, note))
    if near:
        groups, said = _of_near_duplicates(source, groups, np.concatenate([numbers, test_numbers]))
        source = replace(source, notes=(*source.notes, *said))
    return source if groups is None else replace(source, groups=groups)


def _of_near_duplicates(
    source: Dataset, groups: np.ndarray | None, numbers: np.ndarray
) -> tuple[np.ndarray | None, list[str]]:
    """Return the groups with near duplicates joined, and those of a test image left out."""
    train = len(source.images)
    _, found = measured_once(source, numbers, np.concatenate(hashes_of(source)), near=True)
    assert found is not None
    pairs = found.pairs[found.pairs[:, 0] < train]
    if not len(pairs):
        return groups, []
    groups = np.arange(train) if groups is None else groups
    left_out = groups == LEFT_OUT  # as copies of test images; what is nearly one of those goes, too
    alone = np.where(left_out, groups.max() + 1 + np.arange(train), groups)
    within = pairs[pairs[:, 1] < train]
    joined = joined_groups(alone, linked(train, within))
    tests = pairs[pairs[:, 1] >= train] if source.folds is None else pairs[:0]
    joined[np.isin(joined, joined[left_out]) | np.isin(joined, joined[tests[:, 0]])] = LEFT_OUT
    _check_left(source, joined)
    note = f"near duplicates are on one side of every split ({THRESHOLD})"
    if count := int((joined == LEFT_OUT).sum() - left_out.sum()):
        note += f"; {counted(count, 'training image')}, nearly the same as a test image, left out"
    return joined, [note]


def _of_tested(
    source: Dataset, groups: np.ndarray | None, tested: np.ndarray, numbers: np.ndarray, test_numbers: np.ndarray
) -> tuple[np.ndarray | None, str]:
    """Return the groups, and a note on the training images that test, too."""
    rows = np.flatnonzero(tested)
    shared = int(np.isin(test_numbers, numbers).sum())
    pairs = _pairs(source, rows, numbers, test_numbers)
    said = f"{shared:,} of the {len(test_numbers):,} test images train, too ({pairs})"
    if source.copies == "leave_out":
        left = np.arange(len(numbers)) if groups is None else groups.copy()
        left[rows] = LEFT_OUT
        _check_left(source, left)
        return left, f"{said}: those {len(rows):,} training images are left out, as copies='leave_out' says"
    if source.copies == "keep":
        return groups, f"{said}, which copies='keep' allows: the test says little of new images"
    if not source.origin.is_own:
        return groups, f"{said}: so it was published, and so it stays"
    message = (
        f"{source.name}: {said}: remove them on one side, or leave those training images out with "
        "--set dataset.copies=leave_out; --set dataset.copies=keep tests on them all the same, and the report says so"
    )
    if source.origin.names:
        raise RefusedFiles(message, {source.origin.name(row): "copy of a test image" for row in rows.tolist()})
    raise ValueError(message)


def _pairs(source: Dataset, rows: np.ndarray, numbers: np.ndarray, test_numbers: np.ndarray) -> str:
    first_test = {number: row for row, number in reversed(list(enumerate(test_numbers.tolist())))}
    pairs = [
        f"{one_line(source.origin.test_name(first_test[number]))} is {one_line(source.origin.name(row))}"
        for row, number in zip(rows[:_SHOWN].tolist(), numbers[rows[:_SHOWN]].tolist(), strict=True)
    ]
    return "; ".join(pairs) + (f"; and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else "")


def _check_left(source: Dataset, groups: np.ndarray) -> None:
    """Raise ValueError where too little is left of a class to train and validate on."""
    counts = np.bincount(source.labels[groups != LEFT_OUT], minlength=len(source.class_names))
    for name, count in zip(source.class_names, counts.tolist(), strict=True):
        if count < 2:
            raise ValueError(
                f"{source.name}: without the training images that test, too, class {name!r} has {count}: at least 2 "
                "are needed, one to train on and one to validate on"
            )
    left = int((groups != LEFT_OUT).sum())
    if source.limit is not None and source.limit > left:
        raise ValueError(f"{source.name}: limit={source.limit} is more than the {left} images that are left: give less")
