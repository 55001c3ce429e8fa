"""End a run whose loss is no longer a finite number."""

import math
from collections.abc import Collection
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
            "set a lower optimizer.learning_rate, or look for damaged images or labels"
        )


class NonFiniteGuard(keras.callbacks.Callback):
    """Raises NonFiniteLoss out of `fit` as soon as a batch's loss, or any value at an epoch's end, is not finite.

    Keras's "loss" is the mean since the epoch began, so a single bad batch shows in every later one too. Keras converts
    each batch's values in a thread of its own, and may train a few more batches before the error arrives.

    Args:
        may_be_any: Names of metrics that may come to no finite number, as a user's own may.
    """

    async_safe = True  # leaves Keras free to call this from that thread: training never waits for it

    def __init__(self, may_be_any: Collection[str] = ()) -> None:
        super().__init__()
        self._may_be_any = frozenset(may_be_any)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        value = (logs or {}).get("loss", 0.0)
        if not math.isfinite(value):
            raise NonFiniteLoss(self._epoch + 1, "loss", value)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for metric, value in (logs or {}).items():
            if not math.isfinite(value) and metric.removeprefix("val_") not in self._may_be_any:
                raise NonFiniteLoss(epoch + 1, metric, value)
