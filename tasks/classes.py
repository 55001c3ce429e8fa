"""The task "classes": which of several classes is an image of?"""

import numpy as np

from keras_suite.tasks.classification.image_parts import balanced_accuracy_parts, macro_f1_parts, roc_auc_parts
from keras_suite.tasks.classification.scores import balanced_accuracy, macro_f1, pr_auc, roc_auc
from keras_suite.tasks.task import Metric, Task


def softmax(logits: np.ndarray) -> np.ndarray:
    """Compute probabilities float32 from logits (n, classes), in float64."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)


def top_5_hits(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray | None:
    """Return whether the class of each image is among the five most probable, bool (n,).

    None where float32 probabilities do not tell: for five classes or fewer, next to 0 where many share a value, and for
    equal ones on both sides of the fifth place.
    """
    own = probabilities[np.arange(len(labels)), labels]
    if probabilities.shape[1] <= 5 or own.min() < np.finfo(np.float32).tiny:
        return None
    above = np.sum(probabilities > own[:, None], axis=1)
    if np.any((above < 5) & (above + np.sum(probabilities == own[:, None], axis=1) > 5)):
        return None
    return above < 5


def top_5(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Compute the share of images whose class is among the five most probable; None as `top_5_hits`."""
    hits = top_5_hits(labels, probabilities)
    return None if hits is None else float(hits.mean())


def right(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return whether the most probable class is an image's own, bool (n,)."""
    return probabilities.argmax(axis=-1) == labels


ACCURACY = Metric(
    name="accuracy",
    label="accuracy",
    keras="keras.metrics:CategoricalAccuracy",  # for soft labels (mixup, cutmix) of the label's largest class
    unit=" %",
    difference="percentage points of test accuracy",
    scale=100.0,
    binary=True,
    recompute=lambda labels, probabilities: float(right(labels, probabilities).mean()),
    of_images=right,
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
    of_images=top_5_hits,
)
BALANCED_ACCURACY = Metric(
    name="balanced_accuracy",
    label="balanced accuracy",
    keras="keras_suite.models.class_metrics:BalancedAccuracy",
    unit=" %",
    difference="percentage points of test balanced accuracy",
    scale=100.0,
    recompute=balanced_accuracy,
    of_images=balanced_accuracy_parts,
)
MACRO_F1 = Metric(
    name="macro_f1",
    label="macro F1",
    keras="keras_suite.models.class_metrics:MacroF1",
    unit=" %",
    difference="percentage points of test macro F1",
    scale=100.0,
    recompute=macro_f1,
    of_images=macro_f1_parts,
)
ROC_AREA = Metric(
    name="roc_auc",
    label="ROC area",
    keras="keras_suite.models.class_metrics:RocArea",
    digits=4,
    difference="of test ROC area",
    recompute=roc_auc,
    of_images=roc_auc_parts,
)
PR_AREA = Metric(
    name="pr_auc",
    label="PR area",
    keras="keras_suite.models.class_metrics:PrArea",
    digits=4,
    difference="of test PR area",
    recompute=pr_auc,
)
CLASSES = Task(
    name="classes",
    target="the class of an image",
    losses=("cross_entropy", "mse", "hinge", "kl"),
    metrics=(ACCURACY, TOP_5),
    on_request=(BALANCED_ACCURACY, MACRO_F1, ROC_AREA, PR_AREA),
    score=ACCURACY,
    score_images=right,
    source="labels",
    output_shape=lambda image, targets, names: (len(names),),
    one_hot=True,
    to_predictions=softmax,
    output_in_words="one for each class",
)
