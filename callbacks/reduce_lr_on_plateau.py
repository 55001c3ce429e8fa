"""Reduce the learning rate when the monitored quantity has stopped improving, by Keras's rule or a lecture's."""

from typing import Annotated, Any, Literal

import keras
from pydantic import Field

from keras_suite.callbacks.monitor import MIN_DELTA, MONITOR, MinDelta, Monitor, Patience, mode, monitored

Rule = Literal["best", "cumulative", "successive", "ratio"]


def reduce_lr_on_plateau(
    *,
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.5,
    patience: Patience = 3,
    cooldown: Annotated[int, Field(ge=0)] = 0,
    min_lr: Annotated[float, Field(ge=0)] = 1e-6,
    rule: Rule = "best",
    monitor: Monitor = MONITOR,
    min_delta: MinDelta = MIN_DELTA,
) -> "ReduceLROnPlateau":
    """Multiply the learning rate by `factor`, not below `min_lr`, after `patience` epochs on a plateau.

    Args:
        factor: by which the learning rate is multiplied.
        patience: epochs on a plateau before a cut; the count starts anew after it.
        cooldown: epochs after a cut that do not count.
        min_lr: the lowest learning rate.
        rule: which epochs count. "best": those that do not improve the best value so far by more than `min_delta`,
            and an improvement sets the count back to 0 (Keras's). "cumulative": the same epochs, but an improvement
            does not set the count back, only a cut does (a lecture's). "successive": those whose value differs from
            the previous epoch's by at most `min_delta` (a lecture's), and a larger change sets the count back: a
            plateau is a flat stretch. It never cuts on 1.0, 1.3, 1.0, 1.3 ..., where "best" does. "ratio": as
            "successive", but of values whose ratio to the previous epoch's is within `min_delta` of 1, so that a small
            loss and a large one are judged alike.
        monitor: the column of the history that is monitored.
        min_delta: the smallest change that counts as one.
    """
    kind = {
        "best": ReduceLROnPlateau,
        "cumulative": ReduceLROnCumulativePlateau,
        "successive": ReduceLROnFlatStretch,
        "ratio": ReduceLROnFlatRatio,
    }[rule]
    return kind(
        monitor=monitor,
        factor=factor,
        patience=patience,
        mode=mode(monitor),
        min_delta=min_delta,
        cooldown=cooldown,
        min_lr=min_lr,
    )


class ReduceLROnPlateau(keras.callbacks.ReduceLROnPlateau):
    """Keras's ReduceLROnPlateau with a state that can be saved at an epoch's end and set in another process.

    Set it after `on_train_begin`. The learning rate itself is a variable of the optimizer and saved with it.
    """

    _SCALARS = ("best", "wait", "cooldown_counter")

    def on_train_begin(self, logs: Any = None) -> None:
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if isinstance(optimizer.get_config()["learning_rate"], dict):
            raise ValueError(
                "reduce_lr_on_plateau cannot change a learning rate that follows a schedule: "
                "set schedule.name=constant, or leave the callback out"
            )
        super().on_train_begin(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        monitored(logs, self.monitor)
        super().on_epoch_end(epoch, logs)

    def get_state(self) -> dict[str, Any]:
        """Return JSON values."""
        return {name: getattr(self, name) for name in self._SCALARS}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore what `get_state` returned."""
        for name in self._SCALARS:
            setattr(self, name, state[name])


class ReduceLROnCumulativePlateau(ReduceLROnPlateau):
    """ReduceLROnPlateau by the rule "cumulative": an improvement leaves the count as it is."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        before = self.get_state()
        super().on_epoch_end(epoch, logs)
        if self.best != before["best"]:  # an improvement, which makes no cut
            self.wait = before["wait"]


class ReduceLROnFlatStretch(ReduceLROnPlateau):
    """ReduceLROnPlateau by the rule "successive": `best` is the previous epoch's value."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)
        self.best = monitored(logs, self.monitor)

    def _is_improvement(self, monitor_value: float, reference_value: float | None) -> bool:
        return reference_value is None or abs(monitor_value - reference_value) > abs(self.min_delta)


class ReduceLROnFlatRatio(ReduceLROnFlatStretch):
    """ReduceLROnPlateau by the rule "ratio": changes are measured in parts of the previous epoch's value."""

    def _is_improvement(self, monitor_value: float, reference_value: float | None) -> bool:
        if reference_value is None:
            return True
        return abs(monitor_value - reference_value) > abs(self.min_delta * reference_value)
