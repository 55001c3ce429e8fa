"""A row of numbers for every epoch, with all columns from the first one on, whatever happens later."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras

Row = dict[str, float]


def history_columns(metrics: Sequence[str]) -> tuple[str, ...]:
    """Return the columns in order, where these metrics are measured beside the loss."""
    measured = ("loss", *metrics)
    validated = tuple(f"val_{name}" for name in measured)
    return ("epoch", "phase", *measured, *validated, "learning_rate", "seconds", "images_per_second")


class History(keras.callbacks.Callback):
    """Records an epoch's numbers, and passes all rows so far to `write` after every epoch.

    epoch counts from 1 over all phases, whose number, from 1 up, is `phase`. learning_rate is what the epoch was
    trained with: a schedule's value at the epoch's last batch, and never what ReduceLROnPlateau sets for the next
    epoch. seconds is the whole epoch's wall time with validation; images_per_second counts training images over the
    time of the training part. The first epoch of a process includes tracing the graph.

    `rows` are those of earlier phases. `get_state` and `set_state` carry all rows over to another process; call
    `set_state` after `on_train_begin`.
    """

    def __init__(
        self,
        metrics: Sequence[str],
        write: Callable[[Sequence[Row]], None],
        images_per_epoch: int,
        *,
        phase: int = 1,
        rows: Sequence[Row] = (),
    ) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._phase, self._before = phase, tuple(rows)
        self._columns = history_columns(metrics)
        self._write, self._images = write, images_per_epoch

    def on_train_begin(self, logs: Any = None) -> None:
        self.rows = list(self._before)
        self._schedule = _schedule(self.model.optimizer)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._began, self._trained = time.perf_counter(), 0.0
        if self._schedule is None:
            self._learning_rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def on_test_begin(self, logs: Any = None) -> None:
        self._trained = time.perf_counter() - self._began

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        seconds = time.perf_counter() - self._began
        if self._schedule is not None:
            done = keras.ops.convert_to_numpy(self.model.optimizer.iterations)
            self._learning_rate = float(self._schedule(done - 1))
        row = {
            **(logs or {}),
            "epoch": epoch + 1,
            "phase": self._phase,
            "learning_rate": self._learning_rate,
            "seconds": seconds,
            "images_per_second": self._images / (self._trained or seconds),
        }
        missing = [name for name in self._columns if name not in row]
        if missing:
            raise ValueError(
                f"the history's columns {', '.join(missing)} were not measured (there are: {', '.join(sorted(row))}): "
                "compile with models.metrics.training_metrics and fit with validation_data"
            )
        self.rows.append({name: row[name] for name in self._columns})
        self._write(self.rows)

    def get_state(self) -> dict[str, Any]:
        """Return the rows so far, and of the epoch that is under way its seconds and learning rate: JSON values."""
        rate = {} if self._schedule else {"learning_rate": self._learning_rate}
        return {"rows": self.rows, "seconds": time.perf_counter() - self._began, **rate}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue what `get_state` returned, and pass the rows to `write`: there may be none to come."""
        self.rows = [{"epoch": row["epoch"], "phase": 1, **row} for row in state["rows"]]
        self._began = time.perf_counter() - state.get("seconds", 0.0)  # checkpoints of before have none
        if "learning_rate" in state:
            self._learning_rate = state["learning_rate"]
        self._write(self.rows)


def _schedule(optimizer: Any) -> Any:
    """Return the optimizer's learning-rate schedule; None if its learning rate is a number."""
    rate = getattr(optimizer, "inner_optimizer", optimizer).get_config()["learning_rate"]
    return keras.optimizers.schedules.deserialize(rate) if isinstance(rate, dict) else None
