"""Where a variant goes wrong: its confusion matrix, and the test images it is most confidently wrong about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.results.run_numbers import Answers, RunNumbers
from keras_suite.reports.run_directory import examples


@dataclass(frozen=True)
class WrongImage:
    """A test image (uint8 (h, w, c)) that `wrong` of `runs` runs asked got wrong; `confidence` is the highest of those.

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
    scored = [(answers, _places(answers)) for row in rows if (answers := row.answers())]
    found = []
    for index, image in stored_pixels(rows).items():
        asked = [(answers, places[index]) for answers, places in scored if index in places]
        wrong = [
            (float(said.confidence[place]), int(said.predicted[place]), int(said.labels[place]))
            for said, place in asked
            if said.predicted[place] != said.labels[place]
        ]
        if wrong:
            confidence, predicted, label = max(wrong)
            total = sum(each[0] for each in wrong)
            found.append((total, WrongImage(index, image, label, predicted, confidence, len(wrong), len(asked))))
    found.sort(key=lambda pair: (-pair[0], pair[1].index))
    return [image for _, image in found[:count]]


def _places(answers: Answers) -> dict[int, int]:
    return {int(index): place for place, index in enumerate(answers.places)}


def stored_pixels(rows: Sequence[RunNumbers]) -> dict[int, np.ndarray]:
    """Test images uint8 (h, w, c) that the runs stored, by their index."""
    pixels: dict[int, np.ndarray] = {}
    for row in rows:
        for index, image in zip(*((row.source and examples(row.source)) or ((), ())), strict=True):
            pixels.setdefault(int(index), image)
    return pixels


def class_name(names: Sequence[str], number: int) -> str:
    """The name of a class; its number where the run recorded no name."""
    return names[number] if number < len(names) else str(number)
