"""Whether a classifier is shown to know more than which class is the most frequent."""

from collections.abc import Sequence

import numpy as np

from keras_suite.reports.results.classification import class_name
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.tasks.classes import ACCURACY


def no_better_than_guessing(labels: np.ndarray, interval: Interval, names: Sequence[str]) -> str:
    """Return a sentence where one answer to all images might do as well; "" where it is shown that it does not.

    Args:
        labels: Of the images that were measured, int64 (n,).
        interval: That of the share of right answers, from 0 to 1.
        names: Of the classes.
    """
    counts = np.bincount(labels)
    share = float(counts.max() / counts.sum())
    if interval.low > share:
        return ""
    name = class_name(names, int(counts.argmax()))
    right = ACCURACY.format(share)
    return f"That is not shown to be better than guessing: {name!r} for all of them is right in {right}."
