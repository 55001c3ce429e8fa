"""The task "classes": which of several classes is an image of?"""

import numpy as np

from keras_suite.tasks.task import Metric, Task


def softmax(logits: np.ndarray) -> np.ndarray:
    """Compute probabilities float32 from logits (n, classes), in float64."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)


def top_5(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Compute the share of images whose class is among the five most probable.

    None where float32 probabilities do not tell: for five classes or fewer, next to 0 where many share a value, and for
    equal ones on both sides of the fifth place.
    """
    own = probabilities[np.arange(len(labels)), labels]
    if probabilities.shape[1] <= 5 or own.min() < np.finfo(np.float32).tiny:
        return None
    above = np.sum(probabilities > own[:, None], axis=1)
    if np.any((above < 5) & (above + np.sum(probabilities == own[:, None], axis=1) > 5)):
        return None
    return float(np.mean(above < 5))


ACCURACY = Metric(
    name="accuracy",
    label="accuracy",
    keras="keras.metrics:CategoricalAccuracy",  # for soft labels (mixup, cutmix) of the label's largest class
    unit=" %",
    difference="percentage points of test accuracy",
    scale=100.0,
    binary=True,
)
TOP_5 = Metric(
    name="top_5_accuracy",
    label="top-5 accuracy",
    keras="keras.metrics:TopKCategoricalAccuracy",
    key="top_5",
    unit=" %",
    difference="percentage points of test top-5 accuracy",
    scale=100.0,
    binary=True,
    min_outputs=6,
    recompute=top_5,
)
CLASSES = Task(
    name="classes",
    target="the class of an image",
    losses=("cross_entropy", "mse", "hinge", "kl"),
    metrics=(ACCURACY, TOP_5),
    score=ACCURACY,
    score_images=lambda labels, probabilities: probabilities.argmax(axis=-1) == labels,
    source="labels",
    output_shape=lambda image, targets, names: (len(names),),
    one_hot=True,
    to_predictions=softmax,
)
