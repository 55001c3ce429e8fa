"""The index of all reports: each experiment, sweep and study with its question, answer and link."""

import math
import os
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from keras_suite.reports.page.rendering import render
from keras_suite.reports.page.report import Report
from keras_suite.reports.page.study import StudyReport
from keras_suite.reports.sweep.page import TUNERS, SweepReport
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.atomic_files import write_text
from keras_suite.tasks.wording.quantities import duration

_NUMBERS = (int, float)
_COUNTED = frozenset({"variants", "trials", "completed", "failed", "unfinished", "problems", "total_seconds"})
_KEYS = {  # what the template shows of each kind
    kind: frozenset({"name", "question", "answer", "seconds", "total_seconds", "started"} | further)
    for kind, further in (
        ("experiments", {"variants", "completed", "failed", "unfinished", "problems"}),
        ("sweeps", {"trials", "failed", "unfinished"}),
        ("studies", set()),
    )
}


@dataclass(frozen=True)
class Entry:
    """What the index says of a written report, without the numbers of all its runs.

    Attributes:
        html: The report's page.
        kind: The list that it stands in.
        row: What it says there, but for the link.
        problems: A line for each figure that the report lacks.
    """

    html: Path
    kind: Literal["experiments", "sweeps", "studies"]
    row: Mapping[str, Any]
    problems: tuple[str, ...] = ()


def entry_of(report: Report | SweepReport | StudyReport) -> Entry:
    """Return what the index says of a report."""
    if isinstance(report, Report):
        return Entry(report.html, "experiments", _row(report), report.problems)
    if isinstance(report, SweepReport):
        return Entry(report.html, "sweeps", _sweep_row(report))
    return Entry(report.html, "studies", _study_row(report))


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as `from_json` reads it: the page by its name alone."""
    return {"page": entry.html.name, "kind": entry.kind, "row": dict(entry.row), "problems": list(entry.problems)}


def from_json(kept: Any, folder: Path) -> Entry:
    """Return the entry whose page lies in this folder.

    Raises:
        ValueError: If it is no such entry, or its page is gone.
    """
    try:
        page, kind, row, problems = (kept[key] for key in ("page", "kind", "row", "problems"))
        whole = _KEYS[kind] <= row.keys() and (folder / page).is_file() and PurePath(page).name == page
        whole = whole and all(isinstance(row[key], _NUMBERS if key in _COUNTED else str) for key in _KEYS[kind])
        entry = Entry(folder / page, kind, row, tuple(map(str, problems)))
    except (TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise ValueError(f"it is no entry of an index whose page lies in {folder}")
    return entry


def write_index(entries: Sequence[Entry], folder: Path, unread: Mapping[str, str] | None = None) -> Path:
    """Write index.html.

    Args:
        entries: What was written.
        folder: Where index.html is written; links are relative to it.
        unread: Name of a folder -> the reason why it has no report.

    Returns:
        The path of index.html.
    """
    view: dict[str, Any] = {kind: [] for kind in ("experiments", "sweeps", "studies")}
    for entry in sorted(entries, key=lambda entry: entry.row["name"]):
        view[entry.kind].append({**entry.row, "link": _link(entry.html, folder)})
    view["unread"] = [f"{name} has no report: {without_paths(reason)}" for name, reason in (unread or {}).items()]
    view["question"] = "Experiments"
    lectures = folder / "lectures" / "index.html"  # where `lecture --output` was asked to write beside the index
    view["lectures"] = _link(lectures, folder) if lectures.exists() else ""
    write_text(folder / "index.html", render("index.html", view))
    return folder / "index.html"


def _row(report: Report) -> dict[str, Any]:
    numbers = report.numbers
    runs = numbers.runs()
    times = [run.seconds for run in runs if run.seconds is not None]
    seconds = None if numbers.elsewhere and not times else math.fsum(times)
    return {
        "name": numbers.name,
        "question": numbers.question,
        "answer": report.answer,
        "variants": len(numbers.variants),
        "completed": sum(run.status == "completed" for run in runs),
        "failed": sum(run.status == "failed" for run in runs),
        "unfinished": sum(run.status in ("running", "interrupted") for run in runs),
        "seconds": duration(seconds),
        "total_seconds": seconds or 0.0,
        "started": max((run.source.record.get("started") or "" for run in runs if run.source), default="")[:10],
        "problems": len(numbers.problems),
    }


def _sweep_row(report: SweepReport) -> dict[str, Any]:
    sweep = report.sweep
    runs = [run for trial in sweep.trials for run in trial.runs]
    seconds = math.fsum((run.metrics or {}).get("train_seconds") or 0.0 for run in runs)
    return {
        "name": _sweep_name(report),
        "question": without_paths(sweep.question),
        "answer": report.answer,
        "trials": len(sweep.trials) - sweep.count("not ended"),
        "unfinished": not sweep.finished,
        "failed": sweep.count("failed"),
        "seconds": duration(seconds),
        "total_seconds": seconds,
        "started": max((run.record.get("started") or "" for run in runs), default="")[:10],
    }


def _study_row(report: StudyReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "question": report.question,
        "answer": report.answer,
        "seconds": duration(report.seconds),
        "total_seconds": report.seconds,
        "started": report.started[:10],
    }


def _sweep_name(report: SweepReport) -> str:
    return f"{report.sweep.experiment}, {TUNERS[report.sweep.tuner]}"


def _link(page: Path, folder: Path) -> str:
    return urllib.parse.quote(PurePath(os.path.relpath(page, folder)).as_posix())
