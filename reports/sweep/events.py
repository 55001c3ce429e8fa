"""The lines of a sweep's journal as they are read; `experiments/tuning/journal.py` writes them, and explains them."""

import json
from pathlib import Path
from typing import Any

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
