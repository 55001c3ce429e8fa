"""One run's numbers, and a line for each thing in them that does not fit.

Test numbers are worked out anew from predictions.npz; metrics.json is believed only where there are no predictions.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from keras_suite.reports.run_directory import Run, Status, predictions, target_predictions, task_of, trained_elsewhere
from keras_suite.reports.run_directory.results import FITTED
from keras_suite.reports.statistics.cross_validation import Fold
from keras_suite.reports.wording import without_paths
from keras_suite.tasks import task_named
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.classification.scores import Curves, curves
from keras_suite.tasks.task import Metric, Task, own_metric

ACCURACY_TOLERANCE = 1e-6
LOSS_TOLERANCE = 1e-4  # probabilities are float32


class Answers(NamedTuple):
    """Which class a run said each test image to be of; all (n,), see `RunNumbers`. `confidence` may not be known."""

    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray | None
    places: np.ndarray

    def at(self, indices: np.ndarray) -> np.ndarray:
        """Return where test images int64 (k,) stand in these arrays; -1 where they do not."""
        order = np.argsort(self.places, kind="stable")
        found = order[np.searchsorted(self.places, indices, sorter=order).clip(max=len(order) - 1)]
        return np.where(self.places[found] == indices, found, -1)


@dataclass(frozen=True)
class RunNumbers:
    """What one run came to. Numbers are None where the run did not get so far, or looked at no test image.

    `test_score` is the mean of `scores` (n,), those of each test image, by the `metric` of the run's task, and
    `test_metrics` are its other metrics by their keys;
    `validation_score` is of the kind that is measured while training. `places` (n,) see `run_directory.Predictions`;
    `curves` are of the probabilities of all classes;
    `test_set` is the same for runs with the same test images and targets. `labels`, `predicted` (class
    numbers) and `confidence` (the probability given to the predicted class), (n,), are there for classes only. `fold`
    is None but in cross-validation. `elsewhere` says that other code trained it: then the Config, and more, is unknown.
    """

    variant: str
    seed: int
    status: Status
    reason: str | None
    source: Run | None = field(default=None, repr=False, compare=False)
    task: Task = CLASSES
    test_score: float | None = None
    test_metrics: Mapping[str, float] = field(default_factory=dict)
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
    curves: Curves | None = field(default=None, repr=False, compare=False)
    places: np.ndarray | None = field(default=None, repr=False, compare=False)
    fold: Fold | None = None
    elsewhere: bool = False

    @property
    def metric(self) -> Metric:
        """What the test images are scored by."""
        return self.task.score

    @property
    def is_repeat(self) -> bool:
        """Whether it is a repeat of the cross-validation of one classifier, so that there is no model for each run."""
        return self.source is not None and self.source.record.get("trained") == FITTED

    def outcome(self) -> tuple[Any, ...] | None:
        """Return what two runs that did the same have in common, bit by bit; None where that is not recorded."""
        if self.source is None or self.scores is None or not self.source.history:
            return None
        timed = ("seconds", "images_per_second")
        epochs = tuple(tuple((k, v) for k, v in row.items() if k not in timed) for row in self.source.history)
        arrays = (self.scores, self.predicted, self.confidence)
        return (epochs, self.test_set, self.test_loss, *(None if each is None else each.tobytes() for each in arrays))

    def answers(self) -> Answers | None:
        """Return the predictions of the test images; None without predictions of classes."""
        if self.labels is None or self.predicted is None or self.places is None:
            return None
        return Answers(self.labels, self.predicted, self.confidence, self.places)


def run_numbers(run: Run, score: str | None = None) -> tuple[RunNumbers, list[str]]:
    """Return one run's row, and a line for each number in metrics.json that does not follow from its predictions.

    `score`: the metric of the test images; None for the task's own.
    """
    error, task = run.record.get("error") or {}, scored_task(task_of_run(run), score, [run])
    metric = task.score
    row: dict[str, Any] = {
        "variant": run.variant,
        "seed": run.seed,
        "source": run,
        "task": task,
        "status": run.status,
        "elsewhere": trained_elsewhere(run.record),
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
    row["validation_score"] = validation.get(metric.in_history.name)
    row["validation_loss"] = validation.get("unpenalised_loss")
    row["test_score"], row["test_loss"] = test.get(metric.key), test.get("unpenalised_loss")
    row["test_metrics"] = {
        other.key: test[other.name] for other in other_metrics(task) if test.get(other.name) is not None
    }
    try:
        recomputed = from_predictions(run, task)
    except (OSError, ValueError) as problem:
        return RunNumbers(**row), [f"the predictions of {_label(run)} cannot be read ({problem}); metrics.json is used"]
    if recomputed is None:
        return RunNumbers(**row), [
            f"{_label(run)} has test numbers but no predictions to check them by"
        ] if test else []
    problems = [
        f"metrics.json of {_label(run)} does not follow from its predictions: "
        f"test {name.replace('_', ' ')} {test[name]:.6g} there, {value:.6g} by the predictions, which are used"
        for name, value, tolerance in _recomputed(task, recomputed)
        if value is not None
        and test.get(name) is not None
        and abs(test[name] - value) > tolerance * max(1.0, abs(value))
    ]
    recomputed["test_metrics"] = row["test_metrics"] | recomputed.get("test_metrics", {})
    row.update({key: value for key, value in recomputed.items() if value is not None})
    return RunNumbers(**row), problems


def other_metrics(task: Task) -> tuple[Metric, ...]:
    """Return the metrics of test images beside the score of a task."""
    return tuple(metric for metric in task.tested if metric.name != task.score.name)


def _recomputed(task: Task, recomputed: Mapping[str, Any]) -> list[tuple[str, float | None, float]]:
    """Return the names in metrics.json of what was recomputed, the values and the tolerances."""
    others = recomputed.get("test_metrics", {})
    return [
        (task.score.key, recomputed.get("test_score"), ACCURACY_TOLERANCE),
        ("unpenalised_loss", recomputed.get("test_loss"), LOSS_TOLERANCE),
        *((metric.name, others.get(metric.key), ACCURACY_TOLERANCE) for metric in other_metrics(task)),
    ]


def task_of_run(run: Run) -> Task:
    """Return what the run predicts, with its own metrics. Raises ValueError if this version does not know its task."""
    try:
        return task_named(task_of(run.record)).measuring(map(own_metric, run.record.get("metrics") or ()))
    except ValueError as error:
        raise ValueError(f"{run.path}: {error}: update the suite") from None


def scored_task(task: Task, score: str | None, runs: Sequence[Run]) -> Task:
    """Return the task with the metric `score` as that of the test images; None for the task's own."""
    if score is None:
        return task
    return task.scored_by(score, any(f"val_{score}" in row for run in runs for row in run.history[:1]))


def from_predictions(run: Run, task: Task | None = None) -> dict[str, Any] | None:
    """Return the numbers that follow from predictions.npz, by their names in RunNumbers; None without such a file.

    `task`: with the score that is asked for; None for the run's own.
    """
    own = task_of_run(run)
    task = task or own
    if task.predicts_classes:
        return _from_probabilities(run, task)
    loaded = target_predictions(run)
    if loaded is None:
        return None
    of_images = task.scores(loaded.targets, loaded.predictions) if task.score.name == own.score.name else None
    return {
        "test_score": None if of_images is None else float(of_images.mean()),
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


def _from_probabilities(run: Run, task: Task) -> dict[str, Any] | None:
    """Return test accuracy, loss and what was predicted how confidently.

    The loss is None where it does not follow from probabilities: for losses other than cross-entropy, and where a
    float32 probability came out as 0. Metrics that do not follow from the probabilities are left out.
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
    drawn = curves(labels, probabilities)
    return {
        "test_score": task.score.recompute and task.score.recompute(labels, probabilities),
        "scores": task.score.of_images and task.score.of_images(labels, probabilities),
        "test_set": _fingerprint(labels, places),
        "test_metrics": _other_values(task, labels, probabilities, drawn.metrics if drawn else {}),
        "test_loss": _cross_entropy(labels, probabilities, run.config.get("loss") or {}),
        "labels": labels,
        "predicted": predicted.astype(np.int32),
        "confidence": probabilities.max(axis=1),
        "curves": drawn,
        "places": places,
    }


def _other_values(
    task: Task, labels: np.ndarray, probabilities: np.ndarray, known: Mapping[str, float | None]
) -> dict[str, float]:
    """Return the values of the metrics beside the score, by their keys; `known` are those computed before, by name."""
    values = {
        metric.key: known[metric.name] if metric.name in known else metric.recompute(labels, probabilities)
        for metric in other_metrics(task)
        if metric.recompute is not None
    }
    return {key: value for key, value in values.items() if value is not None}


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
