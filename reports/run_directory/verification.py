"""Everything that is wrong with the files of one run directory, where `read_run` stops at the first fault."""

import functools
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.reading import check_seals, check_whole, read_object
from keras_suite.reports.run_directory.results import (
    diagnosis,
    evidence,
    examples,
    likeness,
    measured,
    predictions,
    target_predictions,
)
from keras_suite.reports.run_directory.state import is_completed, read_checkpoint, read_run
from keras_suite.reports.run_directory.validation import validation
from keras_suite.tasks.files.damaged import DamagedFile


def faults_of_run(directory: Path, with_model: bool = False) -> list[str]:
    """Return a line for each damaged or missing file of a run directory, its checkpoint apart.

    A model that is not there is no fault but `with_model`: reports do without, and sweeps keep those of the best trials
    only.
    """
    files = [(layout.RECORD, checking.RECORD), (layout.CONFIG, checking.CONFIG)]
    files += [(layout.METRICS, checking.METRICS)] if is_completed(directory) else []
    faults = _faults([functools.partial(read_object, directory / name, fields) for name, fields in files])
    if faults:  # these files hold the seals of the others
        return faults
    seals = read_object(directory / files[-1][0] if is_completed(directory) else directory / layout.RECORD, {})
    sealed: dict[str, Any] = seals.get("files") or {}
    faults = _faults([functools.partial(check_seals, directory, sealed)])
    faults += source_faults(directory, read_object(directory / layout.RECORD, {}))
    if faults:
        return faults
    present = [name for name in sealed if with_model or name != layout.MODEL or (directory / name).exists()]
    faults = _faults([functools.partial(check_whole, directory, name, sealed) for name in present])
    return faults or _faults([functools.partial(_read_all, directory)])


def source_faults(directory: Path, record: Mapping[str, Any]) -> list[str]:
    """Return a line for each file of own parts' kept source that is missing or changed."""
    lines = []
    for name, digest in ((record.get("own_parts") or {}).get("files") or {}).items():
        path = directory / layout.SOURCE / name
        if not path.is_file():
            lines.append(f"{path} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            lines.append(f"{path} is damaged: its checksum is another")
    return lines


def fault_of_checkpoint(directory: Path) -> str:
    """Return what is wrong with a run's checkpoint; "" if nothing, or if it has none."""
    return "; ".join(_faults([functools.partial(read_checkpoint, directory)]))


def _read_all(directory: Path) -> None:
    """Read what no seal covers, as in runs of before there were any."""
    run = read_run(directory)
    for read in (predictions, target_predictions, examples, measured, diagnosis, evidence, likeness, validation):
        read(run)


def _faults(checks: list[Callable[[], object]]) -> list[str]:
    """Return the lines of the errors that these raise, without the mends."""
    lines = []
    for check in checks:
        try:
            check()
        except DamagedFile as error:
            lines.append(error.fault)
        except (OSError, ValueError) as error:
            lines.append(" ".join(str(error).split()))
    return lines
