"""A run's one look at its test images: predictions, metrics, and what is kept of them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.splits import Split, images_to_test
from keras_suite.data_pipeline.targets import Targets, targets_to_test
from keras_suite.experiments import catalog
from keras_suite.experiments.training.predictor import Predictor
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.models.metrics import training_metrics
from keras_suite.reports import run_directory
from keras_suite.tasks import task_named
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Task, load

EXAMPLES = 24  # of the worst test images are kept as pictures


@dataclass(frozen=True)
class Evaluation:
    """The predictions for all test images, (n, ...), as predictions.npz keeps them, and the metrics.

    A metric is None where the images tell nothing of it, as one class alone of the area under a curve.
    """

    predictions: np.ndarray
    metrics: dict[str, float | None]


def score(run: PreparedRun, model: keras.Model, predictor: Predictor) -> dict[str, Any]:
    """Evaluate a trained model on its test images; write its predictions and the images that it was worst at.

    Args:
        run: What trained it.
        model: The trained model.
        predictor: What predicts in its place.

    Returns:
        The part of metrics.json that is about the test images.
    """
    directory, dataset, task, chosen = run.directory, run.dataset, run.task, run.split
    images, labels = images_to_test(dataset, chosen)
    targets = replace(targets_to_test(dataset, chosen.test), task=task)
    batches, loss = predictor.test_batches(targets), run.config.loss.build()
    evaluation = evaluate(predictor.model, batches, targets, loss=loss, own_metrics=run.own_metrics())
    metrics, predictions = in_json(evaluation.metrics, task), evaluation.predictions
    if task.predicts_classes:
        truth = labels
        run_directory.write_predictions(directory, labels, predictions, index=chosen.test)
        worst = most_confidently_wrong(labels, predictions)
    else:
        truth = references(dataset, chosen)
        if task.decode:
            predictions = load(task.decode)(model, images, truth.shape[-1])
        run_directory.write_target_predictions(directory, labels, truth, predictions, index=chosen.test)
        of_images = task.scores(truth, predictions)
        metrics[task.score.key] = float(of_images.mean())
        worst = np.argsort(of_images if task.score.higher_is_better else -of_images, kind="stable")[:EXAMPLES]
    indices = worst if chosen.test is None else chosen.test[worst]
    run_directory.write_examples(directory, indices, np.asarray(images[worst]))
    own_measure = catalog.load(run.job.source).measure if run.job.source else None
    if own_measure is not None:
        run_directory.write_measured(directory, own_measure(model, images, truth))
    return {"test": metrics}


def references(dataset: Dataset, chosen: Split) -> np.ndarray:
    """Return the true answers of the test images, (n, ...), of a task that does not predict classes."""
    task = task_named(dataset.task)
    if task.source == "pixels":
        return images_to_test(dataset, chosen)[0]
    targets = dataset.test_targets if chosen.test is None else dataset.targets
    assert targets is not None
    return task.to_references(targets if chosen.test is None else targets[chosen.test])


def evaluate(
    model: keras.Model,
    batches: Iterable[tuple[Any, Any]],
    targets: Targets,
    *,
    loss: keras.losses.Loss,
    own_metrics: Sequence[keras.metrics.Metric] = (),
) -> Evaluation:
    """Compute predictions and metrics of images in one pass over batches (inputs, targets).

    The metrics are those of training; of one that was asked for, and is counted in bins there, the exact value.
    """
    metrics = training_metrics(loss, targets.outputs, targets.task, own_metrics)
    predictions = []
    for inputs, target in batches:
        outputs = np.asarray(model.predict_on_batch(inputs), dtype=np.float32)
        for metric in metrics:
            metric.update_state(target, outputs)
        predictions.append(targets.task.to_predictions(outputs))
    whole = np.concatenate(predictions)
    exact = {
        metric.name: metric.recompute(targets.array, whole)
        for metric in targets.task.metrics
        if metric in CLASSES.on_request and metric.recompute is not None
    }
    of_training: dict[str, float | None] = {metric.name: float(metric.result()) for metric in metrics}
    return Evaluation(whole, of_training | exact)


def in_json(values: Mapping[str, float | None], task: Task) -> dict[str, float | None]:
    """Return measured values as metrics.json holds them: None where a user's own metric came to no finite number."""
    own = {metric.name for metric in task.own_metrics}
    return {
        name: None if value is None or (name in own and not math.isfinite(value)) else value
        for name, value in values.items()
    }


def predict(model: keras.Model, image: np.ndarray, task: Task) -> np.ndarray:
    """Compute the prediction for one image uint8 (h, w, c)."""
    batch = image[np.newaxis].astype(np.float32)
    if task.decode:
        return load(task.decode)(model, batch)[0]
    return task.to_predictions(np.asarray(model(batch, training=False), np.float32))[0]


def most_confidently_wrong(labels: np.ndarray, probabilities: np.ndarray, count: int = EXAMPLES) -> np.ndarray:
    """Return the indices of the `count` wrong predictions with the highest probability, the most confident first."""
    predicted = probabilities.argmax(axis=-1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:count]
