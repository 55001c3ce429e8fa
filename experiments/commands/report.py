"""The command `report`: what finished runs or a table of scores show, on the terminal and as a page. No TensorFlow."""

import contextlib
import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import Debug, RunsDir, bad_input, complain, given, out, waiting
from keras_suite.experiments.commands.reportable import Kind, Reportable, reportables
from keras_suite.experiments.commands.scores import (
    ONLY_TABLES,
    Direction,
    FirstLook,
    Metric,
    Question,
    Unit,
    is_table,
    write_table_report,
)
from keras_suite.experiments.commands.site import check_site, write_site
from keras_suite.experiments.foreign_code import ForeignCodeError, ForeignFunction
from keras_suite.tasks.wording.shown import message_of, shown

if TYPE_CHECKING:
    from keras_suite.reports.elsewhere.told import Told
    from keras_suite.reports.figures.svg import OwnFigures
    from keras_suite.reports.page.report import Report
    from keras_suite.reports.page.study import StudyReport
    from keras_suite.reports.run_directory import Run
    from keras_suite.reports.sweep.page import SweepReport


def report(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of experiments, sweeps or studies, a runs folder, or tables of scores (.csv)."),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VARIANT or A=B",
            help="Compare all variants with this one instead of the first; or only A with B; A=B is repeatable.",
        ),
    ] = None,
    all_pairs: Annotated[bool, typer.Option("--all-pairs", help="Compare every variant with every other.")] = False,
    margin: Annotated[
        float | None,
        typer.Option(
            metavar="POINTS",
            help="The largest difference that does not matter, in percentage points (0.2, or one test image if more), "
            "or in the degrees, grey levels or units that runs are scored by (0.2; of a table's plain numbers 0).",
        ),
    ] = None,
    metric: Metric = None,
    direction: Direction = None,
    unit: Unit = None,
    question: Question = None,
    first_look: FirstLook = False,
    latex: Annotated[
        bool,
        typer.Option("--latex", help="Also write a folder latex: tables, methods, references, figures as PDF."),
    ] = False,
    site: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Also copy all pages into this folder, with an index that one can search, offline."
        ),
    ] = None,
    runs_dir: RunsDir = Path("runs"),
    debug: Debug = False,
) -> None:
    """Compare an experiment's runs: print the answer and the table, write report.html, report.md, comparison.csv.

    Other pairs or another margin than the experiment's own get pages of their own, as report-against-b.html.

    A sweep gets a report.html and trials.csv; a study's page stays as it was written. Several folders also get an
    index.html, in the folder that they share, else in the current one.

    A table of scores of any framework, with the columns variant, seed and score, or variant, seed, image, label and
    prediction, is compared in the same way; its report is written into a folder of its name beside it or in --runs-dir.
    """
    with bad_input(debug):
        from keras_suite.reports.elsewhere.told import Told, check_margin

        told = Told(metric, direction, unit, question, first_look)
        typed = given(context, ("paths",))
        home = runs_dir if "--runs-dir" in typed else None
        chosen_paths = paths or [runs_dir]
        check_margin(margin, float("inf") if all(map(is_table, chosen_paths)) else 100)
        items = [each for path in chosen_paths for each in reportables(path, home)]
        _check_choices({each.kind for each in items}, typed)
        if site is not None:
            check_site(site, [each.folder for each in items])
        chosen = {"margin": margin, "against": against or (), "all_pairs": all_pairs, "latex": latex}
        written, unread = _all_written(items, chosen, told, debug)
        if site is not None:
            out.print(Text(f"\n{write_site(written, site, unread)}"), soft_wrap=True)
        elif len(items) > 1:
            _write_index(items, written, unread)
    for name, reason in unread.items():
        complain(f"{name} has no report: {reason}")
    raise typer.Exit(2 if unread else 1 if any(getattr(each, "problems", ()) for each in written) else 0)


def _check_choices(kinds: Collection[Kind], typed: Sequence[str]) -> None:
    """Raise ValueError for options that do not fit what is reported."""
    if {"--against", "--all-pairs", "--margin"} & {*typed} and not {"experiment", "table"} & {*kinds}:
        raise ValueError("--against, --all-pairs and --margin choose what experiments compare, and here is none")
    if "--latex" in typed and not {"experiment", "table"} & {*kinds}:
        raise ValueError("--latex writes the tables and figures of experiments, and here is none: leave it out")
    useless = [option for option in typed if option in ONLY_TABLES]
    if useless and "table" not in kinds:
        raise ValueError(f"{useless[0]} says what a table of scores holds, and here is none: leave it out")


def _write_index(
    items: Sequence[Reportable],
    written: Sequence["Report | SweepReport | StudyReport"],
    unread: Mapping[str, str],
) -> None:
    """Write index.html into the runs folder that all items share, else into the current folder."""
    from keras_suite.reports.page.index import write_index
    from keras_suite.tasks.wording.quantities import counted, listed

    homes = {each.home for each in items}
    index = write_index(written, homes.pop() if len(homes) == 1 else Path(), unread)
    counts = {kind: sum(each.kind == kind for each in items) for kind in get_args(Kind)}
    of = listed([counted(count, kind) for kind, count in counts.items() if count])
    out.print(Text(f"\nIndex of {of}: {index}"), soft_wrap=True)


def _all_written(
    items: Sequence[Reportable], chosen: Mapping[str, Any], told: "Told", debug: bool
) -> tuple[list["Report | SweepReport | StudyReport"], dict[str, str]]:
    """Write and print all reports; of several, one that fails keeps the others from nothing.

    Returns:
        What was written, and why else nothing was, by name.
    """
    written, unread = [], {}
    for each in items:
        try:
            written.append(_written(each, chosen, told))
        except (ValueError, OSError) as error:
            if len(items) == 1 or debug:
                raise
            unread[each.name] = " ".join(str(error).split())
    return written, unread


def _written(item: Reportable, chosen: Mapping[str, Any], told: "Told") -> "Report | SweepReport | StudyReport":
    if item.table is not None:
        return _shown(write_table_report(item.table, item.folder, told, **chosen))
    if item.kind == "sweep":
        return write_sweep(item.folder)
    if item.kind == "study":
        return show_study(item.folder)
    draw = None
    if item.folder.name in catalog.names():  # the runs of a file that lies elsewhere are shown without its figures
        with contextlib.suppress(ValueError, OSError):
            draw = catalog.load(item.folder.name).draw
    return write(item.folder, draw, **chosen)


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
    latex: bool = False,
    called: str = "The report",
) -> "Report":
    """Write the report of one experiment's folder, and print it.

    Args:
        folder: The experiment's folder.
        draw: The experiment file's own `draw`, for further figures; or None.
        margin: The largest difference that does not matter, in percentage points where test scores are shares.
        against: Pairs to compare, as typed.
        all_pairs: Whether to compare all pairs.
        latex: Whether to write the results for a paper, too.
        called: What it is called where its path is printed.
    """
    from keras_suite.reports import run_directory
    from keras_suite.reports.page.report import chosen_suffix, write_report
    from keras_suite.reports.results.experiment_numbers import task_of_all

    suffix = chosen_suffix(margin, against, all_pairs)
    experiment = run_directory.read_experiment(folder)
    own = own_figures(draw, experiment.runs, folder / f"figures{suffix}", folder / f"latex{suffix}" if latex else None)
    if margin is not None:
        margin /= task_of_all(experiment.runs).score.scale
    return _shown(
        write_report(
            experiment, folder, own, margin=margin, against=against, all_pairs=all_pairs, suffix=suffix, latex=latex
        ),
        called,
    )


def _shown(written: "Report", called: str = "The report") -> "Report":
    """Print a written report."""
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
