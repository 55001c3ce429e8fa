"""The report of one experiment: report.html, report.md, comparison.csv and the figures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.reports import wording
from keras_suite.reports.diagnosis.rules import advice
from keras_suite.reports.diagnosis.score import MEASURED
from keras_suite.reports.export.comparison_csv import comparison_csv, comparison_rows
from keras_suite.reports.export.latex import write_latex
from keras_suite.reports.figures.marks import marks_in_words
from keras_suite.reports.figures.svg import OwnFigures, Pictures
from keras_suite.reports.page.class_balance import alike_rows, class_curve_pictures
from keras_suite.reports.page.classification import class_errors
from keras_suite.reports.page.data_section import data_inspections, data_warnings
from keras_suite.reports.page.interactive.data import embedded, page_data
from keras_suite.reports.page.next_command import next_command, repeat_command
from keras_suite.reports.page.pictures import (
    cost_pictures,
    curve_pictures,
    inspected_pictures,
    left_out_of_figures,
    most_relevant,
    seed_pictures,
)
from keras_suite.reports.page.probabilities import probability_sections
from keras_suite.reports.page.recommended import advice_on, recommended
from keras_suite.reports.page.rendering import render
from keras_suite.reports.page.suspects import suspect_lines, suspect_sections, write_suspects
from keras_suite.reports.page.tables import (
    differing_settings,
    measured_metrics,
    overview_columns,
    overview_rows,
    report_warnings,
    run_columns,
    run_rows,
    shows_failures,
    unseen_failures,
    verdict_rows,
)
from keras_suite.reports.page.target_errors import target_errors
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.class_balance import alike_metrics
from keras_suite.reports.results.comparability import environment
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.results.pairs import image_rows
from keras_suite.reports.results.suspects import suspects
from keras_suite.reports.results.variant_numbers import phase_rows
from keras_suite.reports.run_directory import ExperimentRuns
from keras_suite.tasks.atomic_files import write_text


@dataclass(frozen=True)
class Report:
    """A written report.

    Attributes:
        html: The page.
        paths: All files, the page among them.
        answer: The answer to the experiment's question.
        next_command: The command that runs the missing seeds, with this machine's paths; the page has it without.
        rows: The rows of comparison.csv.
        numbers: What the report rests on.
        problems: A line for each of the experiment file's own figures that it lacks.
        labels: A line for each part of the data in which labels are probably wrong.
        latex: The folder with the results for a paper; None if they were not requested.
    """

    html: Path
    paths: tuple[Path, ...]
    answer: str
    next_command: str | None
    rows: tuple[dict[str, Any], ...]
    numbers: Numbers
    problems: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    latex: Path | None = None


def write_report(
    experiment: ExperimentRuns,
    folder: Path,
    own: OwnFigures | None = None,
    *,
    margin: float | None = None,
    against: Sequence[str] = (),
    all_pairs: bool = False,
    score: str | None = None,
    suffix: str = "",
    latex: bool = False,
) -> Report:
    """Write the report of an experiment, each file atomically.

    Args:
        experiment: The experiment and its runs.
        folder: Where the files are written.
        own: What the experiment file drew itself, shown after the report's own figures.
        margin: The largest difference of test scores that does not matter, see `experiment_numbers`.
        against: The pairs to compare, see `chosen_pairs`.
        all_pairs: Compare each variant with each other.
        score: The metric of the test images that is compared; None for the task's own.
        suffix: What the files' names end with, see `chosen_suffix`.
        latex: Whether to write the results for a paper, too, into a folder latex.
    """
    numbers = experiment_numbers(experiment, margin, against=against, all_pairs=all_pairs, score=score)
    return write_numbers(numbers, folder, environment(experiment.runs), own, suffix, latex)


def chosen_suffix(margin: float | None, against: Sequence[str], all_pairs: bool, score: str | None = None) -> str:
    """Return what the files' names of a report with chosen pairs or score end with: the experiment's own stays."""
    chosen = ["all-pairs"] if all_pairs else ["against", *against] if against else []
    chosen += [] if margin is None else ["margin", f"{margin:g}"]
    chosen += [] if score is None else ["score", score]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", "-".join(["", *chosen]) if chosen else "")[:80].rstrip("-.")


def write_numbers(
    numbers: Numbers,
    folder: Path,
    origin: Sequence[tuple[str, str]],
    own: OwnFigures | None = None,
    suffix: str = "",
    latex: bool = False,
) -> Report:
    """Write the report of an experiment's numbers, each file atomically.

    Args:
        numbers: What the report is about.
        folder: Where the files are written.
        origin: (what, value) pairs on where the numbers come from.
        own: As in `write_report`.
        suffix: The same.
        latex: The same.
    """
    own = own or OwnFigures()
    latex_folder = folder / f"latex{suffix}" if latex else None
    shown, pictures = most_relevant(numbers), Pictures(folder / f"figures{suffix}", latex_folder)
    next_seeds = next_command(numbers)
    contradicted, unread = suspects(numbers.runs())
    probabilities = probability_sections(numbers, shown, pictures)
    asked, first_choice, rules = page_data(shown), recommended(numbers), advice(numbers)
    view: dict[str, Any] = {
        "question": numbers.question,
        "numbers": numbers,
        "answer": answer(numbers),
        "recommended": first_choice,
        "advice_on_it": advice_on(first_choice, rules),
        "data_of_page": embedded(asked) if asked else "",
        "next_command": wording.without_paths(next_seeds) if next_seeds else None,
        "warnings": [
            *map(wording.without_paths, report_warnings(numbers)),
            *data_warnings(numbers),
            *map(wording.without_paths, own.problems),
            *unread,
            *(probabilities.problems if probabilities else ()),
        ],
        **_tables(numbers),
        "advice": rules,
        "advice_score": MEASURED.in_words() if rules else "",
        "data": data_inspections(numbers),
        "suspects": suspect_sections(contradicted, suffix),
        "environment": origin,
        "command": wording.without_paths(repeat_command(numbers)),
        "left_out_of_figures": left_out_of_figures(numbers, shown),
        **_pictures(shown, pictures),
        "probabilities": probabilities,
        "extra": own.pictures,
        "figures": pictures.folder.name,
    }
    written = {f"report{suffix}.{kind}": render(f"report.{kind}", view) for kind in ("html", "md")} | {
        f"comparison{suffix}.csv": comparison_csv(numbers)
    }
    for name, text in written.items():
        write_text(folder / name, text)
    tables = write_suspects(contradicted, folder, suffix)
    paper: list[Path] = []
    if latex_folder is not None:
        vector = [path for path in (*pictures.paths, *own.paths) if path.suffix == ".pdf"]
        paper = write_latex(numbers, origin, latex_folder, vector)
    return Report(
        html=folder / f"report{suffix}.html",
        paths=(*(folder / name for name in written), *tables, *pictures.paths, *own.paths, *paper),
        answer=view["answer"],
        next_command=next_seeds,
        rows=tuple(comparison_rows(numbers)),
        numbers=numbers,
        problems=own.problems,
        labels=suspect_lines(contradicted, suffix),
        latex=latex_folder,
    )


def _tables(numbers: Numbers) -> dict[str, Any]:
    """Return the rows of the page's tables, and what their headings say."""
    other_metrics = measured_metrics(numbers)
    return {
        "comparison_heading": f"Compared with {numbers.baseline}" if numbers.one_baseline() else "Pairwise comparisons",
        "verdicts": verdict_rows(numbers),
        "overview": overview_rows(numbers),
        "overview_columns": overview_columns(numbers),
        "shows_failures": shows_failures(numbers),
        "unseen_failures": unseen_failures(numbers),
        "expects": any(variant.expected for variant in numbers.variants),
        "other_metrics": other_metrics,
        "alike": alike_rows(numbers),
        "alike_metrics": alike_metrics(numbers),
        "test_headings": [f"test {metric.label}" for metric in other_metrics],
        "runs": run_rows(numbers),
        "run_columns": run_columns(numbers),
        "settings": differing_settings(numbers),
        "phases": phase_rows(numbers.variants),
        "image_rows": image_rows(numbers.pairs, numbers.metric),
    }


def _pictures(shown: Numbers, pictures: Pictures) -> dict[str, Any]:
    """Draw all pictures of the page, of the variants that are shown."""
    return {
        "seed_pictures": seed_pictures(shown, pictures),
        "curves": curve_pictures(shown, pictures),
        "curve_marks": marks_in_words(shown.variants),
        "costs": cost_pictures(shown, pictures),
        "class_errors": class_errors(shown, pictures),
        "class_curves": class_curve_pictures(shown, pictures),
        "target_errors": target_errors(shown, pictures),
        "inspected": inspected_pictures(shown),
    }
