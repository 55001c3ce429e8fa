"""What a run that was not completed is trained on from: its checkpoint, or anew where something in it is damaged.

Training anew ends with the same bits, so damage costs time and nothing else. What was damaged is set aside, and named
in the log and on the console.
"""

from pathlib import Path
from typing import Any

from keras_suite.callbacks.snapshot import UNSAVED
from keras_suite.experiments.training import limits
from keras_suite.experiments.training.identity import read_own_run
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Checkpoint
from keras_suite.tasks.files.damaged import DamagedFile

NEEDED = {"ended": bool, "stopped": bool, "callbacks": dict}
AT_AN_EPOCHS_END, WITHIN_AN_EPOCH = {"epoch": int}, {"in_epoch": int, "step": int}


def recovered_checkpoint(run: PreparedRun) -> tuple[Checkpoint | None, str]:
    """Return the run's checkpoint, None if it must begin anew, and a sentence on what was damaged, or "".

    Raises:
        OSError: If something damaged cannot be set aside.
    """
    directory = run.directory
    note = set_damaged_aside(directory)
    if note:
        return None, note
    try:
        return _checkpoint_of(directory, run.label), ""
    except ValueError as error:
        return None, set_aside(directory, error)


def set_damaged_aside(directory: Path) -> str:
    """Set a damaged run that was not completed aside, and return a sentence on it; "" if nothing is damaged."""
    if not run_directory.begun(directory):
        return ""
    try:
        read_own_run(directory)
    except (ValueError, FileNotFoundError) as error:
        kept = run_directory.set_run_aside(directory)
        return f"trained anew, because {_fault(error, directory)}; what was there lies in {kept}"
    return ""


def set_other_limits_aside(run: PreparedRun) -> None:
    """Set a run aside that other limits have stopped, or may have: what it came to is not what is asked for now.

    That happens where a sweep's journal was cut. A run that was trained to its end is kept, whatever its limits.
    """
    directory = run.directory
    if not run_directory.begun(directory):
        return
    try:
        found = read_own_run(directory)
    except (ValueError, FileNotFoundError):  # others answer that
        return
    full = found.status == "completed" and not (found.metrics or {}).get("stopped")
    if not full and limits.from_json(found.record) != run.job.limits:
        run_directory.set_run_aside(directory)


def set_aside(directory: Path, reason: Exception) -> str:
    """Set an unusable checkpoint aside, and return a sentence on it."""
    run_directory.set_checkpoint_aside(directory)
    note = f"trained from its first epoch again, because {_fault(reason, directory)}"
    run_directory.log(directory, note)
    return note


def parents_checkpoint(parent: Path) -> Checkpoint | None:
    """Return the checkpoint of a run that another one continues; None if it is gone or damaged."""
    try:
        record = run_directory.read_run(parent, needs=()).record
        return _checkpoint_of(parent, f"{record['identity']}-{record['seed']}")
    except (ValueError, FileNotFoundError):
        return None


def _checkpoint_of(directory: Path, label: str) -> Checkpoint | None:
    checkpoint = run_directory.read_checkpoint(directory)
    if checkpoint is None:
        return None
    state = checkpoint[0]
    if UNSAVED in state:
        raise ValueError(state[UNSAVED])
    needed = NEEDED | (WITHIN_AN_EPOCH if "step" in state else AT_AN_EPOCHS_END)
    wrong = [name for name, kind in needed.items() if not isinstance(state.get(name), kind)]
    if wrong:
        raise ValueError(f"the checkpoint lacks {', '.join(wrong)}")
    _refuse_other_run(state, label)
    return checkpoint


def _refuse_other_run(state: dict[str, Any], label: str) -> None:
    if state.get("run", label) != label:  # checkpoints of before named no run
        raise ValueError(f"the checkpoint is that of another run ({state['run']}, where {label} was expected)")


def _fault(error: Exception, directory: Path) -> str:
    line = error.fault if isinstance(error, DamagedFile) else str(error)
    return " ".join(line.split()).replace(f"{directory}/", "")
