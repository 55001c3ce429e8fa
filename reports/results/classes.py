"""How a variant does class by class: how many of a class it finds, and how often it is right when it names one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.results.mistakes import confusion
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import Spread, spread


@dataclass(frozen=True)
class OfClass:
    """One class: its test images, and over the runs the recall (the class's accuracy) and the precision.

    A run that names the class for no image has no precision; NaN where no run has.
    """

    images: int
    recall: Spread
    precision: Spread


def by_class(runs: Sequence[RunNumbers], classes: int) -> list[OfClass]:
    """Each class in turn; the intervals are 95 % t-intervals over the runs, cut to what is possible."""
    tested = [(run, answers) for run in runs if (answers := run.answers())]
    if not tested:
        return []
    counts = np.array([confusion([run], classes) for run, _ in tested])
    folds = [run.fold for run, _ in tested if run.fold]
    every = np.unique(np.concatenate([np.stack([said.places, said.labels]) for _, said in tested], axis=1), axis=1)
    images = np.bincount(every[1], minlength=classes)
    right = np.diagonal(counts, axis1=1, axis2=2)
    return [
        OfClass(
            images=int(images[k]),
            recall=spread(_shares(right[:, k], counts[:, k, :].sum(axis=1)), (0, 1), folds),
            precision=spread(_shares(right[:, k], counts[:, :, k].sum(axis=1)), (0, 1), folds),
        )
        for k in range(classes)
    ]


def _shares(right: np.ndarray, of: np.ndarray) -> list[float | None]:
    return [None if total == 0 else float(count / total) for count, total in zip(right, of, strict=True)]
