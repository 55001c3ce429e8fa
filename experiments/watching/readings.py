"""Runs as they are just now: a file that is half written, or gone, leaves what was read of its run before."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from keras_suite.experiments.scheduling.under_way import Course
from keras_suite.reports import run_directory
from keras_suite.reports.results.run_numbers import task_of_run
from keras_suite.reports.run_directory.layout import HISTORY, METRICS, RECORD, Run
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.task import Metric

MOST_POINTS = 200  # of a curve; longer ones are thinned
GIVEN_UP = 30.0  # seconds for which a run that cannot be read keeps what it was

Stamps = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Reading:
    """What was read of a run directory, of files of which times and sizes; `run` is None while there is none.

    `fault` says why it cannot be read now, and `since` from when on, in seconds since 1970; "" where it can.
    """

    run: Run | None
    stamps: Stamps
    fault: str = ""
    since: float = 0.0

    @property
    def is_damaged(self) -> bool:
        """Whether it cannot be read for longer than writing takes."""
        return bool(self.fault) and time.time() - self.since > GIVEN_UP


class Readings:
    """What was last read of each run directory: files that have not changed are not read again."""

    def __init__(self) -> None:
        self._known: dict[Path, Reading] = {}

    def read(self, directory: Path) -> Reading:
        """Return what a run has come to; its state is that of now, whenever it was read."""
        known, stamps = self._known.get(directory), _stamps(directory)
        if known is None or known.fault or known.stamps != stamps:
            known = _read(directory, stamps, known)
            self._known[directory] = known
        if known.run is None:
            return known
        status = run_directory.status_of(known.run.record, known.run.metrics is not None)
        return replace(known, run=replace(known.run, status=status))


def _read(directory: Path, stamps: Stamps, before: Reading | None) -> Reading:
    try:
        return Reading(run_directory.read_run(directory, needs=()), stamps)
    except (OSError, ValueError) as error:
        since = before.since if before is not None and before.fault else time.time()
        failed = Reading(before.run if before else None, stamps, " ".join(str(error).split()), since)
        return replace(failed, run=None) if failed.is_damaged else failed


def _stamps(directory: Path) -> Stamps:
    found = []
    for name in (RECORD, HISTORY, METRICS):
        try:
            stat = (directory / name).stat()
            found.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            found.append((0, 0))
    return tuple(found)


def view_of(reading: Reading, name: str, metric: Metric | None = None) -> dict[str, Any]:
    """Return a run as the page shows it.

    Args:
        reading: What was read of it.
        name: What it is called.
        metric: Whose validation curve is drawn; None for the score of its task.
    """
    run = reading.run
    if run is None:
        damaged = reading.is_damaged
        return {
            "name": name,
            "state": "damaged" if damaged else "beginning",
            "reason": without_paths(reading.fault) if damaged else "",
        }
    shown = metric or task_of_run(run).score.in_history
    course, epochs = course_of(run), int(run.config.get("epochs") or 0)
    best = course.best(f"val_{shown.name}", shown.direction)
    left = seconds_left_of(run)
    error = run.record.get("error") or {}
    return {
        "name": name,
        "state": run.status,
        "reason": without_paths(str(error.get("message") or "")) if run.status == "failed" else "",
        "epoch": len(run.history),
        "epochs": max(epochs, len(run.history)),
        "best": None if best is None else {"value": best[0], "text": shown.format(best[0]), "epoch": best[1]},
        "left": left if run.status == "running" else None,
        "curve": curve_of(run.history, f"val_{shown.name}", shown),
    }


def course_of(run: Run) -> Course:
    """Return a run's course."""
    return Course(run, run.status == "running", len(run.history))


def seconds_left_of(run: Run) -> float | None:
    """Return the seconds that a run will still take at its pace; None before two epochs have shown it."""
    course, epochs = course_of(run), int(run.config.get("epochs") or 0)
    whole = course.seconds_of_all(epochs)
    if whole is None or epochs <= course.done:
        return None if whole is None else 0.0
    return (epochs - course.done) * fmean(row["seconds"] for row in run.history[1:])


def curve_of(history: tuple[Mapping[str, float], ...], column: str, metric: Metric) -> list[list[Any]]:
    """Return (epoch, value, value in words) of a column, at most MOST_POINTS of them, the last among them."""
    rows = [row for row in history if row.get(column) is not None and row[column] == row[column]]
    step = max(1, -(-len(rows) // MOST_POINTS))
    kept = rows[::-1][::step][::-1]
    return [[int(row["epoch"]), row[column], metric.format(row[column])] for row in kept]
