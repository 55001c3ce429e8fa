"""Writes run directories. Each file is replaced whole or not at all."""

import contextlib
import csv
import io
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from keras_suite.reports.run_directory import layout
from keras_suite.reports.run_directory.layout import Variant
from keras_suite.tasks.atomic_files import read_json, replacing, sha256, write_json, write_text


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps every other process out of `folder`; BlockingIOError at once if one is in. A killed holder lets go."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout:
        raise BlockingIOError(
            f"{folder} is in use by another process: wait until it has finished, or choose another --runs-dir"
        ) from None


def write_experiment(
    folder: Path,
    *,
    name: str,
    question: str,
    command: str,
    variants: Sequence[Variant],
    against: Sequence[str] = (),
) -> None:
    """Records which variants (the first is the baseline) the experiment compares now, and in which pairs."""
    listed = [{"name": v.name, "directory": v.directory, "overrides": v.overrides} for v in variants]
    write_json(
        folder / layout.LISTING,
        {
            "schema": layout.SCHEMA,
            "name": name,
            "question": question,
            "baseline": variants[0].name,
            "variants": listed,
            "against": list(against),
            "command": command,
        },
    )


def set_aside(folder: Path) -> Path | None:
    """Moves all that an experiment's folder holds out of the way; nothing is deleted. None if there was nothing."""
    content = [path for path in folder.glob("*") if path.name != ".lock"] if folder.exists() else []
    if not content:
        return None
    kept = folder.parent / ".set-aside" / f"{folder.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    kept.mkdir(parents=True)
    for path in content:
        shutil.move(path, kept / path.name)
    return kept


def begin(directory: Path, record: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Writes config.json and a `running` run.json."""
    write_json(directory / layout.CONFIG, config)
    started = {"status": "running", "started": datetime.now(UTC).isoformat(timespec="seconds"), "error": None}
    write_json(directory / layout.RECORD, {"schema": layout.SCHEMA, **record, **started, "heartbeat": time.time()})


def update(directory: Path, **changes: Any) -> None:
    """Changes fields of run.json."""
    write_json(directory / layout.RECORD, {**read_json(directory / layout.RECORD), "heartbeat": time.time(), **changes})


@contextlib.contextmanager
def heartbeat(directory: Path, every: float = layout.HEARTBEAT_SECONDS) -> Iterator[None]:
    """Renews run.json's heartbeat every `every` seconds from a thread, also while TensorFlow compiles."""
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


def write_history(directory: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Writes history.csv whole; floats keep every bit (Python's shortest repr)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    plain = ({key: np.asarray(value).item() for key, value in row.items()} for row in rows)  # np.float64(0.1) as 0.1
    writer.writerows({key: repr(value) for key, value in row.items()} for row in plain)
    write_text(directory / layout.HISTORY, text.getvalue())


def write_diagnosis(directory: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes diagnosis.csv whole: numbers to 6 digits, and nothing at all where a layer has no such number."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: f"{v:.6g}" if isinstance(v, float) else v for key, v in row.items()} for row in rows)
    write_text(directory / layout.DIAGNOSIS, text.getvalue())


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Writes a compressed .npz without pickles, atomically."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def model_file(directory: Path) -> Path:
    """Where the trained model goes."""
    return directory / layout.MODEL


def remove_model(directory: Path) -> None:
    """Frees the space of a completed run's model: first the seal lets go of it, then the file."""
    path = directory / layout.METRICS
    if not path.exists():
        return
    metrics = read_json(path)
    if metrics["files"].pop(layout.MODEL, None) is not None:
        write_json(path, metrics)
    model_file(directory).unlink(missing_ok=True)


def write_predictions(
    directory: Path, labels: np.ndarray, probabilities: np.ndarray, index: np.ndarray | None = None
) -> None:
    """Test labels int64 (n,) and probabilities float32 (n, classes).

    `index` int64 (n,): which of the dataset's images they belong to, where a fold of them was held out as test images.
    """
    of_fold = {} if index is None else {"index": index}
    write_arrays(directory / layout.PREDICTIONS, labels=labels, probabilities=probabilities, **of_fold)


def write_target_predictions(
    directory: Path,
    labels: np.ndarray,
    targets: np.ndarray,
    predictions: np.ndarray,
    index: np.ndarray | None = None,
) -> None:
    """What was asked for and what was given, (n, ...) each, as `scores` has them.

    `labels` int64 (n,) are the classes by which the images were split; `index` as in `write_predictions`.
    """
    of_fold = {} if index is None else {"index": index}
    arrays = {"labels": labels, "targets": targets, "predictions": predictions}
    write_arrays(directory / layout.PREDICTIONS, **arrays, **of_fold)


def write_examples(directory: Path, index: np.ndarray, images: np.ndarray) -> None:
    """Index int64 (k,) and uint8 images (k, h, w, c) of the most confidently wrong, or worst, that one first.

    The index is the place in the test set, or for a fold of it that among the dataset's images, as in predictions.npz.
    """
    write_arrays(directory / layout.EXAMPLES, index=index, images=images)


def write_measured(directory: Path, values: Mapping[str, Any]) -> None:
    """JSON values that the experiment file measured on the test images."""
    write_json(directory / layout.MEASURED, values)


def log(directory: Path, text: str) -> None:
    """Appends a line with the time to log.txt."""
    with (directory / layout.LOG).open("a", encoding="utf-8") as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text.rstrip()}\n")


def fail(directory: Path, kind: str, message: str) -> None:
    """Records why a run failed: the kind of error, and its message in one line."""
    update(directory, status="failed", error={"type": kind, "message": message})


def complete(directory: Path, metrics: Mapping[str, Any], **changes: Any) -> None:
    """Seals the run: run.json says completed, then metrics.json with the checksums of the other files, last."""
    update(directory, status="completed", error=None, **changes)
    present = [directory / name for name in layout.SEALED if (directory / name).exists()]
    files = {path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in present}
    write_json(directory / layout.METRICS, {**metrics, "files": files})
