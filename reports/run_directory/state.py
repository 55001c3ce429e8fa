"""How a run stands: run.json, log.txt, its lock and checkpoint, and metrics.json, which completes it.

Each file is replaced as a whole or not at all.
"""

import contextlib
import json
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.checking import check_seal, read_arrays, read_object
from keras_suite.reports.run_directory.layout import Run, Status
from keras_suite.reports.run_directory.results import read_history
from keras_suite.tasks.atomic_files import read_json, replacing, sha256, write_json

Checkpoint = tuple[dict[str, Any], dict[str, np.ndarray]]


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process out of `folder`; BlockingIOError at once if one is in. A killed holder lets go."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout:
        raise BlockingIOError(
            f"{folder} is in use by another process: wait until it has finished, or choose another --runs-dir"
        ) from None


def begin(directory: Path, record: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Write config.json and a `running` run.json."""
    write_json(directory / layout.CONFIG, config)
    started = {"status": "running", "started": datetime.now(UTC).isoformat(timespec="seconds"), "error": None}
    write_json(directory / layout.RECORD, {"schema": layout.SCHEMA, **record, **started, "heartbeat": time.time()})


def update(directory: Path, **changes: Any) -> None:
    """Change fields of run.json."""
    write_json(directory / layout.RECORD, {**read_json(directory / layout.RECORD), "heartbeat": time.time(), **changes})


@contextlib.contextmanager
def heartbeat(directory: Path, every: float = layout.HEARTBEAT_SECONDS) -> Iterator[None]:
    """Renew run.json's heartbeat every `every` seconds from a thread, also while TensorFlow compiles."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(every):
            with contextlib.suppress(OSError):  # a full disk is reported by the training itself, which writes more
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
    update(directory, status="failed", error={"type": kind, "message": message})


def complete(directory: Path, metrics: Mapping[str, Any], **changes: Any) -> None:
    """Complete the run: run.json says completed, then metrics.json with the checksums of the other files, last."""
    update(directory, status="completed", error=None, **changes)
    present = [directory / name for name in layout.SEALED if (directory / name).exists()]
    files = {path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in present}
    write_json(directory / layout.METRICS, {**metrics, "files": files})


def write_checkpoint(directory: Path, state: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Replace the checkpoint. Floats in `state` come back with every bit (Python's shortest repr)."""
    text = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    with replacing(directory / layout.CHECKPOINT) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, state=text, **arrays)


def read_checkpoint(directory: Path) -> Checkpoint | None:
    """Read what `write_checkpoint` was last given; None if there is none. ValueError if it was damaged (CRC) since."""
    path = directory / layout.CHECKPOINT
    if not path.exists():
        return None
    mend = "restore it, or remove it to train this run again from its first epoch"
    arrays = read_arrays(path, "state", mend=mend)
    try:
        return json.loads(arrays.pop("state").tobytes()), arrays
    except ValueError:
        raise ValueError(f"{path} is damaged: its state is no JSON; {mend}") from None


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
    alive = (time.time() if now is None else now) - record["heartbeat"] < layout.STALE_SECONDS
    return "running" if record["status"] == "running" and alive else "interrupted"


def begun(directory: Path) -> bool:
    """Return whether there is anything of a run; the config alone, which one killed at its start leaves, is nothing."""
    if not directory.exists():
        return False
    return any(path.name != layout.CONFIG and not path.name.startswith(".") for path in directory.iterdir())


def read_run(directory: Path) -> Run:
    """Read one run directory; ValueError or FileNotFoundError names what is missing, edited or too new in it."""
    if not directory.is_dir():
        raise FileNotFoundError(f"there is no run directory {directory}: give one that holds a run.json")
    for name in (layout.RECORD, layout.CONFIG):
        if not (directory / name).exists():
            raise FileNotFoundError(
                f"{directory} is no whole run directory ({name} is missing): restore the file, or remove the directory"
            )
    record = read_object(directory / layout.RECORD, checking.RECORD)
    config = read_object(directory / layout.CONFIG, checking.CONFIG)
    if directory.name.startswith("seed-") and directory.name != f"seed-{record['seed']}":
        raise ValueError(
            f"{directory} holds a run of seed {record['seed']}: expected that of its name; rename or remove it"
        )
    metrics = None
    if (directory / layout.METRICS).exists():
        metrics = read_object(directory / layout.METRICS, checking.METRICS)
        check_seal(directory, metrics)
    return Run(
        path=directory,
        experiment=record["experiment"],
        variant=record["variant"],
        seed=record["seed"],
        status=status_of(record, metrics is not None),
        record=record,
        config=config,
        history=read_history(directory),
        metrics=metrics,
    )
