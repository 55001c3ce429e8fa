"""The entries of the feature cache: paths, users, sizes, and which are removed when space is needed.

    <cache folder>/features/<key>/        an entry, see store.py; entry.json's modification time is its last use
    <cache folder>/features/.locks/       <key>.lock: who changes the entry; <key>.<process>-<n>.use: who reads it

A lock of a killed process is free again, so its use ends with it.
"""

import contextlib
import os
import shutil
import time
import uuid
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from keras_suite.data_pipeline.images.decoded_images import cache_folder
from keras_suite.experiments.feature_cache.index import RECORD_BYTES
from keras_suite.tasks.files.sealed_json import read_sealed, write_sealed

LIMIT_VARIABLE, DEFAULT_LIMIT = "FEATURE_CACHE_BYTES", 10 * 10**9
ROWS, INDEX, ABOUT = "rows.f32", "index", "entry.json"
_DAY = 86_400  # seconds


@dataclass(frozen=True)
class Entry:
    """An entry as listed: `about` describes it for people, `last_used` is in seconds since 1970."""

    key: str
    about: dict[str, Any]
    images: int
    bytes: int
    last_used: float


def features_folder() -> Path:
    """Return the folder of the entries."""
    return cache_folder() / "features"


def limit_bytes() -> int:
    """Return the environment's FEATURE_CACHE_BYTES, else 10 GB."""
    limit = os.environ.get(LIMIT_VARIABLE) or str(DEFAULT_LIMIT)
    if not limit.isascii() or not limit.isdigit() or not int(limit):
        raise ValueError(f"{LIMIT_VARIABLE}={limit!r} is no size: expected a whole number of bytes, 1 or more")
    return int(limit)


def locked(key: str, timeout: float = -1) -> filelock.BaseFileLock:
    """Return the lock under which the entry is changed; without a timeout, acquiring it waits."""
    return filelock.FileLock(_locks() / f"{key}.lock", timeout=timeout)


def begin_use(key: str) -> filelock.BaseFileLock:
    """Mark the entry as used until `end_use`, or until this process ends. Call it under the entry's lock."""
    name = f"{key}.{os.getpid()}-{uuid.uuid4().hex[:8]}.use"
    marker = filelock.FileLock(_locks() / name, thread_local=False)  # whichever thread collects the array ends the use
    marker.acquire()
    return marker


def end_use(marker: filelock.BaseFileLock) -> None:
    """Remove the mark."""
    marker.release()
    Path(marker.lock_file).unlink(missing_ok=True)


def use_while_alive(array: np.ndarray, marker: filelock.BaseFileLock) -> None:
    """End the use when the array, and every view of it, is gone."""
    weakref.finalize(array, end_use, marker)


def users(key: str, besides: filelock.BaseFileLock | None = None) -> list[int]:
    """Return the processes that use the entry, except for one use; marks of killed processes are removed."""
    processes = []
    for path in _locks().glob(f"{key}.*.use"):
        if besides is not None and path == Path(besides.lock_file):
            continue
        mark = filelock.FileLock(path, timeout=0)
        try:
            mark.acquire()
        except filelock.Timeout:
            processes.append(int(path.name.split(".")[1].partition("-")[0]))
        else:
            end_use(mark)
    return sorted(processes)


def entries() -> list[Entry]:
    """Return all entries, the most recently used first."""
    cached = []
    for folder in features_folder().glob("[!.]*"):
        with contextlib.suppress(OSError):  # removed by another process meanwhile
            index, about = folder / INDEX, folder / ABOUT
            used = about if about.exists() else folder
            cached.append(
                Entry(
                    key=folder.name,
                    about=read_about(about),
                    images=index.stat().st_size // RECORD_BYTES if index.exists() else 0,
                    bytes=_size(folder),
                    last_used=used.stat().st_mtime,
                )
            )
    return sorted(cached, key=lambda entry: entry.last_used, reverse=True)


def write_about(path: Path, about: Mapping[str, Any]) -> None:
    """Write an entry.json, with a checksum of what it says."""
    write_sealed(path, about)


def read_about(path: Path) -> dict[str, Any]:
    """Read an entry.json; empty if it is missing or damaged. Those of earlier versions have no checksum."""
    try:
        about = read_sealed(path, "it is made anew")
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def remove(key: str) -> bool:
    """Remove the entry; if it is in use, leave it and return False."""
    try:
        with locked(key, timeout=0):
            if users(key):
                return False
            removed = features_folder() / f".gone-{key}-{uuid.uuid4().hex[:8]}"
            with contextlib.suppress(FileNotFoundError):
                os.replace(features_folder() / key, removed)  # killed from here on, it is no entry any more
    except filelock.Timeout:
        return False
    for left in features_folder().glob(".gone-*"):  # of removals that were killed, too
        shutil.rmtree(left, ignore_errors=True)
    return True


def sweep() -> None:
    """Remove what killed processes left more than a day ago: marks of use, half-written and half-removed files."""
    folder = features_folder()
    for path in (*folder.glob(".locks/*.use"), *folder.glob(".gone-*"), *folder.glob("*/.entry-*")):
        with contextlib.suppress(OSError, filelock.Timeout):  # gone meanwhile, or in use
            if time.time() - path.stat().st_mtime <= _DAY:
                continue
            if path.suffix == ".use":
                mark = filelock.FileLock(path, timeout=0)
                mark.acquire()
                end_use(mark)
            elif path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def make_room(key: str, more: int) -> None:
    """Remove unused entries, least recently used first, until `more` bytes for one entry fit under the limit.

    Raises:
        ValueError: If they still do not fit.
    """
    limit, size = limit_bytes(), _size(features_folder() / key)
    others = [entry for entry in entries() if entry.key != key]
    total = size + more + sum(entry.bytes for entry in others)
    if size + more <= limit:
        for entry in reversed(others):
            if total <= limit:
                return
            if remove(entry.key):
                total -= entry.bytes
    if total <= limit:
        return
    used = total - size - more
    raise ValueError(
        f"features need {megabytes(size + more)} in {features_folder() / key}"
        + (f", and {megabytes(used)} of other features are in use" if size + more <= limit else "")
        + f"; the limit is {megabytes(limit)}: set {LIMIT_VARIABLE}={total} or more, or cache fewer images or views"
    )


def megabytes(size: float) -> str:
    """Format a size in MB or GB, in steps of 1,000."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _locks() -> Path:
    folder = features_folder() / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*"))
