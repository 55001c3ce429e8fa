"""What a trained model says of the test set: what it gives for each image, the metrics, and where it is worst."""

from dataclasses import dataclass

import keras
import numpy as np

from keras_suite.data_pipeline.pipeline import evaluation_batches
from keras_suite.data_pipeline.targets import Targets
from keras_suite.models.metrics import training_metrics

EXAMPLES = 24


@dataclass(frozen=True)
class Evaluation:
    """What the model gave for each test image, (n, ...), and the mean metrics.

    Probabilities for classes, else numbers, uint8 images, uint8 masks or words: see reports/results/measures.py.
    """

    given: np.ndarray
    metrics: dict[str, float]


def evaluate(
    model: keras.Model, images: np.ndarray, targets: Targets, *, loss: keras.losses.Loss, batch_size: int
) -> Evaluation:
    """One look at the test images. Metrics are those of training; of captions, of the true words before each."""
    batches = evaluation_batches(images, targets, np.arange(len(images)), batch_size=batch_size)
    metrics = training_metrics(loss, targets.outputs, targets.task)
    given = []
    for inputs, wanted in batches:
        outputs = np.asarray(model.predict_on_batch(inputs), dtype=np.float32)
        for metric in metrics:
            metric.update_state(wanted, outputs)
        given.append(as_given(outputs, targets.task))
    return Evaluation(np.concatenate(given), {metric.name: float(metric.result()) for metric in metrics})


def as_given(outputs: np.ndarray, task: str) -> np.ndarray:
    """A network's outputs as a run keeps them: probabilities, numbers, images or masks; of captions the words."""
    if task == "classes":
        return softmax(outputs)
    if task == "image":
        return np.rint(255 * np.clip(outputs, 0, 1)).astype(np.uint8)
    if task in ("mask", "caption"):
        return outputs.argmax(axis=-1).astype(np.uint8 if task == "mask" else np.int64)
    return outputs


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities float32 from logits (n, classes), computed in float64."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)


def most_confidently_wrong(labels: np.ndarray, probabilities: np.ndarray, count: int = EXAMPLES) -> np.ndarray:
    """Indices of the `count` wrong answers given with the highest probability, the most confident first."""
    predicted = probabilities.argmax(axis=-1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:count]
