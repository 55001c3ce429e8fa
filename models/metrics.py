"""What is measured of every model, on training batches and on validation data, beside the loss that is minimised."""

from typing import Any

import keras
from keras import ops


def training_metrics(loss: keras.losses.Loss, classes: int) -> list[keras.metrics.Metric]:
    """Metrics on one-hot (or soft) labels and logits: accuracy, unpenalised_loss and, above 5 classes, top_5_accuracy.

    `unpenalised_loss` is the mean of `loss` without the L1 and L2 penalties that Keras's own "loss" includes, so
    it can be compared between models with different penalties. For soft labels (mixup, cutmix) the accuracies ask
    for the label's largest class.
    """
    metrics = [keras.metrics.CategoricalAccuracy(name="accuracy"), UnpenalisedLoss(loss)]
    if classes > 5:
        metrics.append(keras.metrics.TopKCategoricalAccuracy(k=5, name="top_5_accuracy"))
    return metrics


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
