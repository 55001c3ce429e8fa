"""A sweep that is being watched: its trials with their settings and scores, the time left, the best so far."""

import contextlib
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_suite.experiments.tuning.journal import in_words, variant_of
from keras_suite.experiments.watching.readings import Readings, view_of
from keras_suite.reports.run_directory.layout import STALE_SECONDS
from keras_suite.reports.sweep import journal
from keras_suite.reports.sweep.journal import Event
from keras_suite.reports.sweep.reading import STATUS, objectives, own_metrics_of
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.files.sealed_json import read_sealed
from keras_suite.tasks.task import Metric


def sweep_view(folder: Path, readings: Readings) -> dict[str, Any]:
    """Return a sweep as the page shows it; ValueError or OSError if its journal cannot be read."""
    events = journal.read(folder / journal.NAME)
    if not events or events[0]["event"] != "begun":
        raise ValueError(f"{folder / journal.NAME} does not say how the sweep began")
    begun, status = events[0], _status(folder)
    metric = objectives(own_metrics_of(begun)).get(begun["terms"].get("objective"))
    if metric is None:
        raise ValueError(f"{folder / journal.NAME} names an unknown objective: update the suite")
    created = {event["trial"]: event for event in events if event["event"] == "created"}
    ended = {event["trial"]: event for event in events if event["event"] == "ended"}
    numbers = [*([None] if None in ended or any(folder.glob("base-*")) else []), *sorted(created)]
    views = [_trial(folder, number, created.get(number), ended.get(number), metric, readings) for number in numbers]
    states = Counter(str(view["state"]) for view in views if view["number"] is not None or view["state"] == "running")
    age = time.time() - float(status.get("updated") or 0.0)
    running = status.get("state") == "running" and (states["running"] > 0 or abs(age) < STALE_SECONDS)
    left = status.get("seconds_left")
    scored = [view for view in views if view.get("score") is not None and view["number"] is not None]
    best = max(scored, key=lambda view: metric.goodness(view["score"]), default=None)
    planned = status.get("planned")
    return {
        "kind": "sweep",
        "name": f"{folder.parent.name.removesuffix('.tune')}, {begun['terms'].get('tuner', '')} search",
        "question": without_paths(begun.get("question") or ""),
        "states": dict(states),
        "running": running,
        "state": "running" if running else _ended(status),
        "ended": sum(number is not None for number in ended),
        "planned": planned if isinstance(planned, int) else None,
        "left": max(left - age, 0.0) if running and isinstance(left, int | float) else None,
        "label": f"validation {metric.label}",
        "best": best and {"text": best["best"]["text"], "of": f"{best['name']} ({best['settings']})"},
        "verdict": {"state": "", "text": ""},
        "changed": float(status.get("updated") or 0.0),
        "runs": views,
    }


def _ended(status: Mapping[str, Any]) -> str:
    state = str(status.get("state") or "interrupted")
    return "interrupted" if state == "running" else state


def _trial(
    folder: Path, number: int | None, created: Event | None, ended: Event | None, metric: Metric, readings: Readings
) -> dict[str, Any]:
    """Return a trial, None being the base, with the curve of its first run that can be read."""
    name, values = variant_of(number), journal.read_values(created or {})
    runs = [folder / run["directory"] for run in ended["runs"]] if ended else sorted(folder.glob(f"{name}-*/seed-*"))
    views = []
    for directory in runs:
        with contextlib.suppress(ValueError):
            views.append(view_of(readings.read(directory), name, metric))
    shown = next((view for view in views if view["state"] == "running"), next(iter(views), {}))
    if ended is None:
        state = "running" if any(view["state"] == "running" for view in views) else "not ended"
        score = None
    else:
        state, score = journal.status_of(ended), ended["score"]
    own = {} if score is None else {"best": {"value": score, "text": metric.format(score), "epoch": None}}
    return {
        **shown,
        "name": "the base" if number is None else name,
        "number": number,
        "settings": "the unchanged base" if number is None else in_words(values),
        "state": state,
        "score": score,
        "reason": without_paths(ended["reason"]) if ended else "",
        "left": shown.get("left") if state == "running" else None,
        **own,
    }


def _status(folder: Path) -> Mapping[str, Any]:
    """Return what status.json says; it may be just being replaced."""
    with contextlib.suppress(ValueError, OSError):
        status = read_sealed(folder / STATUS, "")
        return status if isinstance(status, dict) else {}
    return {}
