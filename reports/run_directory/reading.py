"""Reads run directories, and says of each what is missing, edited or too new in it."""

import csv
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.checking import check_fields, check_seal, read_arrays, read_object
from keras_suite.reports.run_directory.layout import Variant

Status = Literal["completed", "failed", "running", "interrupted"]


@dataclass(frozen=True)
class Run:
    """One run directory as read: `metrics` is None until the run is completed."""

    path: Path
    experiment: str
    variant: str
    seed: int
    status: Status
    record: dict[str, Any]
    config: dict[str, Any]
    history: tuple[dict[str, float], ...]
    metrics: dict[str, Any] | None


@dataclass(frozen=True)
class ExperimentRuns:
    """All runs of an experiment's current variants, and in `problems` a line for each that could not be read."""

    folder: Path
    name: str
    question: str
    command: str
    baseline: str
    variants: tuple[Variant, ...]
    against: tuple[str, ...]
    runs: tuple[Run, ...]
    left_out: tuple[str, ...]
    problems: tuple[str, ...]


def read_history(directory: Path) -> tuple[dict[str, float], ...]:
    """The rows of history.csv; empty if no epoch has ended."""
    path = directory / layout.HISTORY
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        try:
            return tuple({key: float(value) for key, value in row.items()} for row in csv.DictReader(file))
        except (TypeError, ValueError, csv.Error):
            raise ValueError(f"{path} is damaged: a row holds something that is no number; {checking.MEND}") from None


def status_of(record: Mapping[str, Any], completed: bool, now: float | None = None) -> Status:
    """What a run is doing: run.json may still say `running` of a process that was killed."""
    if completed:
        return "completed"
    if record["status"] == "failed":
        return "failed"
    alive = (time.time() if now is None else now) - record["heartbeat"] < layout.STALE_SECONDS
    return "running" if record["status"] == "running" and alive else "interrupted"


def begun(directory: Path) -> bool:
    """Whether there is anything of a run: one killed in its first moment leaves its config, and that is nothing."""
    if not directory.exists():
        return False
    return any(path.name != layout.CONFIG and not path.name.startswith(".") for path in directory.iterdir())


def read_run(directory: Path) -> Run:
    """Reads one run directory; ValueError or FileNotFoundError names what is missing, edited or too new in it."""
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


def read_experiment(folder: Path) -> ExperimentRuns:
    """Reads an experiment's folder. Damaged runs are left out, each with a line in `problems`."""
    listing = folder / layout.LISTING
    if not listing.exists():
        raise FileNotFoundError(f"{folder} holds no experiment.json: give the folder of an experiment that was run")
    mend = "restore it from a copy, or run the experiment again"
    about = read_object(listing, checking.LISTING, mend)
    for variant in about["variants"]:
        check_fields(listing, variant, checking.VARIANT, mend)
    if not about["variants"]:
        raise ValueError(f"{listing} is damaged: it names no variant; {mend}")
    variants = tuple(Variant(v["name"], v["directory"], v["overrides"]) for v in about["variants"])
    runs: list[Run] = []
    problems: list[str] = []
    for variant in variants:
        for directory in run_directories(folder / variant.directory):
            try:
                runs.append(read_run(directory))
            except (ValueError, OSError) as error:
                problems.append(str(error).replace(str(folder) + os.sep, ""))
    current = {variant.directory for variant in variants}
    others = sorted(path.parent.name for path in folder.glob("*/seed-*"))
    return ExperimentRuns(
        folder=folder,
        name=about["name"],
        question=about["question"],
        command=about["command"],
        baseline=about["baseline"],
        variants=variants,
        against=tuple(about.get("against") or ()),
        runs=tuple(runs),
        left_out=tuple(dict.fromkeys(name for name in others if name not in current)),
        problems=tuple(problems),
    )


def run_directories(variant_folder: Path) -> list[Path]:
    """The seed-<n> directories of one variant, by seed."""
    found = [path for path in variant_folder.glob("seed-*") if path.name[5:].isdigit() and path.is_dir()]
    return sorted(found, key=lambda path: int(path.name[5:]))


def experiment_folders(path: Path) -> list[Path]:
    """The experiment folders at or directly under `path`."""
    if (path / layout.LISTING).exists():
        return [path]
    return sorted(listing.parent for listing in path.glob(f"*/{layout.LISTING}"))


def diagnosis(run: Run) -> tuple[dict[str, Any], ...]:
    """The rows of diagnosis.csv: `layer` is its name, all else numbers or None; empty for runs from before it."""
    path = run.path / layout.DIAGNOSIS
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        try:
            return tuple({key: _cell(key, value) for key, value in row.items()} for row in csv.DictReader(file))
        except (TypeError, ValueError, csv.Error):
            raise ValueError(f"{path} is damaged: a row holds something that is no number; {checking.MEND}") from None


def _cell(column: str, text: str) -> str | int | float | None:
    if column == "layer":
        return text
    if column in ("epoch", "phase"):
        return int(text)
    return None if text == "" else float(text)


class Predictions(NamedTuple):
    """Test labels int64 (n,), probabilities float32 (n, classes), and where the images are, `places` int64 (n,).

    That is in the test set, or where a fold was held out among the dataset's images.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    places: np.ndarray


def predictions(run: Run) -> Predictions | None:
    """What the run said of its test images; None if it looked at none, or was asked for something else than classes."""
    path = run.path / layout.PREDICTIONS
    if not path.exists() or task_of(run.record) != "classes":
        return None
    found = read_arrays(path, "labels", "probabilities")
    labels = found["labels"]
    return Predictions(labels, found["probabilities"], found.get("index", np.arange(len(labels))))


class TargetPredictions(NamedTuple):
    """Of another task than "classes": what was asked for and what was given, (n, ...) each, and the `places` as above.

    Angles and vectors are float32, images and masks uint8, words int64: see `scores`. `labels` int64
    (n,) are the images' classes, by which they were split.
    """

    targets: np.ndarray
    predictions: np.ndarray
    places: np.ndarray
    labels: np.ndarray


def target_predictions(run: Run) -> TargetPredictions | None:
    """What the run gave for its test images; None if it looked at none, or was asked for classes."""
    path = run.path / layout.PREDICTIONS
    if not path.exists() or task_of(run.record) == "classes":
        return None
    found = read_arrays(path, "targets", "predictions", "labels")
    places = found.get("index", np.arange(len(found["targets"])))
    return TargetPredictions(found["targets"], found["predictions"], places, found["labels"])


def task_of(record: Mapping[str, Any]) -> str:
    """What the run's data ask for, "classes" or another task, from its run.json."""
    return str((record.get("data") or {}).get("task") or "classes")


def examples(run: Run) -> tuple[np.ndarray, np.ndarray] | None:
    """Places int64 (k,), as in `Predictions`, and uint8 images (k, h, w, c), the most confidently wrong or worst first.

    None where the run kept none.
    """
    path = run.path / layout.EXAMPLES
    if not path.exists():
        return None
    found = read_arrays(path, "index", "images")
    return found["index"], found["images"]


def drawn_afterwards(run: Run) -> list[Path]:
    """The pictures (PNG) that `inspect` drew of the run, by name."""
    return sorted((run.path / layout.INSPECTED).glob("*.png"))


def measured(run: Run) -> dict[str, Any] | None:
    """What the experiment file's own `measure` returned on the test images."""
    path = run.path / layout.MEASURED
    return read_object(path, {}) if path.exists() else None
