"""Intervals and tests for cross-validation, where folds share most of their training data. Pure functions on arrays.

A plain t-interval over folds takes them for independent and is far too narrow. Nadeau and Bengio (2003) add what the
overlap of the training sets brings: the variance of the mean over k folds is taken as s^2 (1/k + test / train).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.intervals import Interval, sign_flip_p, t_interval


@dataclass(frozen=True)
class Fold:
    """One of `count` folds: the numbers of images that its run trains on (validation included) and is tested on."""

    count: int
    train: int
    test: int


def interval_of(values: np.ndarray, folds: Sequence[Fold], level: float = 0.95) -> Interval | None:
    """Return the t-interval of the mean of `values` (n,), corrected if they are of folds."""
    if not folds:
        return t_interval(values, level)
    return fold_interval(values, *_mean_sizes(folds), level)


def p_of(differences: np.ndarray, folds: Sequence[Fold]) -> float:
    """Return the p of the mean of `differences` (n,): corrected t-test for folds, sign-flip test for seeds."""
    return fold_p(differences, *_mean_sizes(folds)) if folds else sign_flip_p(differences)


def _mean_sizes(folds: Sequence[Fold]) -> tuple[float, float]:
    return float(np.mean([fold.train for fold in folds])), float(np.mean([fold.test for fold in folds]))


def fold_interval(values: np.ndarray, train: float, test: float, level: float = 0.95) -> Interval | None:
    """Return the corrected t-interval of the mean of one number per fold; None below two folds.

    Args:
        values: One number per fold (k,); with folds repeated r times, k counts all repetitions.
        train: The number of images that a fold is trained on.
        test: The number of images that a fold is tested on.
        level: The level of confidence.
    """
    from scipy import stats

    values = np.asarray(values, dtype=float)
    error = corrected_error(values, train, test)
    if values.size < 2:
        return None
    half = float(stats.t.ppf((1 + level) / 2, values.size - 1)) * error
    return Interval(float(values.mean()) - half, float(values.mean()) + half, level)


def fold_p(differences: np.ndarray, train: float, test: float) -> float:
    """Return the two-sided p of the corrected t-test that the mean of `differences` is 0.

    Args:
        differences: Variant minus other, by fold (k,).
        train: The number of images that a fold is trained on.
        test: The number of images that a fold is tested on.

    Returns:
        1.0 below two folds and where all differences are 0; 0.0 where all are equal but not 0, as nothing scatters.
    """
    from scipy import stats

    differences = np.asarray(differences, dtype=float)
    error = corrected_error(differences, train, test)
    if differences.size < 2 or not differences.any():
        return 1.0
    if np.ptp(differences) == 0:
        return 0.0
    return float(2 * stats.t.sf(abs(differences.mean()) / error, differences.size - 1))


def corrected_error(values: np.ndarray, train: float, test: float) -> float:
    """Return Nadeau and Bengio's standard error of the mean over folds: sqrt(s^2 (1/k + test / train)).

    NaN below two folds. Raises ValueError if `train` or `test` is below 1.
    """
    if train < 1 or test < 1:
        raise ValueError(f"folds of {train} training and {test} test samples are not possible: give at least 1 of each")
    if len(values) < 2:
        return float("nan")
    return float(np.std(values, ddof=1) * np.sqrt(1 / len(values) + test / train))
