"""The memory of a sweep: a JSON line for everything that happened, synced to disk before the sweep goes on.

{"event": "begun", "terms": {…}}                            what must stay the same: see terms.py
{"event": "created", "trial": 3, "values": {…}, "overrides": {…}, "fitted": …}
{"event": "waited"}                                         the oracle had nothing until a trial would end
{"event": "ended", "trial": 3, "score": 0.93, "reason": "", "runs": [{"seed": 1, "score": 0.93, …}]}
{"event": "exhausted"}                                      the oracle has no more trials
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_suite.reports.sweep.events import NAME, Event, events_in, read

__all__ = ["NAME", "Event", "append", "read", "recover"]


def append(path: Path, event: Mapping[str, Any]) -> None:
    """Adds one line; it is on the disk when this returns. ValueError for what is no JSON, as NaN."""
    line = json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n"
    with path.open("ab") as file:
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def recover(path: Path) -> list[Event]:
    """All events. What was cut off in the middle of its line never happened, and is removed from the file.

    ValueError if a whole line is damaged: then something else than a crash has changed the file.
    """
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("rb+") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
    return events_in(path, content[:whole])
