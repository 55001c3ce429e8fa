"""Reports of experiments, sweeps and studies, written and printed. No TensorFlow."""

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from keras_suite.experiments.commands.command_line import complain, out, waiting
from keras_suite.experiments.foreign_code import ForeignCodeError, ForeignFunction
from keras_suite.tasks.wording.shown import message_of, shown

if TYPE_CHECKING:
    from keras_suite.reports.figures.svg import OwnFigures
    from keras_suite.reports.page.report import Report
    from keras_suite.reports.page.study import StudyReport
    from keras_suite.reports.run_directory import Run
    from keras_suite.reports.sweep.page import SweepReport


def after_training(write_it: Callable[[], bool], folder: Path, kept: str, debug: bool) -> bool:
    """Write a report, and return whether it is whole; if it fails, print why, and what is not lost."""
    try:
        with waiting("writing the report"):
            return write_it()
    except (ValueError, OSError) as error:
        if debug:
            raise
        again = f"keras-suite report {folder}"
        complain(f"the report was not written ({message_of(error)}); {kept}: fix that, then {again}")
        return False


def write(
    folder: Path,
    draw: ForeignFunction | None,
    *,
    margin: float | None = None,
    against: Sequence[str] = (),
    all_pairs: bool = False,
    score: str | None = None,
    latex: bool = False,
) -> "Report":
    """Write the report of one experiment's folder.

    Args:
        folder: The experiment's folder.
        draw: The experiment file's own `draw`, for further figures; or None.
        margin: The largest difference that does not matter, in percentage points where test scores are shares.
        against: Pairs to compare, as typed.
        all_pairs: Whether to compare all pairs.
        score: The metric of the test images that is compared; None for the task's own.
        latex: Whether to write the results for a paper, too.
    """
    from keras_suite.reports import run_directory
    from keras_suite.reports.page.index import entry_of
    from keras_suite.reports.page.report import chosen_suffix, write_report
    from keras_suite.reports.page.unchanged import keep
    from keras_suite.reports.results.experiment_numbers import task_of_all

    experiment = run_directory.read_experiment(folder)
    if score is not None:
        asked, own_score = (task_of_all(experiment.runs, name).score.name for name in (score, None))
        score = None if asked == own_score else asked
    suffix = chosen_suffix(margin, against, all_pairs, score)
    own = own_figures(draw, experiment.runs, folder / f"figures{suffix}", folder / f"latex{suffix}" if latex else None)
    if margin is not None:
        margin /= task_of_all(experiment.runs, score).score.scale
    written = write_report(
        experiment,
        folder,
        own,
        margin=margin,
        against=against,
        all_pairs=all_pairs,
        score=score,
        suffix=suffix,
        latex=latex,
    )
    if not suffix and draw is None:  # figures of one's own may rest on more than these runs
        keep(entry_of(written), folder)
    return written


def shown_report(written: "Report", called: str = "The report") -> "Report":
    """Print a written report; `called`: what it is called where its path is printed."""
    from keras_suite.reports.export.console import summary

    out.print()
    out.print(summary(written.numbers), soft_wrap=True)
    for line in written.labels:
        out.print(Text(f"\n{line}"), soft_wrap=True)
    out.print(Text(f"\n{called}: {written.html}"), soft_wrap=True)
    if written.latex is not None:
        out.print(Text(f"For a paper: {written.latex / 'paper.tex'}"), soft_wrap=True)
    for problem in written.problems:
        complain(f"{problem}; the report was written without that", kind="warning")
    return written


def own_figures(
    draw: ForeignFunction | None, runs: Sequence["Run"], folder: Path, pdf_folder: Path | None = None
) -> "OwnFigures":
    """Draw the figures of an experiment file's own `draw`, and write them into `folder`; what fails is named."""
    from keras_suite.reports.figures.svg import OwnFigures, Pictures

    if draw is None:
        return OwnFigures()
    pictures, written, problems = Pictures(folder, pdf_folder), [], []
    try:
        figures = draw(pickle.loads(pickle.dumps(tuple(runs))))  # a copy: the report rests on these runs
    except ForeignCodeError as error:
        return OwnFigures(problems=(str(error),))
    for number, (title, figure) in enumerate(figures.items(), 1):
        try:
            with draw.file.calling(f"writing the figure {shown(title)} of draw(runs)"):
                written.append(pictures.add(f"extra-{number}-{title}", title, title, figure, adapt=False))
        except ForeignCodeError as error:
            problems.append(str(error))
    return OwnFigures(tuple(written), tuple(pictures.paths), tuple(problems))


def write_sweep(folder: Path, brief: bool = False, announced: bool = True) -> "SweepReport":
    """Write the report of the sweep in this folder, finished or not, and print it.

    Args:
        folder: The sweep's folder.
        brief: Whether to leave out its table.
        announced: Whether to say where the report is: not where it will be written again.
    """
    from keras_suite.reports.sweep.page import sweep_summary, write_sweep_report
    from keras_suite.reports.sweep.reading import read_sweep

    written = write_sweep_report(read_sweep(folder))
    out.print()
    out.print(Text(written.answer, style="bold") if brief else sweep_summary(written), soft_wrap=True)
    if announced:
        out.print(Text(f"\nThe report: {written.html}"), soft_wrap=True)
    return written


def show_study(folder: Path) -> "StudyReport":
    """Print the answer of the study in this folder; its page is written when it is run."""
    from keras_suite.reports.page.study import read_study

    study = read_study(folder)
    out.print()
    out.print(Text(study.answer, style="bold"), soft_wrap=True)
    out.print(Text(f"\nThe report: {study.html}"), soft_wrap=True)
    return study
