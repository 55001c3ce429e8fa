"""Figures of a report where no classes are predicted: the errors, and the test images with the largest ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.residuals import errors_by_class, errors_figure, residuals_figure
from keras_suite.reports.figures.style import colour
from keras_suite.reports.figures.svg import Picture, Pictures
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory import Run, examples, target_predictions
from keras_suite.tasks.task import Task, load

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESIDUALS = 6  # variants with a row of their own
OVERLAID = 8  # lines in one picture
MOST_CLASSES = 30


@dataclass(frozen=True)
class TargetErrors:
    """Figures of the errors of all variants, and of the test images with the largest errors of the best one."""

    variant: str
    pictures: tuple[Picture, ...]


def target_errors(numbers: Numbers, pictures: Pictures) -> TargetErrors | None:
    """Plot the errors and the worst images; None where classes are predicted, or no run was tested."""
    tested = [variant for variant in numbers.best_first() if _scored(variant)]
    if not tested or numbers.task.predicts_classes:
        return None
    run = _scored(tested[0])[0]
    shown = _signed_errors(numbers, tested, pictures) if numbers.task.signed_error else []
    worst = _worst(run, numbers.task)
    if worst is not None:
        title = f"{run.variant}, {numbers.replicate} {run.seed}: the test images with the largest errors"
        shown.append(pictures.add(f"worst-{run.variant}", title, title, worst))
    return TargetErrors(run.variant, tuple(shown)) if shown else None


def _scored(variant: VariantNumbers) -> list[Run]:
    """Return the variant's completed runs whose predictions could be read, by seed."""
    return [run.source for run in variant.completed().values() if run.source and run.scores is not None]


# -- errors with a sign: angles and directions -----------------------------------------------------------------------


def _signed_errors(numbers: Numbers, tested: Sequence[VariantNumbers], pictures: Pictures) -> list[Picture]:
    predictions: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    labels: dict[str, np.ndarray] = {}
    for variant in tested[:OVERLAID]:
        of_runs = [each for run in _scored(variant) if (each := target_predictions(run)) is not None]
        predictions[variant.name] = (
            np.concatenate([each.targets for each in of_runs]),
            np.concatenate([each.predictions for each in of_runs]),
        )
        labels[variant.name] = np.concatenate([each.labels for each in of_runs])
    shades = [colour(numbers.position(name)) for name in predictions]
    title = f"Errors: the share of predictions with at most this error, all {numbers.replicate}s"
    shown = [pictures.add("errors", title, title, errors_figure(predictions, shades))]
    first = {name: predictions[name] for name in list(predictions)[:RESIDUALS]}
    if all(true.shape[1] == 1 for true, _ in predictions.values()):
        title = "Prediction against target, and the errors"
        shown.append(pictures.add("residuals", title, title, residuals_figure(first, shades[: len(first)])))
    if 1 < len(numbers.class_names) <= MOST_CLASSES:
        title = f"Mean error by class, all {numbers.replicate}s"
        signed_error = numbers.task.signed_error
        assert signed_error is not None
        errors = {name: (signed_error(*predictions[name]), labels[name]) for name in first}
        shown.append(
            pictures.add("by-class", title, title, errors_by_class(errors, numbers.class_names, shades[: len(first)]))
        )
    return shown


# -- the worst images ------------------------------------------------------------------------------------------------


def _worst(run: Run, task: Task) -> "Figure | None":
    """Plot the images that the run kept, the worst first, each with its target and prediction."""
    kept, predicted = examples(run), target_predictions(run)
    if kept is None or predicted is None or not len(kept[0]) or not task.figure:
        return None
    row_of = {int(place): row for row, place in enumerate(predicted.places)}
    rows = np.array([row_of[int(place)] for place in kept[0]])
    targets, predictions = predicted.targets[rows], predicted.predictions[rows]
    names = (run.record.get("data") or {}).get("target_names") or ()
    return load(task.figure)(kept[1], targets, predictions, task.scores(targets, predictions), names)
