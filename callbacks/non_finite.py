"""Ending a run whose loss is no number any more."""

import math
from typing import Any

import keras


class NonFiniteLoss(ArithmeticError):
    """A measured quantity became NaN or infinite. `epoch` counts from 1."""

    def __init__(self, epoch: int, metric: str, value: float) -> None:
        super().__init__(epoch, metric, value)
        self.epoch, self.metric, self.value = epoch, metric, value

    def __str__(self) -> str:
        return (
            f"{self.metric} became {self.value} in epoch {self.epoch}: "
            "lower optimizer.learning_rate, or look for damaged images or labels"
        )


class NonFiniteGuard(keras.callbacks.Callback):
    """Raises NonFiniteLoss out of `fit` at the end of the epoch in which any logged value is NaN or infinite."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for metric, value in (logs or {}).items():
            if not math.isfinite(value):
                raise NonFiniteLoss(epoch + 1, metric, value)
