"""What a trained model says of the test set: probabilities, metrics, and where it is most confidently wrong."""

from dataclasses import dataclass

import keras
import numpy as np

from data_pipeline.pipeline import evaluation_batches
from models.metrics import training_metrics

EXAMPLES = 24


@dataclass(frozen=True)
class Evaluation:
    """Probabilities float32 (n, classes) and the mean metrics on the test set."""

    probabilities: np.ndarray
    metrics: dict[str, float]


def evaluate(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    classes: int,
    loss: keras.losses.Loss,
    batch_size: int,
) -> Evaluation:
    """One look at the test images."""
    batches = evaluation_batches(images, labels, np.arange(len(labels)), classes=classes, batch_size=batch_size)
    logits = np.asarray(model.predict(batches, verbose=0), dtype=np.float32)
    one_hot = np.eye(classes, dtype=np.float32)[labels]
    metrics = {}
    for metric in training_metrics(loss, classes):
        metric.update_state(one_hot, logits)
        metrics[metric.name] = float(metric.result())
    return Evaluation(softmax(logits), metrics)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities float32 from logits (n, classes), computed in float64."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)


def most_confidently_wrong(labels: np.ndarray, probabilities: np.ndarray, count: int = EXAMPLES) -> np.ndarray:
    """Indices of the `count` wrong answers given with the highest probability, the most confident first."""
    predicted = probabilities.argmax(axis=-1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:count]
