"""One run's numbers, and a line for each thing in them that does not fit.

Test numbers are worked out anew from predictions.npz; metrics.json is believed only where there are no predictions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from reports.folds import Fold
from reports.run_directory import Run, Status, predictions
from reports.wording import without_paths

ACCURACY_TOLERANCE = 1e-6
LOSS_TOLERANCE = 1e-4  # probabilities are float32
_CHECKED = {
    "accuracy": ("test_accuracy", ACCURACY_TOLERANCE),
    "top_5_accuracy": ("test_top_5", ACCURACY_TOLERANCE),
    "unpenalised_loss": ("test_loss", LOSS_TOLERANCE),
}


class Answers(NamedTuple):
    """What a run said of each test image; all (n,), see `RunNumbers`."""

    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class RunNumbers:
    """What one run came to. Numbers are None where the run did not get so far, or looked at no test image.

    `labels`, `predicted` (class numbers), `confidence` (the probability given to the predicted class) and `places` (see
    `run_directory.Predictions`) are (n,) over the test images, or None. `fold` is None but in cross-validation.
    """

    variant: str
    seed: int
    status: Status
    reason: str | None
    source: Run | None = field(default=None, repr=False, compare=False)
    test_accuracy: float | None = None
    test_top_5: float | None = None
    test_loss: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    model_epoch: int | None = None
    seconds: float | None = None
    peak_memory_bytes: float | None = None
    parameters: int | None = None
    labels: np.ndarray | None = field(default=None, repr=False, compare=False)
    predicted: np.ndarray | None = field(default=None, repr=False, compare=False)
    confidence: np.ndarray | None = field(default=None, repr=False, compare=False)
    places: np.ndarray | None = field(default=None, repr=False, compare=False)
    fold: Fold | None = None

    def answers(self) -> Answers | None:
        """What was said of each test image; None without predictions."""
        if self.labels is None or self.predicted is None or self.confidence is None or self.places is None:
            return None
        return Answers(self.labels, self.predicted, self.confidence, self.places)


def run_numbers(run: Run) -> tuple[RunNumbers, list[str]]:
    """One run's row, and a line for each number in metrics.json that does not follow from its predictions."""
    error = run.record.get("error") or {}
    row: dict[str, Any] = {
        "variant": run.variant,
        "seed": run.seed,
        "source": run,
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
    row["validation_accuracy"], row["validation_loss"] = validation.get("accuracy"), validation.get("unpenalised_loss")
    row["test_accuracy"], row["test_loss"] = test.get("accuracy"), test.get("unpenalised_loss")
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
        for key, (name, tolerance) in _CHECKED.items()
        if (found := recomputed[name]) is not None
        and test.get(key) is not None
        and abs(test[key] - found) > tolerance * max(1.0, abs(found))
    ]
    row.update({key: value for key, value in recomputed.items() if value is not None})
    return RunNumbers(**row), problems


def from_predictions(run: Run) -> dict[str, Any] | None:
    """Test accuracy, loss and what was predicted how confidently, from predictions.npz; None without such a file.

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
        "test_accuracy": float(np.mean(predicted == labels)),
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
    if not own.all() or (smoothing and not probabilities.all()):
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
