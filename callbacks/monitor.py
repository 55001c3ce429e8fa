"""What the callbacks that wait for an improvement share: the monitored quantity, its direction, sane pairs."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from keras_suite.tasks import training_metrics
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.near_names import unknown


def _known_monitor(monitor: str) -> str:
    if monitor not in monitors():
        raise PydanticCustomError("unknown_monitor", "{reason}", {"reason": unknown("monitor", monitor, monitors())})
    return monitor


Monitor = Annotated[str, AfterValidator(_known_monitor)]
MinDelta = Annotated[float, Field(ge=0)]
Patience = Annotated[int, Field(ge=1)]

MONITOR = "val_unpenalised_loss"
MIN_DELTA = 1e-4

Direction = Literal["min", "max"]
_also: ContextVar[Mapping[str, Direction]] = ContextVar("also measured", default=MappingProxyType({}))


@contextlib.contextmanager
def also_measured(metrics: Iterable[Metric]) -> Iterator[None]:
    """Let these metrics be monitored in this block, too: the user's own ones of the Config at hand."""
    token = _also.set({metric.name: metric.direction for metric in metrics})
    try:
        yield
    finally:
        _also.reset(token)


def monitors() -> dict[str, Direction]:
    """Return what can be monitored, with its direction: every metric of every task on training and validation data."""
    of_tasks = {name: metric.direction for name, metric in training_metrics().items()}
    directions: dict[str, Direction] = {"loss": "min", **of_tasks, **_also.get()}
    return {f"{part}{name}": direction for part in ("val_", "") for name, direction in directions.items()}


def mode(monitor: str) -> Direction:
    """Return whether the monitored quantity is to rise ("max") or to fall ("min")."""
    if monitor not in monitors():
        raise ValueError(unknown("monitor", monitor, monitors()))
    return monitors()[monitor]


def monitored(logs: Mapping[str, float] | None, monitor: str) -> float:
    """Return the monitored value of an epoch; ValueError if it was not measured, which Keras would only warn of."""
    if logs is None or monitor not in logs:
        raise ValueError(
            f"monitor={monitor!r} was not measured (there are: {', '.join(sorted(logs or {}))}): monitor one of these"
        )
    return logs[monitor]


def refuse_useless_pair(stopping: Mapping[str, Any], plateau: Mapping[str, Any]) -> None:
    """Raise ValueError if training would stop before a cut of the learning rate could help.

    Takes the resolved options of `early_stopping` and `reduce_lr_on_plateau`. After the last improvement the rate is
    cut at epoch `plateau.patience`, and the callback acts again after its cooldown at the earliest.
    """
    if stopping["monitor"] != plateau["monitor"]:
        return
    needed = plateau["patience"] + plateau["cooldown"]
    if stopping["patience"] <= needed:
        raise ValueError(
            f"early_stopping.patience={stopping['patience']} is at or below reduce_lr_on_plateau's patience "
            f"{plateau['patience']} plus cooldown {plateau['cooldown']} on the same monitor {stopping['monitor']!r}: "
            f"training would stop before a lower learning rate could help; set it to {needed + 1} or more"
        )
