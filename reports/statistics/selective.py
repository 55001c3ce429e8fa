"""Which answers may be kept back, so that those that are given are rarely wrong? Pure functions on arrays.

Selective classification: an answer is given where its confidence is at least a threshold. `confidence` (n,) is the
probability of the predicted class and `right` (n,) whether it is right, of images that trained nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.intervals import ALPHA

STEP = 0.01  # of the images, by which the threshold is lowered
LEAST_WRONG = 1e-4  # the smallest error rate that can be asked for


@dataclass(frozen=True)
class Threshold:
    """A threshold of confidence that keeps the error rate of the answers down.

    Attributes:
        confidence: Answers of this confidence or more are given.
        answered: How many of the images that is.
        images: Their number.
        wrong: How many of the answers are wrong.
        most_wrong: The upper end of the one-sided 95 % interval of their error rate, at most what was asked for.
    """

    confidence: float
    answered: int
    images: int
    wrong: int
    most_wrong: float


def threshold_for(confidence: np.ndarray, right: np.ndarray, error_rate: float) -> Threshold | None:
    """Return the lowest threshold whose answers are shown to be wrong in at most `error_rate`, with 95 % confidence.

    Thresholds are tried from the highest down, each with Clopper and Pearson's upper bound (1934), until one fails.
    Such a fixed sequence needs no correction for their number (Angelopoulos et al., "Learn then test", 2021). The
    first one is where no wrong answer would suffice, which the confidences alone say. In simulations with 200 to 2,000
    images it answers more than a Bonferroni correction of 8 or 20 thresholds, and more than several sequences that
    start at different places wherever less than half of the images can be answered.

    Raises:
        ValueError: If `error_rate` is not from 0.0001 to below 1.

    Returns:
        None where too few images, or too many wrong ones among the surest, show it for no threshold.
    """
    if not LEAST_WRONG <= error_rate < 1:
        raise ValueError(f"an error rate of {error_rate:g} cannot be asked for: give one from {LEAST_WRONG:g} to 0.99")
    order = np.argsort(-np.asarray(confidence, dtype=float), kind="stable")
    sure, wrong = np.asarray(confidence, dtype=float)[order], np.cumsum(~np.asarray(right, dtype=bool)[order])
    images = len(sure)
    step = max(1, int(STEP * images))
    counts = _with_their_ties(range(fewest_answers(error_rate), images + step, step), sure)
    bounds = _upper_bounds(wrong[counts - 1], counts)
    shown = int(np.argmax(np.append(bounds > error_rate, True)))  # how many there are before the first that fails
    if not shown:
        return None
    count = int(counts[shown - 1])
    return Threshold(float(sure[count - 1]), count, images, int(wrong[count - 1]), float(bounds[shown - 1]))


def fewest_answers(error_rate: float) -> int:
    """Return how many answers, all of them right, show an error rate of at most this."""
    return math.ceil(math.log(ALPHA) / math.log1p(-error_rate))


def _with_their_ties(counts: Sequence[int], sure: np.ndarray) -> np.ndarray:
    """Return numbers of answers, ascending, of which none shares its confidence with one that is kept back."""
    if not len(counts) or counts[0] > len(sure):
        return np.array([], dtype=int)
    last = sure[np.minimum(counts, len(sure)) - 1]
    return np.unique(np.searchsorted(-sure, -last, side="right"))


def _upper_bounds(wrong: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the upper ends of Clopper and Pearson's one-sided 95 % intervals, (n,)."""
    from scipy import stats

    if not len(counts):
        return np.array([])
    return np.where(wrong >= counts, 1.0, stats.beta.isf(ALPHA, wrong + 1, np.maximum(counts - wrong, 1)))


def error_at(confidence: np.ndarray, right: np.ndarray, coverages: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the error rate of the surest answers, (k,), for shares of the images that are answered, (k,), 0 to 1.

    The risk at a coverage (El-Yaniv and Wiener, 2010). Answers of equal confidence count in their order's mean.
    """
    confidence, wrong = np.asarray(confidence, dtype=float), ~np.asarray(right, dtype=bool)
    if not len(confidence):
        return np.full(len(coverages), np.nan)
    _, which, counts = np.unique(-confidence, return_inverse=True, return_counts=True)
    of_ties = np.bincount(which.reshape(-1), weights=wrong) / counts
    total = np.cumsum(np.repeat(of_ties, counts))
    answered = np.clip(np.ceil(np.asarray(coverages) * len(confidence)).astype(int), 1, len(confidence))
    return np.asarray(total[answered - 1] / answered)
