"""What the page shows of answers that are no classes: how far off they are, and the test images that are furthest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.arrows import arrows_figure
from keras_suite.reports.figures.given import images_figure, masks_figure, sentences_figure
from keras_suite.reports.figures.residuals import errors_by_class, errors_figure, residuals_figure
from keras_suite.reports.figures.style import colour
from keras_suite.reports.page.pictures import Picture, Pictures
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.measures import scores
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory import Run, examples, target_predictions, task_of
from keras_suite.tasks.degrees import degrees_off, upright

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 8  # images with what was asked for and given beside them
RESIDUALS = 6  # variants with a row of their own
OVERLAID = 8  # lines in one picture
MOST_CLASSES = 30


@dataclass(frozen=True)
class FarOff:
    """Pictures of the errors of all variants, and of the images that the best of them was worst at."""

    variant: str
    pictures: tuple[Picture, ...]


def far_off(numbers: Numbers, pictures: Pictures) -> FarOff | None:
    """None where classes were asked for, and where no run was tested."""
    tested = [variant for variant in numbers.best_first() if _scored(variant)]
    if not tested or task_of(_scored(tested[0])[0].record) == "classes":
        return None
    run = _scored(tested[0])[0]
    shown = _of_degrees(numbers, tested, pictures) if task_of(run.record) in ("angle", "direction") else []
    worst = _worst(run)
    if worst is not None:
        title = f"{run.variant}, {numbers.replicate} {run.seed}: the test images that it was worst at"
        shown.append(pictures.add(f"worst-{run.variant}", title, title, worst))
    return FarOff(run.variant, tuple(shown)) if shown else None


def _scored(variant: VariantNumbers) -> list[Run]:
    """The variant's completed runs whose predictions could be read, by seed."""
    return [run.source for run in variant.completed().values() if run.source and run.scores is not None]


# -- angles and directions -------------------------------------------------------------------------------------------


def _of_degrees(numbers: Numbers, tested: Sequence[VariantNumbers], pictures: Pictures) -> list[Picture]:
    answers: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    labels: dict[str, np.ndarray] = {}
    for variant in tested[:OVERLAID]:
        found = [each for run in _scored(variant) if (each := target_predictions(run)) is not None]
        answers[variant.name] = (
            np.concatenate([each.targets for each in found]),
            np.concatenate([each.predictions for each in found]),
        )
        labels[variant.name] = np.concatenate([each.labels for each in found])
    shades = [colour(numbers.position(name)) for name in answers]
    title = f"How far off: the share of all answers that are at most so far off, all {numbers.replicate}s"
    shown = [pictures.add("errors", title, title, errors_figure(answers, shades))]
    first = {name: answers[name] for name in list(answers)[:RESIDUALS]}
    if all(true.shape[1] == 1 for true, _ in answers.values()):
        title = "Given against true, and the errors"
        shown.append(pictures.add("residuals", title, title, residuals_figure(first, shades[: len(first)])))
    if 1 < len(numbers.class_names) <= MOST_CLASSES:
        title = f"Mean error by class, all {numbers.replicate}s"
        off = {name: (degrees_off(*answers[name]), labels[name]) for name in first}
        shown.append(
            pictures.add("by-class", title, title, errors_by_class(off, numbers.class_names, shades[: len(first)]))
        )
    return shown


# -- the worst images ------------------------------------------------------------------------------------------------


def _worst(run: Run) -> "Figure | None":
    """The images that the run kept, the worst first, each with what was asked for and what was given."""
    kept, said = examples(run), target_predictions(run)
    if kept is None or said is None or not len(kept[0]):
        return None
    at = {int(place): row for row, place in enumerate(said.places)}
    rows = np.array([at[int(place)] for place in kept[0]])
    images, targets, given = kept[1], said.targets[rows], said.predictions[rows]
    task, names = task_of(run.record), (run.record.get("data") or {}).get("target_names") or ()
    if task == "angle":
        return arrows_figure(images, upright(targets), upright(given))
    if task == "direction":
        return arrows_figure(images, targets, given)
    of_images = scores(task, targets, given)[:SHOWN]
    beside = (images[:SHOWN], targets[:SHOWN], given[:SHOWN])
    if task == "image":
        return images_figure(*beside, of_images)
    if task == "mask":
        return masks_figure(*beside, of_images, names)
    return sentences_figure(*beside, names)
