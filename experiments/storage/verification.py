"""Every file that `run` and `tune` keep under a folder, checked. No TensorFlow."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from keras_suite.reports import run_directory
from keras_suite.reports.page.study import RECORD as STUDY
from keras_suite.reports.page.study import read_study
from keras_suite.reports.run_directory.layer_choices import CHOICES, read_choices
from keras_suite.reports.run_directory.layout import HEARTBEAT_SECONDS, LISTING
from keras_suite.reports.run_directory.looks import LOOKS, read_looks
from keras_suite.reports.run_directory.verification import fault_of_checkpoint, faults_of_run
from keras_suite.reports.sweep import journal
from keras_suite.tasks.atomic_files import temporaries
from keras_suite.tasks.files.damaged import DamagedFile, NewerSchema

Kind = Literal[
    "run", "unfinished run", "checkpoint", "listing", "looks", "layers", "study", "journal", "temporary file"
]


@dataclass(frozen=True)
class Fault:
    """Something that is not as it should be.

    Attributes:
        kind: What is damaged. A damaged run had been completed, an unfinished one will be trained on.
        path: The run directory, or else the file.
        lines: What is wrong, a line for each file.
    """

    kind: Kind
    path: Path
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """What was checked: how many of each, those that other processes train now, and the faults."""

    runs: int
    in_training: int
    folders: int
    faults: tuple[Fault, ...]


def verify(path: Path, with_model: bool = False) -> Verified:
    """Check all that lies at `path` or below: a runs folder, an experiment's, a variant's, a sweep's, or one run's.

    Args:
        path: The folder.
        with_model: Whether a model that one run was completed with must be there, where `path` is that run's directory.

    Raises:
        FileNotFoundError: If nothing of the suite's lies there.
    """
    directories = run_directories_below(path)
    lists = sorted(each for name in (LISTING, STUDY, journal.NAME) for each in _below(path, name))
    if not directories and not lists:
        raise FileNotFoundError(f"{path} holds no runs, sweep or study: give a folder that `run` or `tune` wrote into")
    faults = [fault for each in lists for fault in _of_listing(each)]
    faults += [fault for each in sorted(_below(path, LOOKS)) for fault in _of_looks(each)]
    faults += [fault for each in sorted(_below(path, CHOICES)) for fault in _of_choices(each)]
    in_training = 0
    for directory in directories:
        if _in_training(directory):
            in_training += 1
            continue
        faults += _of_run(directory, with_model and directory == path)
    folders = {path, *(each.parent for each in lists), *directories, *(each / "checkpoint" for each in directories)}
    for left in (each for folder in sorted(folders) for each in temporaries(folder)):
        if not _in_training(left.parent) and time.time() - left.stat().st_mtime > 6 * HEARTBEAT_SECONDS:
            faults.append(Fault("temporary file", left, (f"{left} was left by a process that was killed",)))
    return Verified(len(directories), in_training, len(lists), tuple(faults))


def run_directories_below(path: Path) -> list[Path]:
    """Return all run directories at `path` or below it that hold something of a run; what was set aside is left out."""
    candidates = [path] if path.name.startswith("seed-") else []
    candidates += [each for each in path.rglob("seed-*") if ".set-aside" not in each.relative_to(path).parts]
    return sorted(each for each in candidates if each.is_dir() and run_directory.begun(each))


def _below(path: Path, name: str) -> Iterator[Path]:
    return (each for each in path.rglob(name) if ".set-aside" not in each.relative_to(path).parts)


def _of_run(directory: Path, with_model: bool) -> list[Fault]:
    faults = []
    lines = faults_of_run(directory, with_model)
    if lines:
        completed = run_directory.is_completed(directory)
        faults.append(Fault("run" if completed else "unfinished run", directory, tuple(lines)))
    checkpoint = fault_of_checkpoint(directory)
    if checkpoint:
        faults.append(Fault("checkpoint", directory, (checkpoint,)))
    return faults


def _of_listing(path: Path) -> list[Fault]:
    kind: Kind = "study" if path.name == STUDY else "journal" if path.name == journal.NAME else "listing"
    try:
        if kind == "study":
            read_study(path.parent)
        elif kind == "journal":
            journal.read(path)
        else:
            run_directory.read_listing(path.parent)
    except DamagedFile as error:
        return [Fault(kind, path, (error.fault,))]
    except (OSError, ValueError) as error:
        return [Fault(kind, path, (" ".join(str(error).split()),))]
    return []


def _of_looks(path: Path) -> list[Fault]:
    try:
        problem = read_looks(path.parent).problem
    except NewerSchema as error:
        return [Fault("listing", path, (str(error),))]  # it is whole, and left as it is
    return [Fault("looks", path, (problem,))] if problem else []


def _of_choices(path: Path) -> list[Fault]:
    try:
        read_choices(path.parent)
    except (OSError, ValueError) as error:
        return [Fault("layers", path, (str(error),))]
    return []


def _in_training(directory: Path) -> bool:
    """Return whether a process trains this run now: it holds its lock."""
    if not (directory / ".lock").exists():
        return False
    try:
        with run_directory.locked(directory):
            return False
    except BlockingIOError:
        return True
    except OSError:  # a folder that cannot be written to: nobody trains in it
        return False
