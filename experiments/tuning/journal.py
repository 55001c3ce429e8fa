"""The memory of a sweep: its trials, and a JSON line, synced to disk, for everything that happened to them.

Each line ends with "crc", the checksum of all lines up to it: see reports/sweep/journal.py.

{"event": "begun", "schema": 2, "terms": {…}}               the settings that identify the sweep: see request.py
                                                            with "metrics", those of the user's own, where there are any
{"event": "created", "trial": 3, "values": {…}, "overrides": {…}, "fitted": …}
{"event": "waited"}                                         the oracle had no trial until another one would end
{"event": "ended", "trial": 3, "score": 0.93, "reason": "", "runs": [{"seed": 1, "score": 0.93, …}]}
{"event": "exhausted"}                                      the oracle has no more trials
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from keras_suite.reports.sweep.hyperparameters import EPOCHS, shown
from keras_suite.reports.sweep.journal import MARKED_SINCE, NAME, Event, chained, events_in, line_of, read

__all__ = [
    "BASE",
    "MARKED_SINCE",
    "NAME",
    "Event",
    "ScoredTrial",
    "Trial",
    "TrialResult",
    "TrialRun",
    "append",
    "read",
    "recover",
]

BASE = "base"
TAIL_BYTES = 4096


@dataclass(frozen=True)
class Trial:
    """A trial as it was proposed.

    Attributes:
        number: Counts from 0.
        values: The hyperparameters' values, with KerasTuner's own under "tuner/".
        overrides: What the experiment's `space(hp)` returned for them.
        fitted: A JSON value with which the oracle need not compute this proposal again.
    """

    number: int
    values: Mapping[str, Any]
    overrides: Mapping[str, Any]
    fitted: Any = None

    @property
    def until(self) -> int | None:
        """The epoch that Hyperband trains it until; None with other oracles."""
        return self.values.get(EPOCHS)

    @property
    def parent(self) -> int | None:
        """The trial that it resumes from; None for a new one."""
        parent = self.values.get("tuner/trial_id")
        return None if parent is None else int(parent)

    def to_event(self) -> Event:
        """Return the event that the trial was created."""
        event = {"event": "created", "trial": self.number, "values": self.values, "overrides": self.overrides}
        return event if self.fitted is None else {**event, "fitted": self.fitted}

    @classmethod
    def from_event(cls, event: Event) -> "Trial":
        """Return the trial that an event created."""
        return cls(event["trial"], event["values"], event["overrides"], event.get("fitted"))


@dataclass(frozen=True)
class TrialRun:
    """One seed of a trial: its score, or the reason why it has none. `directory` is relative to the sweep's folder."""

    seed: int
    score: float | None
    reason: str
    epochs: int
    seconds: float
    directory: str


@dataclass(frozen=True)
class TrialResult:
    """How a trial ended, None being the unchanged base: with the mean score of its seeds, or failed for a reason."""

    trial: int | None
    score: float | None
    reason: str
    runs: tuple[TrialRun, ...]

    def to_event(self) -> Event:
        """Return the event that the trial ended."""
        return {"event": "ended", **asdict(self)}

    @classmethod
    def from_event(cls, event: Event) -> "TrialResult":
        """Return the result that an event recorded."""
        runs = tuple(TrialRun(**run) for run in event["runs"])
        return cls(event["trial"], event["score"], event["reason"], runs)


@dataclass(frozen=True)
class ScoredTrial:
    """A trial with its score and the values of its hyperparameters."""

    trial: int
    score: float
    hyperparameters: Mapping[str, Any]


def variant_of(number: int | None) -> str:
    """Return a trial's name in paths and on the terminal; the base's for None."""
    return BASE if number is None else f"trial-{number:04d}"


def number_of(variant: str) -> int:
    """Return the number of the trial that `variant_of` named."""
    return int(variant.removeprefix("trial-"))


def in_words(values: Mapping[str, Any]) -> str:
    """Return hyperparameters as they are typed: learning_rate=0.00123, units=64."""
    return ", ".join(f"{name}={shown(value)}" for name, value in values.items() if not name.startswith("tuner/"))


def append(path: Path, event: Mapping[str, Any]) -> None:
    """Add one line, which is on the disk when this returns; ValueError for what is not JSON, as NaN."""
    line = line_of(event, _chained(path))
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _chained(path: Path) -> int:
    """Return the checksum that the next line takes up, from as little of the file's end as has it."""
    size = path.stat().st_size if path.exists() else 0
    if not size:
        return 0
    with path.open("rb") as file:
        for length in (TAIL_BYTES, 64 * TAIL_BYTES):
            file.seek(max(size - length, 0))
            tail = file.read()
            if tail.count(b"\n") > 1 and tail.rstrip(b"\r\n").endswith(b'"}') and b', "crc": "' in tail[-32:]:
                return chained(tail)
        file.seek(0)
        return chained(file.read())


def recover(path: Path) -> list[Event]:
    """Return all events, and cut off a line that was interrupted: its event never happened.

    Raises:
        DamagedFile: If a complete line is damaged, which no crash can have done.
    """
    if not path.exists():
        return []
    content = path.read_bytes()
    complete = content.rfind(b"\n") + 1
    events = events_in(path, content[:complete])
    if complete < len(content):
        cut(path, complete)
    return events


def cut(path: Path, size: int) -> None:
    """Cut a journal off after `size` bytes."""
    with path.open("rb+") as file:
        file.truncate(size)
        os.fsync(file.fileno())
