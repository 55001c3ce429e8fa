"""Stop training when the monitored quantity has not improved for some epochs, and restore the best weights."""

import math
from typing import Any

import keras

from keras_suite.callbacks.monitor import MIN_DELTA, MONITOR, MinDelta, Monitor, Patience, mode, monitored


def early_stopping(
    *, patience: Patience = 8, monitor: Monitor = MONITOR, min_delta: MinDelta = MIN_DELTA
) -> "EarlyStopping":
    """Stop after `patience` epochs without an improvement by more than `min_delta`, and restore the best weights.

    They are restored also when training runs to its last epoch.

    Args:
        patience: epochs without an improvement; must be above that of `reduce_lr_on_plateau`.
        monitor: the column of the history that is monitored; accuracies are to rise, losses to fall.
        min_delta: the smallest change that counts as an improvement.
    """
    return EarlyStopping(
        monitor=monitor, min_delta=min_delta, patience=patience, mode=mode(monitor), restore_best_weights=True
    )


class EarlyStopping(keras.callbacks.EarlyStopping):
    """Keras's EarlyStopping with a state that can be saved at an epoch's end and set in another process.

    `set_state` is to be called after `on_train_begin`, which resets everything. For a run that had already stopped,
    `set_model`, `set_state` and `on_train_end` put the best weights into the model without fitting it again.
    """

    _SCALARS = ("wait", "best", "best_epoch", "stopped_epoch")

    @property
    def model_epoch(self) -> int | None:
        """The epoch, counted from 1, whose weights the model has after training; None before the first epoch's end."""
        return None if self.best_weights is None else self.best_epoch + 1

    def get_state(self) -> dict[str, Any]:
        """Return JSON values and, under "best_weights", a list of arrays (empty before the first epoch's end)."""
        return {name: getattr(self, name) for name in self._SCALARS} | {"best_weights": self.best_weights or []}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore what `get_state` returned."""
        for name in self._SCALARS:
            setattr(self, name, state[name])
        self.best_weights = state["best_weights"] or None

    def get_monitor_value(self, logs: Any) -> float:
        return monitored(logs, self.monitor)

    def _is_improvement(self, monitor_value: float, reference_value: float | None) -> Any:
        # Keras keeps a NaN best for ever: no number compares as better than NaN.
        if reference_value is not None and math.isnan(reference_value):
            return not math.isnan(monitor_value)
        return super()._is_improvement(monitor_value, reference_value)
