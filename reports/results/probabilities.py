"""What the probabilities of a variant's runs are worth: calibrated on validation images, cut off, averaged over runs.

Test probabilities are read run by run: many runs need no more memory than one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.held_out import HeldOut
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import predictions, validation
from keras_suite.reports.statistics.calibration import (
    expected_calibration_error,
    fitted_temperature,
    with_temperature,
)
from keras_suite.reports.statistics.ensembles import FEWEST_RUNS, Gain, ensemble_gain
from keras_suite.reports.statistics.selective import threshold_for
from keras_suite.reports.wording import without_paths

ERROR_RATES = (0.05, 0.02, 0.01)  # that thresholds are chosen for


@dataclass(frozen=True)
class Cut:
    """What a threshold that was chosen on validation images does to the test images.

    Attributes:
        answered: The share of them that is answered; 0 where no threshold was found.
        error: The error rate of the answers; None without one.
    """

    answered: float
    error: float | None


@dataclass(frozen=True)
class RunProbabilities:
    """One run.

    Attributes:
        confidence: Of the predicted class of each test image, (n,), as the network says it.
        right: Whether it is right, (n,).
        loss: Its cross-entropy on the test images; None where only confidences are known.
        temperature: Fitted to the validation images; None where the run keeps none.
        scaled_confidence: With that temperature, (n,); None likewise.
        scaled_loss: The cross-entropy then.
        cuts: For each of `ERROR_RATES`; empty likewise.
        problem: Why what it keeps of its validation images cannot be read; "" if it can.
    """

    confidence: np.ndarray
    right: np.ndarray
    loss: float | None = None
    temperature: float | None = None
    scaled_confidence: np.ndarray | None = None
    scaled_loss: float | None = None
    cuts: tuple[Cut, ...] = ()
    problem: str = ""

    @property
    def sure(self) -> np.ndarray:
        """The confidence with the temperature, where there is one, else as it is, (n,)."""
        return self.confidence if self.scaled_confidence is None else self.scaled_confidence


@dataclass(frozen=True)
class Ensemble:
    """The mean probabilities of a variant's runs.

    Attributes:
        runs: How many were averaged.
        accuracy: On the test images.
        loss: Cross-entropy.
        calibration_error: See `expected_calibration_error`.
        gain: Its accuracy beside that of one run.
    """

    runs: int
    accuracy: float
    loss: float
    calibration_error: float
    gain: Gain


@dataclass(frozen=True)
class VariantProbabilities:
    """A variant's runs, and their ensemble; None where they are fewer than two, or have other test images."""

    variant: str
    runs: tuple[RunProbabilities, ...]
    ensemble: Ensemble | None


def variant_probabilities(numbers: Numbers) -> list[VariantProbabilities]:
    """Return what is known of each variant whose runs keep probabilities of classes."""
    if not numbers.task.predicts_classes:
        return []
    together = sum(len(_with_confidence(variant.completed().values())) >= FEWEST_RUNS for variant in numbers.variants)
    found = [_of_variant(numbers, variant.name, max(together, 1)) for variant in numbers.variants]
    return [each for each in found if each.runs]


def _with_confidence(runs: Iterable[RunNumbers]) -> list[RunNumbers]:
    """Return the runs whose predictions were read and believed before."""
    return [run for run in runs if run.answers() and run.confidence is not None]


def _of_variant(numbers: Numbers, variant: str, comparisons: int) -> VariantProbabilities:
    completed = _with_confidence(numbers.variant(variant).completed().values())
    apart = any(run.fold or run.is_repeat for run in completed) or len({run.test_set for run in completed}) > 1
    total: np.ndarray | None = None
    runs: list[RunProbabilities] = []
    averaged = 0
    for run in completed:
        answers = run.answers()
        assert answers is not None and answers.confidence is not None
        loaded = predictions(run.source) if run.source is not None else None
        if loaded is None:
            runs.append(RunProbabilities(answers.confidence, answers.predicted == answers.labels))
            continue
        runs.append(_of_run(run, loaded.labels, loaded.probabilities))
        if total is None or total.shape == loaded.probabilities.shape:
            total = loaded.probabilities.astype(float) if total is None else total + loaded.probabilities
            averaged += 1
    ensemble = None
    if not apart and total is not None and averaged == len(completed) >= FEWEST_RUNS:
        assert completed[0].labels is not None
        right = np.stack([run.right for run in runs])
        margin = _margin(numbers, variant, right.shape[1])
        ensemble = _averaged(total / averaged, completed[0].labels, right, margin, comparisons)
    return VariantProbabilities(variant, tuple(runs), ensemble)


def _of_run(run: RunNumbers, labels: np.ndarray, probabilities: np.ndarray) -> RunProbabilities:
    right = probabilities.argmax(axis=1) == labels
    found = RunProbabilities(probabilities.max(axis=1), right, cross_entropy(labels, probabilities))
    assert run.source is not None
    try:
        kept = validation(run.source)
    except (OSError, ValueError) as problem:
        return replace(
            found, problem=f"{run.variant}/seed-{run.seed} has no temperature: {without_paths(str(problem))}"
        )
    if kept is None or not len(kept.labels) or kept.probabilities.shape[1] != probabilities.shape[1]:
        return found
    temperature = fitted_temperature(kept.labels, kept.probabilities)
    confidence, validated = HeldOut(kept.labels, kept.probabilities, "validation image").judged(temperature)
    thresholds = [threshold_for(confidence, validated, rate) for rate in ERROR_RATES]
    scaled = with_temperature(probabilities, temperature)
    sure = scaled.astype(np.float32).max(axis=1)
    return replace(
        found,
        temperature=temperature,
        scaled_confidence=sure,
        scaled_loss=cross_entropy(labels, scaled),
        cuts=tuple(Cut(0.0, None) if each is None else _cut(sure, right, each.confidence) for each in thresholds),
    )


def _cut(confidence: np.ndarray, right: np.ndarray, threshold: float) -> Cut:
    answered = confidence >= threshold
    return Cut(float(answered.mean()), float(1 - right[answered].mean()) if answered.any() else None)


def _averaged(
    probabilities: np.ndarray, labels: np.ndarray, networks: np.ndarray, margin: float, comparisons: int
) -> Ensemble:
    right = probabilities.argmax(axis=1) == labels
    return Ensemble(
        runs=len(networks),
        accuracy=float(right.mean()),
        loss=cross_entropy(labels, probabilities),
        calibration_error=expected_calibration_error(probabilities.max(axis=1), right),
        gain=ensemble_gain(right, networks, margin, comparisons),
    )


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean of -ln p of the true class; a p that float32 rounds to 0 counts as its smallest number."""
    own = probabilities[np.arange(len(labels)), labels].astype(float)
    return float(-np.log(np.maximum(own, float(np.finfo(np.float32).tiny))).mean())


def _margin(numbers: Numbers, variant: str, images: int) -> float:
    """Return the report's margin for the variant; where it is in no pair, the metric's and one test image at least."""
    margins = [pair.comparison.margin for pair in numbers.pairs if variant in (pair.variant, pair.against)]
    return margins[0] if margins else max(numbers.metric.margin, 1 / images)
