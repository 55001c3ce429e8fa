"""How far a sweep is, as a line for people and as status.json for scripts. No TensorFlow."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from keras_suite.tasks.atomic_files import write_json
from keras_suite.tasks.wording.quantities import rough_duration

NAME = "status.json"
State = Literal["running", "interrupted", "stopped", "done", "time is up", "too many failures"]


@dataclass(frozen=True)
class Best:
    """A trial with its score and the values of its hyperparameters."""

    trial: int
    score: float
    hyperparameters: Mapping[str, Any]


@dataclass(frozen=True)
class Status:
    """`planned` trials in all, None if that is not known; `seconds_left` None before there is anything to go by."""

    state: State
    planned: int | None
    completed: int
    failed: int
    running: tuple[str, ...]
    best: Best | None
    base_score: float | None
    seconds_left: float | None


def write_status(folder: Path, status: Status) -> None:
    """Replaces status.json; `updated` is the time in seconds since 1970, and older than a minute if nothing runs."""
    write_json(folder / NAME, {**asdict(status), "updated": time.time()})


def in_words(values: Mapping[str, Any]) -> str:
    """Hyperparameters as a person types them: learning_rate=0.00123, units=64."""
    shown = {name: f"{value:.4g}" if isinstance(value, float) else value for name, value in values.items()}
    return ", ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in shown.items()
        if not name.startswith("tuner/")
    )


def left_in_words(seconds: float | None) -> str:
    """The time left, or nothing while it is not known."""
    return f"; about {rough_duration(seconds)} left" if seconds is not None and seconds >= 1 else ""
