"""What the callbacks that wait for an improvement share: the monitored quantity, its direction, sane pairs."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

Monitor = Literal[
    "val_unpenalised_loss",
    "val_loss",
    "val_accuracy",
    "val_top_5_accuracy",
    "val_degrees",
    "val_grey_levels",
    "val_iou",
    "val_words",
    "unpenalised_loss",
    "loss",
    "accuracy",
    "top_5_accuracy",
    "degrees",
    "grey_levels",
    "iou",
    "words",
]
MinDelta = Annotated[float, Field(ge=0)]
Patience = Annotated[int, Field(ge=1)]

MONITOR: Monitor = "val_unpenalised_loss"
MIN_DELTA = 1e-4


def mode(monitor: str) -> Literal["min", "max"]:
    """Accuracies, intersections over unions and right words are to rise, losses and errors to fall."""
    return "max" if monitor.endswith(("accuracy", "iou", "words")) else "min"


def monitored(logs: Mapping[str, float] | None, monitor: str) -> float:
    """The monitored value of an epoch; ValueError if it was not measured, which Keras would only warn of."""
    if logs is None or monitor not in logs:
        raise ValueError(
            f"monitor={monitor!r} was not measured (there are: {', '.join(sorted(logs or {}))}): monitor one of these"
        )
    return logs[monitor]


def refuse_useless_pair(stopping: Mapping[str, Any], plateau: Mapping[str, Any]) -> None:
    """ValueError if training would stop before a cut of the learning rate could help.

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
