"""Is a model right in nine of ten cases in which it says 90 %? Pure functions on arrays, one number per test image."""

from dataclasses import dataclass

import numpy as np

BINS = 15
_WIDEST = 20.0  # temperature, and 1 / 20
_USUAL = 0.3  # standard deviation of its logarithm


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


def fitted_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the temperature T with which softmax(logits / T) fits the labels best.

    Guo et al., 2017: one number fitted to validation images, which changes no answer, only how sure it is. It takes the
    least sum of losses and of (ln T)^2 / (2 * 0.3^2), as if ln T were known to lie around 0 with a standard deviation
    of 0.3: without that a network that is right on all validation images would be made certain, and with 1 instead
    heads that were calibrated before lost by 100 images (benchmarks/probabilities.py).

    Args:
        labels: int (n,).
        probabilities: Of the classes (n, classes); their logarithms are logits up to a constant that cancels.

    Returns:
        Above 1 for a network that is too sure; 1.0 without images.
    """
    from scipy.optimize import minimize_scalar

    if not len(labels):
        return 1.0
    logs = _logs(probabilities)
    own = logs[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        scale = np.exp(-log_temperature)
        losses = np.log(np.exp(scale * logs).sum(axis=1)) - scale * own
        return float(losses.sum() + (log_temperature / _USUAL) ** 2 / 2)

    widest = np.log(_WIDEST)
    return float(np.exp(minimize_scalar(loss, bounds=(-widest, widest), method="bounded").x))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(logits / temperature), float (n, classes), of probabilities = softmax(logits)."""
    scaled = np.exp(_logs(probabilities) / temperature)
    return np.asarray(scaled / scaled.sum(axis=-1, keepdims=True))


def _logs(probabilities: np.ndarray) -> np.ndarray:
    """Return logarithms whose largest in each row is 0; what float32 rounds to 0 counts as its smallest number."""
    logs = np.log(np.maximum(np.asarray(probabilities, dtype=float), float(np.finfo(np.float32).tiny)))
    return np.asarray(logs - logs.max(axis=-1, keepdims=True))
