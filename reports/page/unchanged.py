"""Reports whose runs have not changed since: of several, `report` writes only the others again."""

import functools
import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterator
from pathlib import Path

from keras_suite.reports.page.index import Entry, as_json, from_json
from keras_suite.tasks.atomic_files import write_text

KEPT = "report.json"  # what the index says of a report, and what all files were like when it was written
_ROOMS = (Path(__file__).parents[1], Path(__file__).parents[2] / "tasks")  # what writes a report, and its templates
_LIBRARIES = ("matplotlib", "numpy", "scipy", "statsmodels")


def keep(entry: Entry, folder: Path) -> None:
    """Note how the folder is that this report was just written into.

    Not of a report with problems or of runs that go on: it says something else after a while.
    """
    if entry.problems or entry.row["unfinished"]:
        (folder / KEPT).unlink(missing_ok=True)
        return
    write_text(folder / KEPT, json.dumps({"stamp": _stamp(folder), "entry": as_json(entry)}) + "\n")


def unchanged(folder: Path) -> Entry | None:
    """Return what the index says of the report in this folder, if it would be the same again.

    That is if no file of the folder was added, removed, or changed in size or time since, by the same version of the
    suite and of the libraries, for the same place: commands on the page are to be typed where `report` was.

    Returns:
        None if anything is different, unknown or damaged.
    """
    try:
        kept = json.loads((folder / KEPT).read_text(encoding="utf-8"))
        if kept["stamp"] != _stamp(folder):
            return None
        return from_json(kept["entry"], folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp(folder: Path) -> str:
    """Return a hash of what the report depends on."""
    lines = [os.getcwd(), str(folder), _writer(), *_files(folder)]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _files(folder: Path) -> Iterator[str]:
    """Yield a line for each file below the folder: its path, size and time; KEPT itself left out."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            if name != KEPT or place != os.fspath(folder):
                status = os.stat(path)
                yield f"{os.path.relpath(path, folder)} {status.st_size} {status.st_mtime_ns}"


@functools.cache
def _writer() -> str:
    """Return a hash of the code, templates and libraries that write reports."""
    lines = [f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES]
    for room in _ROOMS:
        lines += [line for line in _files(room) if "__pycache__" not in line]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
