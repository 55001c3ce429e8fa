"""Is a model right in nine of ten cases in which it says 90 %? Pure functions on arrays, one number per test image."""

from dataclasses import dataclass

import numpy as np

BINS = 15


@dataclass(frozen=True)
class Bins:
    """Predictions in equal bins of confidence from 0 to 1: counts and means (bins,), NaN in empty ones."""

    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


def binned(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> Bins:
    """Sort predictions into equal bins of confidence.

    Args:
        confidence: The probability of the predicted class (n,), 0 to 1; 1.0 goes into the last bin.
        right: Whether the prediction is right (n,).
        bins: The number of bins.
    """
    place = np.minimum((np.asarray(confidence, dtype=float) * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, weights=values, minlength=bins) / counts for values in (confidence, right)]
    return Bins(counts, *means)


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> float:
    """Return the mean distance of confidence and accuracy over the bins, weighted by their counts; NaN for n = 0.

    Guo et al., 2017. The arguments are those of `binned`.
    """
    filled = binned(confidence, right, bins)
    if not len(confidence):
        return float("nan")
    return float(np.nansum(filled.counts * np.abs(filled.accuracy - filled.confidence)) / filled.counts.sum())
