"""A sweep's journal: its events as they are read, and trials.csv made of them."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from keras_suite.tasks.atomic_files import write_text

NAME = "journal.jsonl"
Event = dict[str, Any]


def read(path: Path) -> list[Event]:
    """Return all events so far, for a reader: the file is left as it is. FileNotFoundError if there is none."""
    if not path.exists():
        raise FileNotFoundError(f"{path.parent} holds no {path.name}: give the folder of a sweep, which `tune` made")
    content = path.read_bytes()
    return events_in(path, content[: content.rfind(b"\n") + 1])


def events_in(path: Path, content: bytes) -> list[Event]:
    """Return the events of these whole lines of the file; ValueError if one of them is damaged."""
    events = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise ValueError(
                f"{path} is damaged: line {number} is no event; restore it from a copy, or start anew with --fresh"
            )
        events.append(event)
    return events


COLUMNS = ("trial", "seed", "status", "score", "mean_score", "epochs", "reason", "directory")


def rows(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return a row for each run of each trial in the order of their numbers, the base first; "" where there is nothing.


    `score` is the run's, `mean_score` the trial's, which its oracle was told. Nothing in it depends on the clock: an
    interrupted sweep ends with the same table as one that was left alone.
    """
    created = {event["trial"]: event for event in events if event["event"] == "created"}
    ended = {event["trial"]: event for event in events if event["event"] == "ended"}
    names = list(dict.fromkeys(name for event in created.values() for name in event["values"]))
    table = []
    for number in ([None] if None in ended else []) + sorted(created):
        values = created[number]["values"] if number is not None else {}
        about = {name: values.get(name, "") for name in names}
        end = ended.get(number)
        for run in (end["runs"] or [{}]) if end else [{}]:
            table.append({**_of_run("base" if number is None else number, end, run), **about})
    return table


def _of_run(trial: str | int, end: Event | None, run: dict[str, Any]) -> dict[str, Any]:
    status = "not ended" if end is None else "failed" if run.get("score") is None else "completed"
    mean = "" if end is None or end["score"] is None else end["score"]
    return {
        "trial": trial,
        "seed": run.get("seed", ""),
        "status": status,
        "score": "" if run.get("score") is None else run["score"],
        "mean_score": mean,
        "epochs": run.get("epochs", ""),
        "reason": run.get("reason") or (end["reason"] if end and not run else ""),
        "directory": run.get("directory", ""),
    }


def write_table(path: Path, events: Iterable[Event]) -> None:
    """Write trials.csv, numbers with all their digits."""
    table = rows(list(events))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]) if table else list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    write_text(path, text.getvalue())
