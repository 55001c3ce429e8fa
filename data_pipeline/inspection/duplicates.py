"""Findings on images that are there more than once: copies, near duplicates, and the same image under two labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.inspection.findings import Finding
from keras_suite.data_pipeline.inspection.near_duplicates import THRESHOLD, NearPairs
from keras_suite.tasks.wording.quantities import counted


@dataclass(frozen=True)
class AllImages:
    """The images that train and those that test, in one row: first those, then these.

    Attributes:
        dataset: What they are of.
        numbers: int64 (n,), equal where the pixels are.
        train: How many train or validate.
    """

    dataset: Dataset
    numbers: np.ndarray
    train: int

    def name(self, row: int) -> str:
        """Return what an image is called."""
        origin = self.dataset.origin
        return origin.name(row) if row < self.train else origin.test_name(row - self.train)

    def label(self, row: int) -> str:
        """Return the name of an image's class."""
        dataset = self.dataset
        number = dataset.labels[row] if row < self.train else dataset.test_labels[row - self.train]
        return dataset.class_names[int(number)]

    def groups(self) -> list[list[int]]:
        """Return the rows of each image that is there more than once."""
        order = np.argsort(self.numbers, kind="stable")
        starts = np.flatnonzero(np.diff(self.numbers[order])) + 1
        return [rows.tolist() for rows in np.split(order, starts) if len(rows) > 1]


def copies(images: AllImages) -> list[Finding | None]:
    """Return what is to be said of exact copies."""
    groups = images.groups()
    across = [rows for rows in groups if rows[0] < images.train <= rows[-1]]
    within = [rows for rows in groups if sum(row < images.train for row in rows) > 1]
    tests = [rows for rows in groups if sum(row >= images.train for row in rows) > 1]
    return [_tested(images, across), _within(images, within), _twice(images, tests), _relabelled(images, groups)]


def _tested(images: AllImages, groups: Sequence[list[int]]) -> Finding | None:
    dataset = images.dataset
    if not groups or dataset.folds is not None:
        return None
    tested = sum(row >= images.train for rows in groups for row in rows)
    total = len(dataset.test_labels)
    pairs = [(next(row for row in rows if row >= images.train), rows[0]) for rows in groups]
    copies = "is an exact copy of a training image" if tested == 1 else "are exact copies of training images"
    what = f"{tested:,} of the {total:,} test images {copies}"
    left_out = dataset.copies == "leave_out"
    done = {
        "leave_out": "; what is the same is left out of training (copies=leave_out)",
        "keep": ", tested on all the same (copies=keep): the result is too good for new images",
    }.get(dataset.copies, ", as published")
    return Finding(
        "copies_tested",
        what + done,
        not left_out,
        tuple(f"{images.name(test)} is {images.name(train)}" for test, train in pairs),
        tuple((images.name(row), "copy of a test image") for rows in groups for row in rows if row < images.train),
    )


def _within(images: AllImages, groups: Sequence[list[int]]) -> Finding | None:
    if not groups:
        return None
    rows = [[row for row in group if row < images.train] for group in groups]
    extra = sum(len(group) - 1 for group in rows)
    return Finding(
        "copies",
        f"{extra:,} exact {'copy' if extra == 1 else 'copies'} of other training images: all copies of an image are on "
        "one side of every split",
        is_warning=extra > 0.1 * images.train,
        examples=tuple(f"{images.name(group[1])} is {images.name(group[0])}" for group in rows),
        doubtful=tuple((images.name(row), f"copy of {images.name(group[0])}") for group in rows for row in group[1:]),
    )


def _twice(images: AllImages, groups: Sequence[list[int]]) -> Finding | None:
    """Return which test images are there more than once: the intervals of accuracy take them for independent."""
    rows = [[row for row in group if row >= images.train] for group in groups]
    extra = sum(len(group) - 1 for group in rows)
    if not extra:
        return None
    total = len(images.dataset.test_labels)
    return Finding(
        "copies_in_test",
        f"{extra:,} of the {total:,} test images {'is a copy' if extra == 1 else 'are copies'} of other test images, "
        "each counted as an image of its own",
        is_warning=extra > 0.1 * total,
        examples=tuple(f"{images.name(group[1])} is {images.name(group[0])}" for group in rows),
        doubtful=tuple((images.name(row), f"copy of {images.name(group[0])}") for group in rows for row in group[1:]),
    )


def _relabelled(images: AllImages, groups: Sequence[list[int]]) -> Finding | None:
    if len(images.dataset.class_names) < 2 or images.dataset.targets is not None:
        return None
    groups = [rows for rows in groups if len({images.label(row) for row in rows}) > 1]
    if not groups:
        return None
    count = sum(map(len, groups))
    return Finding(
        "two_labels",
        f"{counted(len(groups), 'image')} under more than one label, in {count:,} places",
        examples=tuple(", ".join(f"{images.name(row)} ({images.label(row)})" for row in rows[:3]) for rows in groups),
        doubtful=tuple(
            (images.name(row), "the same image has another label elsewhere") for rows in groups for row in rows
        ),
    )


def near_duplicates(images: AllImages, found: NearPairs | None) -> list[Finding | None]:
    """Return what is to be said of images that are nearly the same."""
    if found is None:
        return []
    pairs = found.pairs.tolist()
    across = [(one, other) for one, other in pairs if one < images.train <= other]
    within = [(one, other) for one, other in pairs if (one < images.train) == (other < images.train)]
    findings = [
        _near(images, across, "near_duplicates_tested", "nearly the same image trains and tests"),
        _near(images, within, "near_duplicates", "nearly the same image is twice in one part"),
    ]
    if not found.is_complete:
        findings.append(
            Finding(
                "near_duplicates_unknown",
                "so many images are alike in their coarse outlines that not all could be compared for near duplicates",
                is_warning=False,
            )
        )
    return findings


def _near(images: AllImages, pairs: Sequence[tuple[int, int]], kind: str, what: str) -> Finding | None:
    if not pairs:
        return None
    differing = sum(images.label(one) != images.label(other) for one, other in pairs)
    labels = f", {differing:,} of them under two labels" if differing and images.dataset.targets is None else ""
    return Finding(
        kind,
        f"{what} in {counted(len(pairs), 'pair')}{labels} ({THRESHOLD})",
        examples=tuple(f"{images.name(other)} and {images.name(one)}" for one, other in pairs),
        doubtful=tuple((images.name(one), f"nearly the same as {images.name(other)}") for one, other in pairs),
    )
