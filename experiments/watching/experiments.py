"""An experiment that is being watched: its runs, how far they are, the time left, the best so far, decided or open."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from keras_suite.experiments.scheduling.cost import Unfinished, seconds_left, seconds_of
from keras_suite.experiments.watching.readings import Reading, Readings, seconds_left_of, view_of
from keras_suite.experiments.watching.verdicts import Verdicts
from keras_suite.reports.results.run_numbers import task_of_run
from keras_suite.reports.run_directory.experiment_folder import read_listing, run_directories
from keras_suite.reports.run_directory.layout import Run
from keras_suite.reports.run_directory.planned import Planned, read_plan
from keras_suite.reports.wording import without_paths

WAITING = "not begun"


def experiment_view(folder: Path, readings: Readings, verdicts: Verdicts) -> dict[str, Any]:
    """Return an experiment as the page shows it; ValueError or OSError if its experiment.json cannot be read."""
    listing = read_listing(folder)
    variants = {each["directory"]: each["name"] for each in listing["variants"]}
    plan = read_plan(folder)
    begun = [directory for each in variants for directory in run_directories(folder / each)]
    read = {f"{directory.parent.name}/{directory.name}": readings.read(directory) for directory in begun}
    views = {name: _view(name, reading, variants) for name, reading in read.items()}
    waiting = [name for name in (plan.runs if plan else ()) if name not in read and name.split("/")[0] in variants]
    views |= {name: {"name": _called(name, variants), "state": WAITING, "reason": ""} for name in waiting}
    states = Counter(str(view["state"]) for view in views.values())
    ended = states["completed"] + states["failed"]
    return {
        "kind": "experiment",
        "name": listing["name"],
        "question": without_paths(listing["question"]),
        "states": dict(states),
        "running": states["running"] > 0,
        "ended": ended,
        "planned": len(views),
        "left": _left(read, waiting, variants, plan) if states["running"] else None,
        **_score(read, views),
        "verdict": verdicts.of(folder, ended),
        "changed": max((reading.stamps[0][0] / 1e9 for reading in read.values()), default=0.0),
        "runs": list(views.values()),
    }


def _called(name: str, variants: Mapping[str, str]) -> str:
    directory, seed = name.split("/")
    return f"{variants[directory]} {seed.replace('-', ' ', 1)}"


def _view(name: str, reading: Reading, variants: Mapping[str, str]) -> dict[str, Any]:
    try:
        return {**view_of(reading, _called(name, variants)), "variant": variants[name.split("/")[0]]}
    except ValueError as error:  # of a newer version's task, say
        return {"name": _called(name, variants), "state": "damaged", "reason": without_paths(str(error))}


def _score(read: Mapping[str, Reading], views: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the label of what the curves show, its direction, and the best so far with whose it is."""
    run = next((reading.run for reading in read.values() if reading.run is not None), None)
    if run is None:
        return {"label": "", "best": None}
    try:
        metric = task_of_run(run).score.in_history
    except ValueError:
        return {"label": "", "best": None}
    scored = [view for view in views.values() if view.get("best")]
    best = max(scored, key=lambda view: metric.goodness(view["best"]["value"]), default=None)
    return {
        "label": f"validation {metric.label}",
        "best": best and {"text": best["best"]["text"], "of": f"{best['name']}, epoch {best['best']['epoch']}"},
    }


def _left(
    read: Mapping[str, Reading], waiting: Sequence[str], variants: Mapping[str, str], plan: Planned | None
) -> float | None:
    """Return the seconds until all planned runs have ended, as the command's own line does; None where nobody knows.

    Without a plan, those that have begun, side by side as many as are running.
    """
    runs = {name: reading.run for name, reading in read.items() if reading.run is not None}
    if plan is not None:
        runs = {name: run for name, run in runs.items() if name in plan.runs or run.status == "running"}
    durations: dict[str, list[float]] = {}
    unfinished = [Unfinished(variants[name.split("/")[0]], 1) for name in waiting]
    estimated = dict(plan.estimated) if plan is not None else {}
    for name, run in runs.items():
        variant = variants[name.split("/")[0]]
        if run.status == "completed":
            durations.setdefault(variant, []).append(seconds_of(run))
        elif run.status != "failed":
            unfinished.append(_rest(variant, run))
            if (rest := seconds_left_of(run)) is not None and variant not in durations:
                estimated[variant] = rest + sum(row["seconds"] for row in run.history)
    known = [fmean(each) for each in durations.values()] or list(estimated.values())
    if not known:
        return None
    estimated = {**{each.variant: fmean(known) for each in unfinished}, **estimated}
    workers = plan.workers if plan is not None else sum(run.status == "running" for run in runs.values())
    return seconds_left(unfinished, durations, estimated, max(1, workers))


def _rest(variant: str, run: Run) -> Unfinished:
    epochs = max(int(run.config.get("epochs") or 1), 1)
    return Unfinished(variant, epochs, min(len(run.history), epochs))
