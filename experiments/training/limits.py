"""Limits that a run's best value must have reached after each epoch, else it is stopped. Imports no TensorFlow."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Limits:
    """What a run must reach, as a sweep knew it before the run began.

    Attributes:
        name: The column of the history that is looked at.
        direction: Whether its values are to rise or to fall.
        by_epoch: For each epoch the value that the best so far must have reached; None where there is no limit.
    """

    name: str
    direction: Literal["max", "min"]
    by_epoch: tuple[float | None, ...]


@dataclass(frozen=True)
class Stop:
    """Where a run was stopped: after this epoch, with this value as its best, which misses this limit."""

    epoch: int
    value: float
    limit: float


def stop_of(history: Sequence[Mapping[str, Any]], limits: Limits | None) -> Stop | None:
    """Return where a run with this history was, or is to be, stopped; None where it has kept all limits."""
    best: float | None = None
    for epoch, (row, limit) in enumerate(zip(history, limits.by_epoch if limits else (), strict=False), 1):
        assert limits is not None
        value = row[limits.name]
        if math.isfinite(value) and (best is None or (value > best) == (limits.direction == "max")):
            best = float(value)
        if limit is not None and best is not None and best != limit and (best < limit) == (limits.direction == "max"):
            return Stop(epoch, best, limit)
    return None


def to_json(limits: Limits | None) -> dict[str, Any]:
    """Return what run.json says of limits; empty without."""
    return {"limits": {**asdict(limits), "by_epoch": list(limits.by_epoch)}} if limits else {}


def from_json(record: Mapping[str, Any]) -> Limits | None:
    """Return the limits that a run's record has; None for a run without."""
    found = record.get("limits")
    return Limits(found["name"], found["direction"], tuple(found["by_epoch"])) if found else None
