"""How much room each experiment's runs take, how they stand, and which of them pruning would remove. No TensorFlow."""

import contextlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from keras_suite.experiments.storage.verification import run_directories_below
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import LISTING, RECORD
from keras_suite.reports.sweep.reading import SUFFIX
from keras_suite.tasks.wording.near_names import unknown

State = Literal["completed", "failed", "interrupted", "running", "damaged", "former"]
SET_ASIDE = ".set-aside"
DAY = 86_400.0


@dataclass(frozen=True)
class StoredRun:
    """A run directory: its experiment, its state, its bytes, and when one of its files was last written.

    A "former" run is of a variant that its experiment no longer compares.
    """

    directory: Path
    experiment: str
    state: State
    bytes: int
    changed: float


@dataclass(frozen=True)
class StoredExperiment:
    """All that lies in one experiment's or sweep's folder."""

    name: str
    folder: Path
    runs: tuple[StoredRun, ...]
    bytes: int

    @property
    def states(self) -> Counter[str]:
        """How many runs are in each state."""
        return Counter(run.state for run in self.runs)

    @property
    def changed(self) -> float:
        """When one of its runs was last written to, in seconds since 1970; 0 without runs."""
        return max((run.changed for run in self.runs), default=0.0)


def stored(runs_dir: Path) -> list[StoredExperiment]:
    """Return what lies in a runs folder, by name; FileNotFoundError if there is no such folder."""
    if not runs_dir.is_dir():
        raise FileNotFoundError(f"there is no folder {runs_dir}: give --runs-dir, the folder that `run` wrote into")
    folders = sorted(each for each in runs_dir.iterdir() if each.is_dir() and not each.name.startswith("."))
    nested = [each for folder in folders if folder.name.endswith(SUFFIX) for each in sorted(folder.iterdir())]
    found = [_stored(each, runs_dir) for each in (*(f for f in folders if not f.name.endswith(SUFFIX)), *nested)]
    return sorted((each for each in found if each.bytes), key=lambda each: each.name)


def set_aside_bytes(runs_dir: Path) -> int:
    """Return the bytes of all that `--fresh` and repairs set aside."""
    return sum(each.st_size for each in _files(runs_dir / SET_ASIDE))


def chosen_to_prune(
    experiments: Sequence[StoredExperiment], names: Sequence[str], states: Sequence[str], older_than_days: float | None
) -> list[StoredRun]:
    """Return the runs that all of these choose; ValueError if a name or state is unknown, or nothing chooses.

    Runs that are trained now are never among them.
    """
    if not names and not states and older_than_days is None:
        raise ValueError("--prune would remove every run: say which, with --experiment, --state or --older-than DAYS")
    known = [each.name for each in experiments]
    for name in names:
        if name not in known:
            raise ValueError(unknown("experiment", name, known))
    for state in states:
        if state not in get_args(State):
            raise ValueError(unknown("state", state, get_args(State)))
    if "running" in states:
        raise ValueError("--state running: runs that are trained now are not removed; interrupt their command first")
    before = time.time() - DAY * (older_than_days or 0.0)
    return [
        run
        for each in experiments
        if not names or each.name in names
        for run in each.runs
        if run.state != "running" and (not states or run.state in states) and run.changed <= before
    ]


def prune(runs: Sequence[StoredRun]) -> list[str]:
    """Remove run directories, and return a line for each that could not be removed."""
    kept = []
    for run in runs:
        try:
            with run_directory.locked(run.directory):
                # The record goes last: until then a killed command leaves what is still known as a run.
                for path in sorted(run.directory.iterdir(), key=lambda path: path.name == RECORD):
                    if path.is_dir():
                        shutil.rmtree(path)
                    elif path.name != run_directory.LOCK:
                        path.unlink()
            shutil.rmtree(run.directory)
            if not any(run.directory.parent.iterdir()):
                run.directory.parent.rmdir()
        except OSError as error:
            kept.append(" ".join(str(error).split()))
    return kept


def _stored(folder: Path, runs_dir: Path) -> StoredExperiment:
    name = folder.relative_to(runs_dir).as_posix()
    current = _current_variants(folder)
    runs = tuple(_run(directory, name, current) for directory in run_directories_below(folder))
    beside = _files(folder, without={str(run.directory) for run in runs})
    return StoredExperiment(name, folder, runs, sum(run.bytes for run in runs) + sum(each.st_size for each in beside))


def _current_variants(folder: Path) -> set[str] | None:
    """Return the folders of the variants that an experiment compares; None where that is not known, or not so."""
    if not (folder / LISTING).exists():
        return None
    try:
        return {variant["directory"] for variant in run_directory.read_listing(folder)["variants"]}
    except (ValueError, OSError):
        return None


def _run(directory: Path, experiment: str, current: set[str] | None) -> StoredRun:
    try:
        state: State = run_directory.read_run(directory, needs=()).status
    except (ValueError, OSError):
        state = "damaged"
    if current is not None and directory.parent.name not in current and state != "running":
        state = "former"
    files = list(_files(directory))
    changed = max((each.st_mtime for each in files), default=0.0)
    return StoredRun(directory, experiment, state, sum(each.st_size for each in files), changed)


def _files(folder: Path | str, without: Container[str] = ()) -> Iterator[os.stat_result]:
    """Yield what is known of each file below a folder, but for folders `without`; no links, and none that is gone."""
    with contextlib.suppress(FileNotFoundError, PermissionError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.path not in without:
                    yield from _files(entry.path, without)
            elif entry.is_file(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):
                    yield entry.stat(follow_symlinks=False)
