"""Which trained networks answer for a path: one run, or all runs of a variant, whose probabilities are averaged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_suite.experiments.predicting.one_run import check_one_run
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run
from keras_suite.reports.run_directory.layout import LISTING
from keras_suite.tasks import task_named
from keras_suite.tasks.task import Task
from keras_suite.tasks.wording.quantities import counted

LARGEST = 2 * 2**30  # bytes of all model files together, which are in memory at once


@dataclass(frozen=True)
class Members:
    """The run directories, or the one .keras file, whose networks answer.

    Attributes:
        runs: One or more.
        said: Which they are and why, where the path left a choice; else "".
    """

    runs: tuple[Path, ...]
    said: str = ""


def members(path: Path) -> Members:
    """Find the networks that a path stands for.

    Args:
        path: A run directory or a .keras file, which stand for themselves; the folder of a variant, which stands for
            all its completed runs; or that of an experiment, which stands for the variant that was best on validation
            images, never on test images. Where no classes are predicted, only its run that was best on those answers.

    Raises:
        ValueError, FileNotFoundError: If there is nothing to ask, with what there is instead.
    """
    if not path.is_dir() or (path / "run.json").exists() or not (variants := _variants(path)):
        check_one_run(path)
        return Members((path,))
    usable = {name: found for name, runs in variants.items() if (found := [run for run in runs if _has_a_model(run)])}
    if not usable:
        first = next(iter(variants.values()))[0].path
        raise ValueError(
            f"{path} holds no completed run with a model, as where models were left out of a copy: copy them, too, or "
            f"have a run trained again: keras-suite verify {first} --repair"
        )
    scores = {name: [_validation_score(run) for run in runs] for name, runs in usable.items()}
    name = max(usable, key=lambda each: _mean(scores[each]))
    task = _task(usable[name][0])
    runs = usable[name]
    if not task.predicts_classes:
        runs = [runs[int(np.argmax(np.nan_to_num(scores[name], nan=-math.inf)))]]
    _check_size(path, runs)
    return Members(tuple(run.path for run in runs), _said(path, name, usable, runs, scores[name], task))


def _variants(path: Path) -> dict[str, list[Run]]:
    """Return the completed runs of an experiment's folder, or of a variant's, by variant; {} if it is neither."""
    if (path / LISTING).exists():
        runs = run_directory.read_experiment(path).runs
    else:
        runs = tuple(run_directory.read_run(each, needs=()) for each in run_directory.run_directories(path))
    by_variant: dict[str, list[Run]] = {}
    for run in runs:
        if run.status == "completed":
            by_variant.setdefault(run.variant, []).append(run)
    if runs and not by_variant:
        raise ValueError(f"{path} holds no completed run: let its runs finish, then ask again")
    return by_variant


def _has_a_model(run: Run) -> bool:
    return run_directory.model_file(run.path).is_file()


def _task(run: Run) -> Task:
    return task_named(run_directory.task_of(run.record))


def _validation_score(run: Run) -> float:
    """Return how good a run was on its validation images, higher being better; NaN where it was not measured."""
    metric = _task(run).score.in_history
    value = ((run.metrics or {}).get("validation") or {}).get(metric.name)
    return math.nan if value is None else float(metric.goodness(value))


def _mean(scores: Sequence[float]) -> float:
    """Return the mean of what is known; below everything where nothing is."""
    known = [score for score in scores if not math.isnan(score)]
    return float(np.mean(known)) if known else -math.inf


def _check_size(path: Path, runs: Sequence[Run]) -> None:
    size = sum(run_directory.model_file(run.path).stat().st_size for run in runs)
    if len(runs) > 1 and size > LARGEST:
        raise ValueError(
            f"the {len(runs)} models of {path} take {size / 2**30:.1f} GiB together, more than {LARGEST // 2**30} GiB: "
            f"give one run, for example {runs[0].path}"
        )


def _said(
    path: Path, name: str, usable: dict[str, list[Run]], runs: Sequence[Run], scores: Sequence[float], task: Task
) -> str:
    """Say which runs answer, and why those."""
    why = []
    if len(usable) > 1:
        metric = task.score.in_history
        mean = _mean(scores)
        best = "" if math.isinf(mean) else f" ({metric.label} {metric.format(metric.goodness(mean))} on average)"
        why.append(f"the best of {len(usable)} variants on validation images{best}")
    if len(runs) > 1:
        return f"{counted(len(runs), 'run')} of {name} answer together, averaged" + _because(why)
    chosen = runs[0].path.relative_to(path)
    if len(usable[name]) > 1:
        why.append(f"the best of {counted(len(usable[name]), 'run')} on validation images")
    return f"{chosen} answers" + _because(why)


def _because(why: Sequence[str]) -> str:
    return f": {', and '.join(why)}" if why else ""
