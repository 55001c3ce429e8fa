"""How a run stands: run.json, log.txt, its lock and checkpoint, and metrics.json, which completes it.

Each file is replaced as a whole or not at all.
"""

import contextlib
import json
import shutil
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.layout import Run, Status
from keras_suite.reports.run_directory.reading import (
    check_seals,
    check_whole,
    content,
    mend_of,
    read_arrays,
    read_object,
    seals_of,
)
from keras_suite.reports.run_directory.reading import whole_model as whole_model_at
from keras_suite.reports.run_directory.results import FITTED, read_history, trained_elsewhere
from keras_suite.tasks.atomic_files import replacing, write_json
from keras_suite.tasks.files.damaged import DamagedFile
from keras_suite.tasks.files.sealed_json import write_sealed

LOCK = ".lock"
ARRAYS = "arrays"
UNFINISHED = (
    layout.CONFIG,
    layout.HISTORY,
    layout.DIAGNOSIS,
    layout.EVIDENCE,
)  # what a run has that did not get to its end

Checkpoint = tuple[dict[str, Any], dict[str, np.ndarray]]


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process out of `folder`; BlockingIOError at once if one is in. A killed holder lets go."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / LOCK, timeout=0):
            yield
    except filelock.Timeout:
        raise BlockingIOError(
            f"{folder} is in use by another process: wait until it has finished, or choose another --runs-dir"
        ) from None


def begin(directory: Path, record: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Write config.json and a `running` run.json."""
    write_json(directory / layout.CONFIG, config)
    started = {"status": "running", "started": datetime.now(UTC).isoformat(timespec="seconds"), "error": None}
    files = seals_of(directory, (layout.CONFIG,))
    write_sealed(
        directory / layout.RECORD,
        {**record, **started, "files": files, "heartbeat": time.time()},
    )


def update(directory: Path, **changes: Any) -> None:
    """Change fields of run.json."""
    before = read_object(directory / layout.RECORD, {})
    write_sealed(directory / layout.RECORD, {**before, "heartbeat": time.time(), **changes})


def resume(directory: Path, **changes: Any) -> None:
    """Record that an interrupted or failed run is trained again from its checkpoint: its history will change."""
    update(directory, status="running", error=None, files=seals_of(directory, (layout.CONFIG,)), **changes)


def interrupt(directory: Path) -> None:
    """Record that a run was interrupted, with the seals of its files as far as they go."""
    update(directory, status="interrupted", files=seals_of(directory, UNFINISHED))


@contextlib.contextmanager
def heartbeat(directory: Path, every: float = layout.HEARTBEAT_SECONDS) -> Iterator[None]:
    """Renew run.json's heartbeat every `every` seconds from a thread, also while TensorFlow compiles."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(every):
            with contextlib.suppress(OSError, ValueError):  # training, which writes more, says what is wrong
                update(directory)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def log(directory: Path, text: str) -> None:
    """Append a line with the time to log.txt."""
    with (directory / layout.LOG).open("a", encoding="utf-8") as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text.rstrip()}\n")


def fail(directory: Path, kind: str, message: str) -> None:
    """Record why a run failed: the kind of error, and its message in one line."""
    error = {"type": kind, "message": message}
    update(directory, status="failed", error=error, files=seals_of(directory, UNFINISHED))


def complete(directory: Path, metrics: Mapping[str, Any], **changes: Any) -> None:
    """Complete the run: run.json says completed, then metrics.json with the seals of the other files, last."""
    update(directory, status="completed", error=None, **changes)
    files = seals_of(directory, layout.SEALED)
    write_sealed(directory / layout.METRICS, {**metrics, "files": files})


def write_checkpoint(directory: Path, state: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Replace the checkpoint. Floats in `state` come back with every bit (Python's shortest repr)."""
    listed = {**state, ARRAYS: sorted(arrays)}  # a damaged table of contents may lack some, and each has a CRC alone
    text = np.frombuffer(json.dumps(listed).encode(), dtype=np.uint8)
    with replacing(directory / layout.CHECKPOINT) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, state=text, **arrays)


def read_checkpoint(directory: Path) -> Checkpoint | None:
    """Read what `write_checkpoint` was last given; None if there is none. ValueError if it was damaged (CRC) since."""
    data = content(directory, str(layout.CHECKPOINT), {})
    if data is None:
        return None
    path, mend = directory / layout.CHECKPOINT, "restore it, or run the command again, which trains this run anew"
    arrays = read_arrays(path, data, "state", mend=mend)
    try:
        state = json.loads(arrays.pop("state").tobytes())
    except (ValueError, RecursionError):
        state = None
    if not isinstance(state, dict):
        raise DamagedFile(f"{path} is damaged: its state is no JSON object", mend)
    if state.pop(ARRAYS, sorted(arrays)) != sorted(arrays):  # checkpoints of before list none
        raise DamagedFile(f"{path} is damaged: it does not hold the arrays that it lists", mend)
    return state, arrays


def set_checkpoint_aside(directory: Path) -> Path | None:
    """Rename a checkpoint that cannot be used and return its new path; None if there was none. It goes with the rest
    when the run is completed.
    """
    path = directory / layout.CHECKPOINT
    if not path.exists():
        return None
    return path.replace(path.with_name(f"unusable-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}"))


def set_run_aside(directory: Path) -> Path:
    """Move what a run directory holds out of the way, but its lock, and return where to."""
    kept = directory.parents[2] / ".set-aside" / f"{directory.parent.name}-{directory.name}-{time.time_ns()}"
    kept.mkdir(parents=True)
    for path in directory.iterdir():
        if path.name != LOCK:
            shutil.move(path, kept / path.name)
    return kept


def has_checkpoint(directory: Path) -> bool:
    """Return whether an interrupted run can be resumed from somewhere."""
    return (directory / layout.CHECKPOINT).exists()


def remove_checkpoint(directory: Path) -> None:
    """Free the space of a completed run's checkpoint."""
    shutil.rmtree((directory / layout.CHECKPOINT).parent, ignore_errors=True)


def status_of(record: Mapping[str, Any], completed: bool, now: float | None = None) -> Status:
    """Return what a run is doing: run.json may still say `running` of a process that was killed."""
    if completed:
        return "completed"
    if record["status"] == "failed":
        return "failed"
    since = (time.time() if now is None else now) - record["heartbeat"]
    alive = abs(since) < layout.STALE_SECONDS  # one in the future is of a clock that was put back
    return "running" if record["status"] == "running" and alive else "interrupted"


def begun(directory: Path) -> bool:
    """Return whether there is anything of a run; what one killed at its start leaves, config and source, is nothing."""
    if not directory.exists():
        return False
    before = (layout.CONFIG, layout.SOURCE)
    return any(path.name not in before and not path.name.startswith(".") for path in directory.iterdir())


def is_completed(directory: Path) -> bool:
    """Return whether a run was completed, whatever has become of its files since."""
    return (directory / layout.METRICS).exists()


def read_run(directory: Path, needs: Collection[str] = layout.REPORTED) -> Run:
    """Read one run directory: its record, config, history and metrics.

    Args:
        directory: The run directory.
        needs: The other files that the caller will read, as layout.py names them: they are compared with their seals.

    Raises:
        ValueError, FileNotFoundError: With what is missing, edited or too new among what is needed.
    """
    if not directory.is_dir():
        raise FileNotFoundError(f"there is no run directory {directory}: give one that holds a run.json")
    for name in (layout.RECORD, layout.CONFIG):
        if not (directory / name).exists():
            raise DamagedFile(f"{directory} is no whole run directory, {name} is missing", mend_of(directory))
    record = read_object(directory / layout.RECORD, checking.RECORD)
    checking.check_own_metrics(directory / layout.RECORD, record, mend_of(directory))
    if directory.name.startswith("seed-") and directory.name != f"seed-{record['seed']}":
        raise ValueError(
            f"{directory} holds a run of seed {record['seed']}: expected that of its name; rename it, or move it away"
        )
    metrics = None
    if is_completed(directory):
        metrics = read_object(directory / layout.METRICS, checking.measured_fields(record))
        if (record.get("schema") or 1) > (metrics.get("schema") or 1):  # as an emptied {} has none
            raise DamagedFile(f"{directory / layout.METRICS} is damaged: its checksum is missing", mend_of(directory))
    seals = (record if metrics is None else metrics).get("files") or {}
    check_seals(directory, seals)
    for name in (layout.CONFIG, *needs):
        check_whole(directory, name, seals)
    return Run(
        path=directory,
        experiment=record["experiment"],
        variant=record["variant"],
        seed=record["seed"],
        status=status_of(record, metrics is not None),
        record=record,
        config=read_object(directory / layout.CONFIG, checking.CONFIG),
        history=read_history(directory, seals),
        metrics=metrics,
        seals=seals,
        verified=frozenset((layout.CONFIG, layout.HISTORY, *needs)),
    )


def whole_model(path: Path) -> Path:
    """Return the path of a model that may be loaded: compared with its seal where it lies in a run directory.

    Args:
        path: A run directory, or a model's file, which may lie anywhere.

    Raises:
        FileNotFoundError, ValueError: With what is missing or damaged.
    """
    if path.is_dir():
        run = read_run(path, needs=())
        if run.metrics is None:
            raise ValueError(f"{path} is not completed, so it has no model to ask: run its command to the end first")
        if trained_elsewhere(run.record) and not (path / layout.MODEL).exists():
            if run.record.get("kept") is False:
                raise FileNotFoundError(
                    f"{path} holds no model: fine-tuned, it was not shown to be better, and the head alone was kept: "
                    "give seed-1 of `classifier` beside it"
                )
            if run.record["trained"] == FITTED:
                raise FileNotFoundError(f"{path} holds no model, which all seeds share: give seed-1 beside it")
            raise FileNotFoundError(
                f"{path} was trained by other code, and its model was not recorded: give the .keras file of that code"
            )
        return whole_model_at(path / layout.MODEL, run.seals)
    if path.name == layout.MODEL and is_completed(path.parent):
        return whole_model_at(path, read_run(path.parent, needs=()).seals)
    return path
