"""What is measured of every model, on training batches and on validation data, beside the loss that is minimised."""

import math
from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import UNPENALISED_LOSS, Metric, Task, load


def metric_names(task: Task, outputs: int) -> tuple[str, ...]:
    """Return the names of `training_metrics`, as columns of history.csv."""
    return tuple(metric.name for metric in task.metrics_of(outputs))


def training_metrics(
    loss: keras.losses.Loss, outputs: int, task: Task = CLASSES, own: Iterable[keras.metrics.Metric] = ()
) -> list[keras.metrics.Metric]:
    """Create the Keras metrics of a task, which see a batch's targets and a network's outputs.

    Args:
        loss: What is minimised. Its mean without the L1 and L2 penalties, which Keras's own "loss" includes, is
            `unpenalised_loss`: it can be compared between models with different penalties.
        outputs: The number of classes, numbers, channels or words that the network outputs.
        task: Which metrics, and where their classes are: see `Task.metrics`.
        own: The user's own ones among the task's, by the names that it gives them.
    """
    by_name = {metric.name: metric for metric in own}

    def created(metric: Metric) -> keras.metrics.Metric:
        if metric is UNPENALISED_LOSS:
            return UnpenalisedLoss(loss)
        return by_name[metric.name] if metric.own else load(metric.keras)(name=metric.name)

    return [created(metric) for metric in task.metrics_of(outputs)]


@keras.saving.register_keras_serializable(package="models")
class UnpenalisedLoss(keras.metrics.Mean):
    """The mean of a loss over the samples seen since the last reset."""

    def __init__(self, loss: Any, name: str = "unpenalised_loss", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.loss = keras.losses.deserialize(loss) if isinstance(loss, dict) else loss
        self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        per_sample = self.loss.call(ops.cast(y_true, self.loss.dtype), ops.cast(y_pred, self.loss.dtype))
        super().update_state(per_sample, sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "loss": keras.losses.serialize(self.loss)}


class _MeanOverImages(keras.metrics.Mean):
    """The mean over all images seen since the last reset of `of_images(y_true, y_pred)`, (b,)."""

    direction = "down"

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self._direction = self.direction

    def of_images(self, y_true: Any, y_pred: Any) -> Any:
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        values = self.of_images(ops.cast(y_true, "float32"), ops.cast(y_pred, "float32"))
        super().update_state(values, sample_weight)


@keras.saving.register_keras_serializable(package="models")
class AngleError(_MeanOverImages):
    """The absolute error of angles (b, 1) in radians, in degrees."""

    def __init__(self, name: str = "degrees", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def of_images(self, y_true: Any, y_pred: Any) -> Any:
        return ops.abs(y_pred - y_true)[:, 0] * (180 / math.pi)


@keras.saving.register_keras_serializable(package="models")
class DirectionError(_MeanOverImages):
    """The angle between vectors (b, 2), in degrees; 90 to a vector of no length."""

    def __init__(self, name: str = "degrees", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def of_images(self, y_true: Any, y_pred: Any) -> Any:
        across = y_true[:, 0] * y_pred[:, 1] - y_true[:, 1] * y_pred[:, 0]
        along = ops.sum(y_true * y_pred, axis=-1)
        nowhere = ops.all(y_pred == 0, axis=-1)
        return ops.where(nowhere, 90.0, ops.abs(ops.arctan2(across, along)) * (180 / math.pi))


@keras.saving.register_keras_serializable(package="models")
class GreyLevelError(_MeanOverImages):
    """The root mean squared error over an image's pixels (b, h, w, c), 0..1, in grey levels 0..255."""

    def __init__(self, name: str = "grey_levels", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def of_images(self, y_true: Any, y_pred: Any) -> Any:
        return 255 * ops.sqrt(ops.mean(ops.square(ops.clip(y_pred, 0, 1) - y_true), axis=(1, 2, 3)))


@keras.saving.register_keras_serializable(package="models")
class MeanIoU(_MeanOverImages):
    """Intersection over union of an image's pixels (b, h, w, classes), one-hot and logits.

    The mean over the classes that the true or the given mask holds, without the first, the background; 1 where both
    hold nothing else.
    """

    direction = "up"

    def __init__(self, name: str = "iou", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def of_images(self, y_true: Any, y_pred: Any) -> Any:
        predicted = ops.one_hot(ops.argmax(y_pred, axis=-1), y_pred.shape[-1], dtype="float32")
        both = ops.sum(y_true * predicted, axis=(1, 2))[:, 1:]
        either = ops.sum(ops.maximum(y_true, predicted), axis=(1, 2))[:, 1:]
        present = ops.cast(either > 0, "float32")
        classes = ops.sum(present, axis=-1)
        iou = ops.sum(both / ops.maximum(either, 1.0), axis=-1) / ops.maximum(classes, 1.0)
        return ops.where(classes > 0, iou, 1.0)


@keras.saving.register_keras_serializable(package="models")
class WordAccuracy(_MeanOverImages):
    """The share of a sentence's words (b, t, words) that are right; positions without a word do not count."""

    direction = "up"

    def __init__(self, name: str = "words", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def of_images(self, y_true: Any, y_pred: Any) -> Any:
        counted = ops.sum(y_true, axis=-1)
        right = ops.cast(ops.argmax(y_true, axis=-1) == ops.argmax(y_pred, axis=-1), "float32") * counted
        return ops.sum(right, axis=-1) / ops.maximum(ops.sum(counted, axis=-1), 1.0)
