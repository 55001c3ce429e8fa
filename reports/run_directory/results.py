"""What a run comes to, file by file: the writer of each file stands beside its reader.

Each file is replaced as a whole or not at all.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.checking import check_fields
from keras_suite.reports.run_directory.layout import Run
from keras_suite.reports.run_directory.reading import (
    Seals,
    content,
    mend_of,
    read_arrays,
    read_object,
)
from keras_suite.reports.run_directory.recent_arrays import Arrays, RecentArrays
from keras_suite.tasks.atomic_files import replacing, write_json, write_text
from keras_suite.tasks.files.damaged import DamagedFile
from keras_suite.tasks.files.sealed_json import read_json_text, write_sealed

NO_SEALS: Seals = MappingProxyType({})
RECENT = RecentArrays()
# "trained" in run.json, of runs that `run` and `tune` did not train: by other code, and by `classify`.
ELSEWHERE, FITTED = "elsewhere", "classify"
FINE_TUNED = "classify --fine-tune"  # a fold of it, or all images: trained as `run` trains, from a fitted head on


def write_history(directory: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Write all rows of history.csv; floats keep every bit (Python's shortest repr)."""

    def cell(value: Any) -> str:
        return repr(np.asarray(value).item())  # np.float64(0.1) as 0.1

    _write_rows(directory / layout.HISTORY, rows, cell)


def read_history(directory: Path, seals: Seals = NO_SEALS) -> tuple[dict[str, float], ...]:
    """Read the rows of history.csv, one for each epoch; none if no epoch has ended."""
    rows = _read_rows(directory, layout.HISTORY, seals, lambda column, text: float(text))
    if any(row.get("epoch", number) != number for number, row in enumerate(rows, 1)):
        raise DamagedFile(
            f"{directory / layout.HISTORY} is damaged: its epochs do not count from 1", mend_of(directory)
        )
    return rows


def write_diagnosis(directory: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write all rows of diagnosis.csv: numbers to 6 digits, and nothing where a layer has no such number."""
    _write_rows(directory / layout.DIAGNOSIS, rows, _six_digits)


def write_evidence(directory: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write all rows of evidence.csv, as those of diagnosis.csv."""
    _write_rows(directory / layout.EVIDENCE, rows, _six_digits)


def _six_digits(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def evidence(run: Run) -> tuple[dict[str, Any], ...]:
    """Read the rows of evidence.csv, numbers or None. No rows for runs from before it."""
    return _read_probes(run, layout.EVIDENCE)


def diagnosis(run: Run) -> tuple[dict[str, Any], ...]:
    """Read the rows of diagnosis.csv: `layer` is its name, all else numbers or None. None for runs from before it."""
    return _read_probes(run, layout.DIAGNOSIS)


def _read_probes(run: Run, name: str) -> tuple[dict[str, Any], ...]:
    def value(column: str, text: str) -> str | int | float | None:
        if column == "layer":
            return text
        if column in ("epoch", "phase"):
            return int(text)
        return None if text == "" else float(text)

    return _read_rows(run.path, name, seals_to_check(run), value)


def _write_rows(path: Path, rows: Sequence[Mapping[str, Any]], cell: Callable[[Any], Any]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: cell(value) for key, value in row.items()} for row in rows)
    write_text(path, text.getvalue())


def _read_rows(
    directory: Path, name: str, seals: Seals, value: Callable[[str, str], Any]
) -> tuple[dict[str, Any], ...]:
    data = content(directory, name, seals)
    if data is None:
        return ()
    try:
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        return tuple({key: value(key, cell) for key, cell in row.items()} for row in csv.DictReader(text))
    except (TypeError, ValueError, csv.Error):
        raise DamagedFile(
            f"{directory / name} is damaged: a row holds something that is no number", mend_of(directory)
        ) from None


def seals_to_check(run: Run) -> Seals:
    """Return the seals of the files that have not been compared with them since the run was read."""
    return {name: sealed for name, sealed in run.seals.items() if name not in run.verified}


def arrays_of(run: Run, name: str, *names: str) -> Arrays | None:
    """Read one of the run's .npz files, which must have the arrays `names`; None where it has no such file."""

    def read() -> dict[str, np.ndarray] | None:
        data = content(run.path, name, seals_to_check(run))
        return None if data is None else read_arrays(run.path / name, data, *names)

    return RECENT.of(run.path / name, f"{run.seals.get(name)} {names}", read)


class Predictions(NamedTuple):
    """The predictions of a run whose task is "classes", as predictions.npz holds them.

    Attributes:
        labels: Of the test images, int64 (n,).
        probabilities: Of the classes, float32 (n, classes).
        places: The images' indices int64 (n,) in the test set, or where a fold was held out, in the dataset's images.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    places: np.ndarray


def write_predictions(
    directory: Path, labels: np.ndarray, probabilities: np.ndarray, index: np.ndarray | None = None
) -> None:
    """Write what `predictions` reads; `index` are the places where a fold was held out, and else None."""
    _write_predictions(directory, index, labels=labels, probabilities=probabilities)


def predictions(run: Run) -> Predictions | None:
    """Read a run's predictions; None if it looked at no test images, or has another task than "classes"."""
    if task_of(run.record) != "classes":
        return None
    arrays = arrays_of(run, layout.PREDICTIONS, "labels", "probabilities")
    if arrays is None:
        return None
    labels = arrays["labels"]
    return Predictions(labels, arrays["probabilities"], arrays.get("index", np.arange(len(labels))))


class TargetPredictions(NamedTuple):
    """The predictions of a run with another task than "classes", as predictions.npz holds them.

    Attributes:
        targets: The true answers (n, ...): angles and vectors float32, images and masks uint8, words int64.
        predictions: The same of the network.
        places: As in `Predictions`.
        labels: The classes int64 (n,) by which the images were split.
    """

    targets: np.ndarray
    predictions: np.ndarray
    places: np.ndarray
    labels: np.ndarray


def write_target_predictions(
    directory: Path,
    labels: np.ndarray,
    targets: np.ndarray,
    predictions: np.ndarray,
    index: np.ndarray | None = None,
) -> None:
    """Write what `target_predictions` reads; `index` as in `write_predictions`."""
    _write_predictions(directory, index, labels=labels, targets=targets, predictions=predictions)


def target_predictions(run: Run) -> TargetPredictions | None:
    """Read a run's predictions; None if it looked at no test images, or its task is "classes"."""
    if task_of(run.record) == "classes":
        return None
    arrays = arrays_of(run, layout.PREDICTIONS, "targets", "predictions", "labels")
    if arrays is None:
        return None
    places = arrays.get("index", np.arange(len(arrays["targets"])))
    return TargetPredictions(arrays["targets"], arrays["predictions"], places, arrays["labels"])


def _write_predictions(directory: Path, index: np.ndarray | None, **arrays: np.ndarray) -> None:
    write_arrays(directory / layout.PREDICTIONS, **arrays, **({} if index is None else {"index": index}))


def task_of(record: Mapping[str, Any]) -> str:
    """Return the name of a run's task, "classes" or another one, from its run.json."""
    return str((record.get("data") or {}).get("task") or "classes")


def trained_elsewhere(record: Mapping[str, Any]) -> bool:
    """Return whether `run` and `tune` cannot train a run again, by its run.json: other code did, or `classify`."""
    return record.get("trained") in (ELSEWHERE, FITTED)


def write_examples(directory: Path, index: np.ndarray, images: np.ndarray) -> None:
    """Write places int64 (k,), as in `Predictions`, and uint8 images (k, h, w, c) that the run was worst at.

    Those are the most confidently wrong, or the worst, that one first.
    """
    write_arrays(directory / layout.EXAMPLES, index=index, images=images)


def examples(run: Run) -> tuple[np.ndarray, np.ndarray] | None:
    """Read the places and images that `write_examples` wrote; None where the run kept none."""
    arrays = arrays_of(run, layout.EXAMPLES, "index", "images")
    return None if arrays is None else (arrays["index"], arrays["images"])


def write_measured(directory: Path, values: Mapping[str, Any]) -> None:
    """Write JSON values that the experiment file measured on the test images."""
    write_json(directory / layout.MEASURED, values)


def measured(run: Run) -> dict[str, Any] | None:
    """Read what the experiment file's own `measure` returned on the test images; None if it has none."""
    path = run.path / layout.MEASURED
    data = content(run.path, layout.MEASURED, seals_to_check(run))
    if data is None:
        return None
    values = read_json_text(path, data, mend_of(run.path))
    check_fields(path, values, {}, mend_of(run.path))
    return dict(values)


def write_likeness(directory: Path, ranges: Mapping[str, Any]) -> None:
    """Write JSON values that say what the images look like that trained the run; see `images/likeness.py`."""
    write_sealed(directory / layout.LIKENESS, ranges)


def likeness(run: Run) -> dict[str, Any] | None:
    """Read what `write_likeness` wrote; None of runs of before, and of trials."""
    if content(run.path, layout.LIKENESS, seals_to_check(run)) is None:
        return None
    return read_object(run.path / layout.LIKENESS, {})


def drawn_afterwards(run: Run) -> list[Path]:
    """Return the pictures (PNG) that `inspect` made of the run, by name."""
    return sorted((run.path / layout.INSPECTED).glob("*.png"))


def model_file(directory: Path) -> Path:
    """Return where the trained model is, or will be."""
    return directory / layout.MODEL


def remove_model(directory: Path) -> None:
    """Free the space of a completed run's model: first its checksum is removed, then the file."""
    path = directory / layout.METRICS
    if not path.exists():
        return
    metrics = read_object(path, checking.METRICS)
    files = dict(metrics.get("files") or {})
    if files.pop(layout.MODEL, None) is not None:
        write_sealed(path, {**metrics, "files": files})
    model_file(directory).unlink(missing_ok=True)


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write a compressed .npz without pickles, atomically."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
