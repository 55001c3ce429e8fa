"""The numbers of a report from a table of scores, by the same statistics as those of run directories."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_suite.reports.elsewhere.table import Table, TableRun, read_table
from keras_suite.reports.elsewhere.told import Told, check_margin
from keras_suite.reports.results.experiment_numbers import Numbers, numbers_of
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import ExperimentRuns, Variant
from keras_suite.reports.run_directory.looks import Looks
from keras_suite.reports.statistics.cross_validation import Fold
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.reading.files import file_digest
from keras_suite.tasks.task import Task
from keras_suite.tasks.wording.quantities import counted

Origin = list[tuple[str, str]]


def scores_numbers(
    path: Path,
    told: Told,
    *,
    command: str = "",
    margin: float | None = None,
    against: Sequence[str] = (),
    all_pairs: bool = False,
    looks: Looks | None = None,
) -> tuple[Numbers, Origin]:
    """Return the numbers of a table of scores, and (what, value) pairs on where they come from.

    Args:
        path: A CSV file with the columns variant, seed and score, or variant, seed, image, label and prediction; or
            variant, seed, image and the image's score; or variant, fold and score, and seed where a cross-validation
            was repeated.
        told: What the scores are.
        command: As it was typed.
        margin: The largest difference that does not matter, in percentage points where scores are shown in percent.
        against: The pairs to compare, see `chosen_pairs`.
        all_pairs: Compare each variant with each other.
        looks: At which seeds the variants were looked at before; None for what `told` says of that.

    Raises:
        ValueError, OSError: With what is wrong, in one line.
    """
    table = read_table(path, told.bounds, told.accuracy)
    numbers = table_numbers(
        table,
        told,
        name=path.stem,
        folder=path.parent,
        command=command,
        margin=margin,
        against=against,
        all_pairs=all_pairs,
        looks=looks,
    )
    return numbers, origin(
        table, ("table", f"{path.name}, {counted(table.rows, 'row')}, content {file_digest(path)[:8]}")
    )


def table_numbers(
    table: Table,
    told: Told,
    *,
    name: str,
    folder: Path,
    command: str = "",
    margin: float | None = None,
    against: Sequence[str] = (),
    all_pairs: bool = False,
    looks: Looks | None = None,
    problems: Sequence[str] = (),
) -> Numbers:
    """Return the numbers of a table's runs.

    Args:
        table: The runs.
        told: What their scores are.
        name: What the report is of.
        folder: Where it is written.
        command, margin, against, all_pairs, looks: As in `scores_numbers`.
        problems: Warnings about the scores.

    Raises:
        ValueError: With what is wrong, in one line.
    """
    looks = looks or Looks(first_look_known=told.first_look)
    told.refuse_mixed_units(dict(zip(table.variants, table.scores(), strict=True)))
    task = _task(table, told)
    check_margin(margin, task.score.scale * task.score.bounds[1])
    experiment = ExperimentRuns(
        folder=folder,
        name=name,
        question=told.question or _question(task),
        command=command,
        baseline=table.variants[0],
        variants=tuple(Variant(name, name, {}) for name in table.variants),
        against=table.against,
        runs=(),
        left_out=(),
        problems=(*_problems(margin, task, looks, "folds" if table.folds else "seeds"), *problems),
    )
    return numbers_of(
        experiment,
        _rows(table, task),
        task,
        None if margin is None else margin / task.score.scale,
        looks=looks,
        class_names=table.classes,
        against=against,
        all_pairs=all_pairs,
    )


def _task(table: Table, told: Told) -> Task:
    """Return a task whose score is what the user says it is; the rest of it is asked for nothing."""
    metric = told.described(table.answers, table.binary, table.scores())
    return dataclasses.replace(CLASSES, name="scores", losses=(), metrics=(metric,), on_request=(), score=metric)


def _question(task: Task) -> str:
    extreme = "highest" if task.score.higher_is_better else "lowest"
    return f"Which variant has the {extreme} {task.score.label}?"


def _problems(margin: float | None, task: Task, looks: Looks, replicates: str) -> list[str]:
    """Return a warning where no margin is known, and one where earlier looks are not."""
    lines = []
    if not looks.first_look_known:
        lines.append(
            f"whether these scores were looked at before is not known, so each number of {replicates} counts as a "
            "look: --first-look says that nobody did"
        )
    if margin is not None or task.score.margin:
        return lines
    return [
        *lines,
        f"no difference of {task.score.label} counts as too small to matter, so none is called equivalent: --margin "
        f"says which one does, in {task.score.short_difference}",
    ]


def _rows(table: Table, task: Task) -> dict[str, list[RunNumbers]]:
    rows: dict[str, list[RunNumbers]] = {variant: [] for variant in table.variants}
    seeds = sorted({run.key.seed for run in table.runs})
    folds = sorted({run.key.fold for run in table.runs if run.key.fold is not None})
    for run in table.runs:
        seed = run.key.seed
        if run.key.fold is not None:  # they count on from one cross-validation to the next, as in our own runs
            seed = 1 + seeds.index(seed) * len(folds) + folds.index(run.key.fold)
        rows[run.key.variant].append(_row(run, seed, table, task))
    return rows


def _row(run: TableRun, seed: int, table: Table, task: Task) -> RunNumbers:
    return RunNumbers(
        variant=run.key.variant,
        seed=seed,
        status="completed",
        reason=None,
        task=task,
        elsewhere=True,
        test_score=run.score,
        scores=run.scores,
        test_set="the images of the table" if table.images else None,
        labels=table.labels,
        predicted=run.predicted,
        places=np.arange(len(table.images)) if table.images else None,
        # The correction takes the ratio of their sizes alone.
        fold=Fold(table.folds, table.folds - 1, 1) if table.folds else None,
    )


def origin(table: Table, source: tuple[str, str]) -> Origin:
    """Return (what, value) pairs on where a table's numbers come from; `source` is the first."""
    if table.folds:
        images = f"those of {table.folds} folds, which are taken to be of equal size"
    elif not table.images:
        images = "not named, so what others could change is unknown"
    elif table.runs[0].scores is None:
        images = f"{len(table.images):,}; what each adds to the score is unknown, and so is what others could change"
    else:
        images = f"{len(table.images):,}, the same for all runs"
    return [
        source,
        ("test images", images),
        ("trained", f"elsewhere; with which code, data and settings, and for how long, is not in the {source[0]}"),
    ]
