"""One run's numbers, and a line for each thing in them that does not fit.

Test numbers are worked out anew from predictions.npz; metrics.json is believed only where there are no predictions.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from keras_suite.reports.results.measures import ACCURACY, MEASURES, Measure, scores
from keras_suite.reports.run_directory import Run, Status, predictions, target_predictions, task_of
from keras_suite.reports.statistics.cross_validation import Fold
from keras_suite.reports.wording import without_paths

ACCURACY_TOLERANCE = 1e-6
LOSS_TOLERANCE = 1e-4  # probabilities are float32
_CHECKED = {
    "top_5_accuracy": ("test_top_5", ACCURACY_TOLERANCE),
    "unpenalised_loss": ("test_loss", LOSS_TOLERANCE),
}


class Answers(NamedTuple):
    """Which class a run said each test image to be of; all (n,), see `RunNumbers`."""

    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class RunNumbers:
    """What one run came to. Numbers are None where the run did not get so far, or looked at no test image.

    `test_score` is the mean of `scores` (n,), those of each test image, by the `measure` of the run's task;
    `validation_score` is of the kind that is measured while training. `places` (n,) see `run_directory.Predictions`;
    `test_set` is the same for runs that were asked for the same of the same images. `labels`, `predicted` (class
    numbers) and `confidence` (the probability given to the predicted class), (n,), are there for classes only. `fold`
    is None but in cross-validation.
    """

    variant: str
    seed: int
    status: Status
    reason: str | None
    source: Run | None = field(default=None, repr=False, compare=False)
    measure: Measure = ACCURACY
    test_score: float | None = None
    test_top_5: float | None = None
    test_loss: float | None = None
    validation_score: float | None = None
    validation_loss: float | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    model_epoch: int | None = None
    seconds: float | None = None
    peak_memory_bytes: float | None = None
    parameters: int | None = None
    scores: np.ndarray | None = field(default=None, repr=False, compare=False)
    test_set: str | None = None
    labels: np.ndarray | None = field(default=None, repr=False, compare=False)
    predicted: np.ndarray | None = field(default=None, repr=False, compare=False)
    confidence: np.ndarray | None = field(default=None, repr=False, compare=False)
    places: np.ndarray | None = field(default=None, repr=False, compare=False)
    fold: Fold | None = None

    def answers(self) -> Answers | None:
        """What was said of each test image; None without predictions of classes."""
        if self.labels is None or self.predicted is None or self.confidence is None or self.places is None:
            return None
        return Answers(self.labels, self.predicted, self.confidence, self.places)


def run_numbers(run: Run) -> tuple[RunNumbers, list[str]]:
    """One run's row, and a line for each number in metrics.json that does not follow from its predictions."""
    error, measure = run.record.get("error") or {}, measure_of(run)
    row: dict[str, Any] = {
        "variant": run.variant,
        "seed": run.seed,
        "source": run,
        "measure": measure,
        "status": run.status,
        "reason": without_paths(str(error["message"])) if error.get("message") else error.get("type"),
        "epochs": len(run.history),
        "seconds": run.record.get("seconds"),
        "peak_memory_bytes": run.record.get("peak_memory_bytes"),
    }
    if run.metrics is None:
        return RunNumbers(**row), []
    row["fold"] = _fold(run)
    validation, test = run.metrics.get("validation") or {}, run.metrics.get("test") or {}
    for key in ("epochs", "best_epoch", "model_epoch", "parameters", "peak_memory_bytes"):
        row[key] = run.metrics.get(key, row.get(key))
    row["seconds"] = run.metrics.get("train_seconds", row["seconds"])
    row["validation_score"], row["validation_loss"] = validation.get(measure.column), validation.get("unpenalised_loss")
    row["test_score"], row["test_loss"] = test.get(measure.key), test.get("unpenalised_loss")
    row["test_top_5"] = test.get("top_5_accuracy")
    try:
        recomputed = from_predictions(run)
    except (OSError, ValueError) as problem:
        return RunNumbers(**row), [f"the predictions of {_label(run)} cannot be read ({problem}); metrics.json is used"]
    if recomputed is None:
        return RunNumbers(**row), [
            f"{_label(run)} has test numbers but no predictions to check them by"
        ] if test else []
    problems = [
        f"metrics.json of {_label(run)} does not follow from its predictions: "
        f"test {key.replace('_', ' ')} {test[key]:.6g} there, {found:.6g} by the predictions, which are used"
        for key, (name, tolerance) in {measure.key: ("test_score", ACCURACY_TOLERANCE), **_CHECKED}.items()
        if (found := recomputed.get(name)) is not None
        and test.get(key) is not None
        and abs(test[key] - found) > tolerance * max(1.0, abs(found))
    ]
    row.update({key: value for key, value in recomputed.items() if value is not None})
    return RunNumbers(**row), problems


def measure_of(run: Run) -> Measure:
    """What the run's test images are scored by."""
    task = task_of(run.record)
    if task not in MEASURES:
        raise ValueError(f"{run.path} is of the task {task!r}, which this version does not know: update the suite")
    return MEASURES[task]


def from_predictions(run: Run) -> dict[str, Any] | None:
    """The numbers that follow from predictions.npz, by their names in RunNumbers; None without such a file."""
    if task_of(run.record) == "classes":
        return _from_probabilities(run)
    loaded = target_predictions(run)
    if loaded is None:
        return None
    of_images = scores(task_of(run.record), loaded.targets, loaded.predictions)
    return {
        "test_score": float(of_images.mean()),
        "scores": of_images,
        "test_set": _fingerprint(loaded.targets, loaded.places),
        "places": loaded.places,
    }


def _fingerprint(*arrays: np.ndarray) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _from_probabilities(run: Run) -> dict[str, Any] | None:
    """Test accuracy, loss and what was predicted how confidently.

    The loss is None where it does not follow from probabilities: for losses other than cross-entropy, and where a
    float32 probability came out as 0. So is the top-5 accuracy, which only means something above five classes.
    """
    loaded = predictions(run)
    if loaded is None:
        return None
    labels, probabilities, places = loaded
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not len(labels):
        raise ValueError(f"labels {labels.shape} and probabilities {probabilities.shape} do not belong together")
    if not np.isfinite(probabilities).all() or labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError("a probability is no number, or a label is no class")
    predicted = probabilities.argmax(axis=1)
    return {
        "test_score": float(np.mean(predicted == labels)),
        "scores": predicted == labels,
        "test_set": _fingerprint(labels, places),
        "test_top_5": _top_5(labels, probabilities),
        "test_loss": _cross_entropy(labels, probabilities, run.config.get("loss") or {}),
        "labels": labels,
        "predicted": predicted.astype(np.int32),
        "confidence": probabilities.max(axis=1),
        "places": places,
    }


def _top_5(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    own = probabilities[np.arange(len(labels)), labels]
    if probabilities.shape[1] <= 5 or own.min() < np.finfo(np.float32).tiny:  # next to 0 many share a place
        return None
    above = np.sum(probabilities > own[:, None], axis=1)
    if np.any((above < 5) & (above + np.sum(probabilities == own[:, None], axis=1) > 5)):  # so do those of equal logits
        return None
    return float(np.mean(above < 5))


def _cross_entropy(labels: np.ndarray, probabilities: np.ndarray, loss: Mapping[str, Any]) -> float | None:
    if loss.get("name") != "cross_entropy":
        return None
    smoothing = float((loss.get("options") or {}).get("label_smoothing") or 0.0)
    own = probabilities[np.arange(len(labels)), labels].astype(float)
    if (probabilities if smoothing else own).min() < np.finfo(np.float32).tiny:  # next to 0 too few digits are left
        return None
    value = -(1 - smoothing) * np.log(own).mean()
    if smoothing:  # Keras: (1 - s) * one_hot + s / classes
        value -= smoothing * np.log(probabilities.astype(float)).mean(axis=1).mean()
    return float(value)


def _fold(run: Run) -> Fold | None:
    data = run.record.get("data") or {}
    if data.get("folds") is None:
        return None
    return Fold(data["folds"], data["train"] + data["validation"], data["test"])


def _label(run: Run) -> str:
    return f"{run.variant}/seed-{run.seed}"
