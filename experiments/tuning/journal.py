"""The memory of a sweep: its trials, and a JSON line, synced to disk, for everything that happened to them.

Each line ends with "crc", the checksum of all lines up to it: see reports/sweep/journal.py.

{"event": "begun", "schema": 2, "terms": {…}}               the settings that identify the sweep: see request.py
                                                            with "metrics", those of the user's own, where there are any
{"event": "created", "trial": 3, "values": {…}, "overrides": {…}, "fitted": …}
{"event": "waited"}                                         the oracle had no trial until another one would end
{"event": "ended", "trial": 3, "score": 0.93, "reason": "", "runs": [{"seed": 1, "score": 0.93, …}]}
{"event": "ended", "trial": 4, "score": null, "reason": "stopped …", "expected": 0.71, "runs": […]}

Where hopeless trials are stopped, "created" has "limits", what the trial must reach after each epoch, and "bars", what
its first 1, 2, … seeds must reach for another; each run has its "curve": what a decision rests on was there before.
Where a cost is optimized, too, "ended" and each of its runs have it, as "cost". What the space did not read at the
values of "created" is listed there as "unread".

{"event": "exhausted"}                                      the oracle has no more trials
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from keras_suite.reports.sweep.hyperparameters import EPOCHS, shown
from keras_suite.reports.sweep.journal import MARKED_SINCE, NAME, Event, chained, events_in, line_of, read, read_values

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
    "read_values",
    "recover",
]

BASE = "base"
TAIL_BYTES = 4096
UNUSED = ("curve", "expected", "cost")  # in the journal only where there is one


def settings_in(folder: Path) -> dict[str, Any]:
    """Return the settings of the sweep in a folder, as its journal holds them; empty if there is none."""
    path = folder / NAME
    events = read(path) if path.exists() else []
    return events[0]["terms"] if events else {}


@dataclass(frozen=True)
class Trial:
    """A trial as it was proposed.

    Attributes:
        number: Counts from 0.
        values: The hyperparameters' values, with KerasTuner's own under "tuner/".
        overrides: What the experiment's `space(hp)` returned for them.
        fitted: A JSON value with which the oracle need not compute this proposal again.
        limits: What its runs must have reached after each epoch, else they are stopped; None where nothing stops them.
        bars: What the mean of its first 1, 2, … seeds must reach for another; None where it gets all seeds.
        unread: The hyperparameters that the space did not ask for at these values, as behind an `if` of Python's.
    """

    number: int
    values: Mapping[str, Any]
    overrides: Mapping[str, Any]
    fitted: Any = None
    limits: tuple[float | None, ...] | None = None
    bars: tuple[float, ...] | None = None
    unread: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """The values that the space read: what the trial was trained with."""
        return read_values(self.to_event())

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
        more = {
            "fitted": self.fitted,
            "limits": None if self.limits is None else list(self.limits),
            "bars": None if self.bars is None else list(self.bars),
            "unread": list(self.unread) or None,
        }
        return event | {name: value for name, value in more.items() if value is not None}

    @classmethod
    def from_event(cls, event: Event) -> "Trial":
        """Return the trial that an event created."""
        limits, bars = (None if event.get(key) is None else tuple(event[key]) for key in ("limits", "bars"))
        unread = tuple(event.get("unread") or ())
        return cls(event["trial"], event["values"], event["overrides"], event.get("fitted"), limits, bars, unread)


@dataclass(frozen=True)
class TrialRun:
    """One seed of a trial.

    Attributes:
        score: None for one that failed or was stopped.
        reason: Why it has no score.
        directory: Relative to the sweep's folder.
        curve: The objective after each epoch, None where it was no finite number, in a sweep that compares curves.
        expected: The score that a run which was stopped would probably have had; None for the others.
        cost: What it cost, in a sweep that optimizes that, too.
    """

    seed: int
    score: float | None
    reason: str
    epochs: int
    seconds: float
    directory: str
    curve: tuple[float | None, ...] | None = None
    expected: float | None = None
    cost: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what the journal holds of it."""
        return {key: value for key, value in asdict(self).items() if value is not None or key not in UNUSED}

    @classmethod
    def from_json(cls, run: Mapping[str, Any]) -> "TrialRun":
        """Return the run that the journal holds."""
        curve = run.get("curve")
        return cls(**{**run, "curve": None if curve is None else tuple(curve)})


@dataclass(frozen=True)
class TrialResult:
    """How a trial ended, None being the unchanged base: with the mean score of its seeds, or with a reason for none.

    Attributes:
        expected: What its oracle is told of a trial that was stopped: the score that it would probably have had. None
            for one that has a score or failed.
        cost: The mean cost of its runs, in a sweep that optimizes that, too.
    """

    trial: int | None
    score: float | None
    reason: str
    runs: tuple[TrialRun, ...]
    expected: float | None = None
    cost: float | None = None

    @property
    def failed(self) -> bool:
        """Whether it has no score and was not stopped either."""
        return self.score is None and self.expected is None

    def to_event(self) -> Event:
        """Return the event that the trial ended."""
        event = {"event": "ended", "trial": self.trial, "score": self.score, "reason": self.reason}
        more = {"expected": self.expected, "cost": self.cost}
        event |= {name: value for name, value in more.items() if value is not None}
        return {**event, "runs": [run.to_json() for run in self.runs]}

    @classmethod
    def from_event(cls, event: Event) -> "TrialResult":
        """Return the result that an event recorded."""
        runs = tuple(TrialRun.from_json(run) for run in event["runs"])
        return cls(event["trial"], event["score"], event["reason"], runs, event.get("expected"), event.get("cost"))


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
