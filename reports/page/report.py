"""The report of one experiment: report.html, report.md, comparison.csv and the figures, written into one folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_suite.reports import wording
from keras_suite.reports.export.comparison_csv import comparison_csv, comparison_rows
from keras_suite.reports.figures.cost import score_against_parameters, score_against_time
from keras_suite.reports.figures.curves import learning_curves, rates_of_many
from keras_suite.reports.figures.marks import marks_in_words
from keras_suite.reports.figures.seeds import differences_by_seed, scores_by_seed
from keras_suite.reports.figures.style import SERIES
from keras_suite.reports.page.calibration import calibration_picture, calibration_rows
from keras_suite.reports.page.drawn_variants import drawn, left_undrawn
from keras_suite.reports.page.inspected import inside
from keras_suite.reports.page.mistakes import mistakes
from keras_suite.reports.page.next_command import next_command, whole_command
from keras_suite.reports.page.pictures import Picture, Pictures
from keras_suite.reports.page.rendering import render
from keras_suite.reports.page.tables import (
    differing_settings,
    loss_heading,
    measured_metrics,
    overview_rows,
    run_rows,
    verdict_rows,
)
from keras_suite.reports.page.target_errors import far_off
from keras_suite.reports.results.advice import advice
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.environment import environment
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.results.image_words import image_rows
from keras_suite.reports.results.phases import phase_rows
from keras_suite.reports.run_directory import ExperimentRuns
from keras_suite.tasks.atomic_files import write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Report:
    """What was written, and what it says: `html` is the page to open, `rows` the lines of comparison.csv.

    `next_command` can be typed on this machine; the page has it without paths.
    """

    html: Path
    paths: tuple[Path, ...]
    answer: str
    next_command: str | None
    rows: tuple[dict[str, Any], ...]
    numbers: Numbers


def write_report(
    experiment: ExperimentRuns,
    folder: Path,
    extra_figures: Mapping[str, "Figure"] | None = None,
    *,
    margin: float | None = None,
    against: Sequence[str] = (),
    all_pairs: bool = False,
) -> Report:
    """Writes the report of `experiment` into `folder`, each file atomically, and says what is in it.

    `extra_figures`: title -> matplotlib Figure, shown after the report's own. `margin`: the largest difference of test
    scores that does not matter, see `experiment_numbers`. `against` and `all_pairs` choose what is
    compared with what, see `chosen_pairs`.
    """
    numbers = experiment_numbers(experiment, margin, against=against, all_pairs=all_pairs)
    shown, pictures = drawn(numbers), Pictures(folder / "figures")
    going_on = next_command(numbers)
    view: dict[str, Any] = {
        "numbers": numbers,
        "answer": answer(numbers),
        "next_command": wording.without_paths(going_on) if going_on else None,
        "verdicts": verdict_rows(numbers),
        "overview": overview_rows(numbers),
        "other_metrics": measured_metrics(numbers),
        "loss_heading": loss_heading(numbers),
        "runs": run_rows(numbers),
        "settings": differing_settings(numbers),
        "phases": phase_rows(numbers.variants),
        "advice": advice(numbers),
        "environment": environment(experiment.runs),
        "command": wording.without_paths(whole_command(numbers)),
        "image_rows": image_rows(numbers.pairs, numbers.metric),
        "seed_pictures": _seed_pictures(shown, pictures),
        "left_undrawn": left_undrawn(numbers, shown),
        "curves": _curves(shown, pictures),
        "curve_marks": marks_in_words(shown.variants),
        "costs": _costs(shown, pictures),
        "mistakes": mistakes(shown, pictures),
        "far_off": far_off(shown, pictures),
        "calibration": calibration_rows(numbers),
        "calibration_picture": calibration_picture(shown, pictures),
        "inside": inside(shown),
        "extra": [
            pictures.add(f"extra-{k}-{title}", title, title, figure, adapt=False)
            for k, (title, figure) in enumerate((extra_figures or {}).items(), 1)
        ],
        "series": SERIES,
    }
    written = {name: render(name, view) for name in ("report.html", "report.md")} | {
        "comparison.csv": comparison_csv(numbers)
    }
    for name, text in written.items():
        write_text(folder / name, text)
    return Report(
        html=folder / "report.html",
        paths=(*(folder / name for name in written), *pictures.paths),
        answer=view["answer"],
        next_command=going_on,
        rows=tuple(comparison_rows(numbers)),
        numbers=numbers,
    )


# -- pictures --------------------------------------------------------------------------------------------------------


def _seed_pictures(numbers: Numbers, pictures: Pictures) -> list[Picture]:
    metric = numbers.metric
    if not any(variant.test_score.n for variant in numbers.variants):
        return []
    every = "; ".join(
        f"{v.name}: mean {metric.format(v.test_score.mean)}, n = {v.test_score.n}" for v in numbers.variants
    )
    title = f"Test {metric.label}, every {numbers.replicate}"
    shown = [pictures.add(metric.key, title, f"{title}. {every}", scores_by_seed(numbers))]
    differences = differences_by_seed(numbers)
    if differences is not None:
        every = "; ".join(
            f"{pair.variant} to {pair.against}: {metric.format_difference(pair.comparison.mean)} "
            f"{metric.short_difference}"
            for pair in numbers.pairs
        )
        title = f"Difference to {numbers.baseline}" if numbers.one_baseline() else "Differences of the pairs"
        shown.append(
            pictures.add(
                "differences", title, f"{title}, {numbers.replicate} by {numbers.replicate}. {every}", differences
            )
        )
    return shown


def _curves(numbers: Numbers, pictures: Pictures) -> list[Picture]:
    shown = []
    not_comparable = "" if numbers.one_loss() else "; not the same loss in each: compare shapes, not heights"
    for column, title, label, scale, log in (
        *(
            (each.name, f"{each.label[0].upper()}{each.label[1:]} while training", each.with_unit(), each.scale, False)
            for each in numbers.task.metrics
        ),
        ("unpenalised_loss", f"Loss while training, without penalties{not_comparable}", "loss", 1.0, True),
    ):
        figure = learning_curves(numbers, column, label, scale, log)
        if figure is not None:
            description = f"{title}: validation and training by epoch, mean over {numbers.replicate}s, for each variant"
            shown.append(pictures.add(f"curves-{column}", title, description, figure))
    rates = rates_of_many(numbers)
    if rates is not None:
        title = f"Learning rate while training, every {numbers.replicate}"
        shown.append(pictures.add("learning-rates", title, title, rates))
    return shown


def _costs(numbers: Numbers, pictures: Pictures) -> list[Picture]:
    shown, metric = [], numbers.metric
    for name, what, figure in (
        ("time", "training time", score_against_time(numbers)),
        ("parameters", "number of parameters", score_against_parameters(numbers)),
    ):
        if figure is not None:
            title = f"{metric.label[0].upper()}{metric.label[1:]} against {what}"
            described = f"Test {metric.label} against {what}: a small dot for each run, the mean of each variant named"
            shown.append(pictures.add(f"{metric.key}-{name}", title, described, figure))
    return shown
