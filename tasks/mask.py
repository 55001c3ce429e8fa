"""The task "mask": the class of each pixel (semantic segmentation); the first class is the background."""

from collections.abc import Sequence

import numpy as np

from keras_suite.tasks.task import Metric, Task
from keras_suite.tasks.wording.quantities import percent


def iou(targets: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Compute the intersection over union of each class in masks (n, h, w), float64 (n, classes).

    It is nan where neither mask of an image contains the class.
    """
    result = np.full((len(targets), classes), np.nan)
    for number in range(classes):
        true, predicted = targets == number, predictions == number
        union = (true | predicted).sum(axis=(1, 2))
        present = union > 0
        result[present, number] = (true & predicted).sum(axis=(1, 2))[present] / union[present]
    return result


def mean_iou(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Compute the mean IoU of each image over the classes in either mask but the background; 1 where there are none."""
    of_classes = iou(targets, predictions, 1 + int(max(targets.max(), predictions.max())))[:, 1:]
    present = ~np.isnan(of_classes)
    counts = present.sum(axis=1)
    return np.where(counts > 0, np.where(present, of_classes, 0.0).sum(axis=1) / np.maximum(counts, 1), 1.0)


def _shares(masks: np.ndarray, names: Sequence[str]) -> np.ndarray:
    return np.bincount(masks.ravel(), minlength=len(names)) / masks.size


def _describe_targets(targets: np.ndarray, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {100 * share:.1f} %" for name, share in zip(names, _shares(targets, names), strict=True))


def _describe_prediction(mask: np.ndarray, pixels: np.ndarray, names: Sequence[str]) -> str:
    shares = _shares(mask, names)
    present = [number for number in np.argsort(-shares, kind="stable") if shares[number]]
    return ", ".join(f"{names[number]} {percent(shares[number], 1)}" for number in present)


IOU = Metric(
    name="iou",
    label="IoU",
    keras="keras_suite.models.metrics:MeanIoU",
    unit=" %",
    difference="percentage points of test IoU",
    scale=100.0,
)
MASK = Task(
    name="mask",
    target="the class of each pixel",
    losses=("cross_entropy",),
    metrics=(IOU,),
    score=IOU,
    score_images=mean_iou,
    source="targets",
    output_shape=lambda image, targets, names: (*targets[1:], len(names)),
    one_hot=True,
    to_predictions=lambda outputs: outputs.argmax(axis=-1).astype(np.uint8),
    describe_targets=_describe_targets,
    describe_prediction=_describe_prediction,
    picture="keras_suite.reports.figures.predictions:coloured",
    figure="keras_suite.reports.figures.predictions:masks_figure",
    output_in_words="how probable each class is, for each pixel",
)
