"""Does a model that says 90 % get nine of ten right? Pure functions on arrays of one number per test image."""

from dataclasses import dataclass

import numpy as np

BINS = 15


@dataclass(frozen=True)
class Bins:
    """Answers sorted into equal parts of 0 to 1 by their confidence: counts and means (bins,), NaN in empty ones."""

    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


def binned(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> Bins:
    """Return confidence: the probability given to the answer (n,); right: whether it was (n,). 1.0 is in the last
    bin.
    """
    place = np.minimum((np.asarray(confidence, dtype=float) * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, weights=values, minlength=bins) / counts for values in (confidence, right)]
    return Bins(counts, *means)


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> float:
    """Return the mean distance of confidence and accuracy over the bins, by their counts (Guo et al., 2017); NaN if n
    = 0.
    """
    found = binned(confidence, right, bins)
    if not len(confidence):
        return float("nan")
    return float(np.nansum(found.counts * np.abs(found.accuracy - found.confidence)) / found.counts.sum())
