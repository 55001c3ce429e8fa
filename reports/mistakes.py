"""Where a variant goes wrong: its confusion matrix, and the test images it is most confidently wrong about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reports.run_directory import examples
from reports.run_numbers import RunNumbers


@dataclass(frozen=True)
class WrongImage:
    """A test image (uint8 (h, w, c)) that `wrong` of `runs` runs got wrong; `confidence` is the highest among those.

    `predicted` is what the most confident of them took it for.
    """

    index: int
    pixels: np.ndarray
    label: int
    predicted: int
    confidence: float
    wrong: int
    runs: int


def confusion(runs: Sequence[RunNumbers], classes: int) -> np.ndarray:
    """Counts int64 (classes, classes), true class in rows and predicted in columns, summed over the runs."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    for run in runs:
        if run.labels is not None and run.predicted is not None:
            pairs = run.labels * classes + run.predicted
            counts += np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    return counts


def most_confidently_wrong(rows: Sequence[RunNumbers], count: int) -> list[WrongImage]:
    """The images of `examples.npz` that were wrong with most confidence, summed over the runs of one variant.

    An image that several seeds are confidently wrong about stands before one that a single seed is.
    """
    scored = [row for row in rows if row.labels is not None]
    found = []
    for place, image in stored_pixels(rows).items():
        wrong = [
            (float(row.confidence[place]), int(row.predicted[place]), int(row.labels[place]))
            for row in scored
            if row.labels is not None and row.predicted is not None and row.confidence is not None
            if place < len(row.labels) and row.predicted[place] != row.labels[place]
        ]
        if wrong:
            confidence, predicted, label = max(wrong)
            total = sum(each[0] for each in wrong)
            found.append((total, WrongImage(place, image, label, predicted, confidence, len(wrong), len(scored))))
    found.sort(key=lambda pair: (-pair[0], pair[1].index))
    return [image for _, image in found[:count]]


def stored_pixels(rows: Sequence[RunNumbers]) -> dict[int, np.ndarray]:
    """Test images uint8 (h, w, c) that the runs stored, by their place in the test set."""
    pixels: dict[int, np.ndarray] = {}
    for row in rows:
        for index, image in zip(*((row.source and examples(row.source)) or ((), ())), strict=True):
            pixels.setdefault(int(index), image)
    return pixels


def class_name(names: Sequence[str], number: int) -> str:
    """The name of a class; its number where the run recorded no name."""
    return names[number] if number < len(names) else str(number)
