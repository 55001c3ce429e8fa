"""A sweep's journal: its events, a line each with a checksum, as they are read; and trials.csv made of them.

A line's checksum is that of all lines up to it, so that a line that was edited, lost or added is noticed. Journals of
before have none; from where one is continued, its lines have.
"""

import functools
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from keras_suite.reports.csv_text import csv_text
from keras_suite.tasks.atomic_files import write_text
from keras_suite.tasks.files.damaged import DamagedFile, require_regular

NAME = "journal.jsonl"
MARKED_SINCE = 2  # a journal whose first line has this schema has a checksum in every line
Event = dict[str, Any]

_MARKED = re.compile(rb'(.*), "crc": "([0-9a-f]{8})"\}')
_NUMBER = int | float
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "begun": {"terms": dict, "metrics": list | None},
    "created": {"trial": int, "values": dict, "overrides": dict},
    "waited": {},
    "ended": {"trial": int | None, "score": _NUMBER | None, "reason": str, "runs": list},
    "exhausted": {},
}
RUN = {
    "seed": int,
    "score": _NUMBER | None,
    "reason": str,
    "epochs": int,
    "seconds": _NUMBER,
    "directory": str,
}


def read(path: Path) -> list[Event]:
    """Return all events so far, for a reader: the file is left as it is. FileNotFoundError if there is none."""
    if not path.exists():
        raise FileNotFoundError(f"{path.parent} holds no {path.name}: give the folder of a sweep, which `tune` made")
    require_regular(path, "restore it from a copy, or run `tune` again with --fresh")
    content = path.read_bytes()
    return events_in(path, content[: content.rfind(b"\n") + 1])


def line_of(event: Mapping[str, Any], before: int) -> bytes:
    """Return an event's line; ValueError for what is not JSON, as NaN.

    Args:
        event: The event.
        before: What `chained` returns of all lines before it.
    """
    body = json.dumps(event, ensure_ascii=False, allow_nan=False).encode()
    return b'%s, "crc": "%08x"}\n' % (body[:-1], zlib.crc32(body, before))


def chained(content: bytes) -> int:
    """Return the checksum over these whole lines, which the next line's own takes up: none can be lost between two."""
    last = content[content.rfind(b"\n", 0, len(content) - 1) + 1 :].rstrip(b"\r\n")
    marked = _MARKED.fullmatch(last)
    if marked:
        return int(marked[2], 16)
    return functools.reduce(lambda before, line: zlib.crc32(line, before), content.splitlines(), 0)


def events_in(path: Path, content: bytes) -> list[Event]:
    """Return the events of these whole lines of the file; DamagedFile if one of them is damaged."""
    events, fault = whole_events(content)
    if fault:
        raise DamagedFile(f"{path} is damaged: {fault}", mend_of(path))
    return events


def whole_events(content: bytes) -> tuple[list[Event], str]:
    """Return the events of these lines up to the first that is damaged, and what is wrong with that one, or ""."""
    events: list[Event] = []
    before, marks = 0, False
    for number, line in enumerate(content.splitlines(), 1):
        marked = _MARKED.fullmatch(line)
        body = marked[1] + b"}" if marked else line
        before = zlib.crc32(body, before)
        event = _event(body)
        if event is None:
            return events, f"line {number} is no event of a sweep"
        if marked and int(marked[2], 16) != before:
            return events, f"line {number}, or a line before it that is gone, is not what was written"
        marks = marks or marked is not None or event.get("schema", 1) >= MARKED_SINCE
        if marks and not marked:
            return events, f"line {number} has no checksum"
        events.append(event)
    return events, ""


def whole_lines(content: bytes) -> bytes:
    """Return the lines up to the first that is damaged."""
    count = len(whole_events(content)[0])
    return b"".join(content.splitlines(keepends=True)[:count])


def mend_of(path: Path) -> str:
    """Say what to do about a damaged journal."""
    return (
        f"restore it from a copy, or cut it off before that line with keras-suite verify {path.parent} --repair; "
        "`tune` then proposes the same trials again and uses their finished runs"
    )


def _event(body: bytes) -> Event | None:
    """Return the event in a line; None if it is none, or lacks what its kind has."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or event.get("event") not in FIELDS:
        return None
    for name, kind in FIELDS[event["event"]].items():
        if not isinstance(event.get(name), kind):
            return None
    runs = event["runs"] if event["event"] == "ended" else []
    whole = all(isinstance(run, dict) and all(isinstance(run.get(k), t) for k, t in RUN.items()) for run in runs)
    return event if whole else None


COLUMNS = ("trial", "seed", "status", "score", "mean_score", "epochs", "reason", "directory")


def rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return a row for each run of each trial in the order of their numbers, the base first; "" where there is nothing.


    `score` is the run's, `mean_score` the trial's, which its oracle was told. Nothing in it depends on the clock, but
    for a time that is optimized: an interrupted sweep ends with the same table as one that was left alone.
    In a sweep of two objectives the cost stands beside the scores, under its name. What the space did not read at a
    trial's values is no setting of it.
    """
    created = {event["trial"]: event for event in events if event["event"] == "created"}
    ended = {event["trial"]: event for event in events if event["event"] == "ended"}
    names = list(dict.fromkeys(name for event in created.values() for name in event["values"]))
    costs = [event["terms"]["cost"] for event in events if event["event"] == "begun" and event["terms"].get("cost")]
    table = []
    for number in ([None] if None in ended else []) + sorted(created):
        values = read_values(created[number]) if number is not None else {}
        about = {name: values.get(name, "") for name in names}
        end = ended.get(number)
        for run in (end["runs"] or [{}]) if end else [{}]:
            row = _of_run("base" if number is None else number, end, run)
            for cost in costs:
                row |= {cost: run.get("cost", ""), f"mean_{cost}": (end or {}).get("cost", "")}
            table.append({**row, **about})
    return table


def read_values(created: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a trial without those that the experiment's space did not read."""
    unread = created.get("unread") or ()
    return {name: value for name, value in created.get("values", {}).items() if name not in unread}


def status_of(end: Event | None) -> Literal["completed", "failed", "stopped", "not ended"]:
    """Return how a trial, or one of its runs, ended."""
    if end is None:
        return "not ended"
    if end.get("score") is not None:
        return "completed"
    return "failed" if end.get("expected") is None else "stopped"


def _of_run(trial: str | int, end: Event | None, run: dict[str, Any]) -> dict[str, Any]:
    status = status_of(run if end is not None else None)
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
    write_text(path, csv_text(rows(list(events)), COLUMNS))
