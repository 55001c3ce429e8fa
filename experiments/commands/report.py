"""The command `report`: what finished runs show, ours or others', on the terminal and as a page. No TensorFlow."""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import Debug, RunsDir, bad_input, complain, given, out, typed
from keras_suite.experiments.commands.report_writing import show_study, shown_report, write, write_sweep
from keras_suite.experiments.commands.reportable import Kind, Reportable, reportable_of, reportables
from keras_suite.experiments.commands.scores import (
    ONLY_TABLES,
    Direction,
    FirstLook,
    Metric,
    Question,
    Unit,
    write_table_report,
)
from keras_suite.experiments.commands.side_by_side import Failure, outcomes, processes_for
from keras_suite.experiments.commands.site import check_site, write_site
from keras_suite.experiments.commands.tracked import (
    ONLY_TRACKED,
    Filter,
    Folders,
    MLflow,
    SeedBy,
    Tracked,
    VariantBy,
    write_tracked_report,
)
from keras_suite.tasks.wording.shown import shown

if TYPE_CHECKING:
    from keras_suite.reports.elsewhere.scored_runs import Chosen
    from keras_suite.reports.elsewhere.told import Told
    from keras_suite.reports.page.index import Entry
    from keras_suite.reports.page.report import Report
    from keras_suite.reports.page.study import StudyReport
    from keras_suite.reports.sweep.page import SweepReport

FOREIGN: tuple[Kind, ...] = ("table", "tracked experiment")  # kinds whose runs other code trained


def report(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of experiments, sweeps or studies, a runs folder, tables of scores (.csv), folders of "
            "TensorBoard's event files, or with --mlflow names of experiments."
        ),
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
    score: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Compare another metric of the test images than the experiment's own, as balanced_accuracy, macro_f1, "
            "roc_auc.",
        ),
    ] = None,
    mlflow: MLflow = None,
    variant: VariantBy = None,
    seed: SeedBy = None,
    filter: Filter = None,
    folders: Folders = None,
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

    Other pairs, another margin or score than the experiment's own get pages of their own, as report-against-b.html.

    A sweep gets a report.html and trials.csv; a study's page stays as it was written. Several folders also get an
    index.html, in the folder that they share, else in the current one; experiments of which no file has changed since
    their report keep it.

    A table of scores of any framework, with the columns variant, seed and score, or variant, seed, image, label and
    prediction, is compared in the same way; its report is written into a folder of its name beside it or in --runs-dir.
    So are runs on an MLflow server, and plain Keras runs that left event files; their reports are in <name>-report.
    """
    with bad_input(debug):
        from keras_suite.reports.elsewhere.scored_runs import Chosen
        from keras_suite.reports.elsewhere.told import Told, check_margin

        told = Told(metric, direction, unit, question, first_look)
        options = given(context, ("paths",))
        home = runs_dir if "--runs-dir" in options else None
        check_margin(margin, float("inf"))  # what no report can have is said before any is looked for
        items = items_at(paths, runs_dir, home, mlflow, filter, folders)
        check_choices({each.kind for each in items}, options)
        check_margin(margin, float("inf") if {each.kind for each in items} <= {*FOREIGN} else 100)
        if site is not None:
            check_site(site, [each.folder for each in items])
        chosen = {"margin": margin, "against": against or (), "all_pairs": all_pairs, "latex": latex}
        by = Chosen(tuple(variant or ()), seed, metric)
        again = len(items) == 1 or bool({*options} - {"--site", "--runs-dir"})
        written, unread = _all_written(items, chosen, told, by, score, debug, again)
        if site is not None:
            out.print(Text(f"\n{write_site(written, site, unread)}"), soft_wrap=True)
        elif len(items) > 1:
            _write_index(items, written, unread)
    for name, reason in unread.items():
        complain(f"{name} has no report: {reason}")
    raise typer.Exit(2 if unread else 1 if any(each.problems for each in written) else 0)


def items_at(
    paths: Sequence[Path] | None,
    runs_dir: Path,
    home: Path | None,
    mlflow: str | None,
    filter: str | None,
    folders: str | None,
) -> list[Reportable]:
    """Return what is to be reported, each once; ValueError where options do not go together, or nothing is there."""
    if filter is not None and mlflow is None:
        raise ValueError("--filter chooses among the runs of an MLflow server: add --mlflow, or leave it out")
    if folders is not None and mlflow is not None:
        raise ValueError("--folders is for event files, and --mlflow asks a server: leave one of the two out")
    if mlflow is None:
        found = [each for path in paths or [runs_dir] for each in reportables(path, home, folders)]
        once: dict[tuple[Path, Path | None], Reportable] = {}
        for each in found:  # two processes must not write into one folder
            once.setdefault((each.folder.resolve(), each.table), each)
        return list(once.values())
    if not paths:
        raise ValueError(f"--mlflow {shown(mlflow)} needs an experiment's name: keras-suite report --mlflow URI NAME")
    return [reportable_of(Tracked(str(path), mlflow, filter or ""), home) for path in paths]


def check_choices(kinds: Collection[Kind], options: Sequence[str]) -> None:
    """Raise ValueError for options that do not fit what is reported."""
    compared = {"experiment", *FOREIGN} & {*kinds}
    if {"--against", "--all-pairs", "--margin"} & {*options} and not compared:
        raise ValueError("--against, --all-pairs and --margin choose what experiments compare, and here is none")
    if "--latex" in options and not compared:
        raise ValueError("--latex writes the tables and figures of experiments, and here is none: leave it out")
    if "--score" in options and "experiment" not in kinds:
        raise ValueError("--score chooses a metric of our own runs, and here are none: others' scores have --metric")
    useless = [option for option in options if option in ONLY_TABLES]
    if useless and not {*FOREIGN} & {*kinds}:
        raise ValueError(f"{useless[0]} says what a table of scores holds, and here is none: leave it out")
    useless = [option for option in options if option in (*ONLY_TRACKED, "--folders")]
    if useless and "tracked experiment" not in kinds:
        raise ValueError(f"{useless[0]} is for runs of MLflow or TensorBoard, and here are none: leave it out")


def _write_index(
    items: Sequence[Reportable],
    written: Sequence["Entry"],
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
    items: Sequence[Reportable],
    chosen: Mapping[str, Any],
    told: "Told",
    by: "Chosen",
    score: str | None,
    debug: bool,
    again: bool,
) -> tuple[list["Entry"], dict[str, str]]:
    """Write and print all reports; of several, one that fails keeps the others from nothing.

    Args:
        again: Whether those of experiments whose runs have not changed since are written, too.

    Returns:
        What was written, and why else nothing was, by name. The numbers of each are gone before the next is read.
    """
    from keras_suite.reports.page.unchanged import unchanged

    kept = {each.folder: unchanged(each.folder) for each in items if not again and each.kind == "experiment"}
    missing = [each for each in items if kept.get(each.folder) is None]
    processes = 1 if debug else processes_for([each.folder for each in missing])
    found = outcomes(missing, partial(_entry, chosen=chosen, told=told, by=by, score=score), processes)
    written: list[Entry] = []
    unread: dict[str, str] = {}
    for each in items:
        old = kept.get(each.folder)
        if old is not None:
            out.print(Text(f"\n{old.row['answer']}\nNothing has changed since the report: {old.html}"), soft_wrap=True)
        entry = old or next(found)
        if isinstance(entry, Failure):
            if len(items) == 1 or debug:
                raise entry.error
            unread[each.name] = " ".join(str(entry.error).split())
        else:
            written.append(entry)
    return written, unread


def _entry(item: Reportable, chosen: Mapping[str, Any], told: "Told", by: "Chosen", score: str | None) -> "Entry":
    """Write and print a report, and return what the index says of it."""
    from keras_suite.reports.page.index import entry_of

    return entry_of(_written(item, chosen, told, by, score))


def foreign_report(item: Reportable, told: "Told", by: "Chosen", command: str = "", **chosen: Any) -> "Report":
    """Write the report on runs that other code trained.

    Args:
        item: The table, or the tracker's runs.
        told: What a user says of their scores.
        by: Which of a tracker's runs are which.
        command: As it was typed; this process's, if empty.
        **chosen: Which pairs, and whether for a paper, too.
    """
    if item.tracked is not None:
        return write_tracked_report(item.tracked, item.folder, told, by, command or typed(), **chosen)
    assert item.table is not None
    return write_table_report(item.table, item.folder, told, command or typed(), **chosen)


def _written(
    item: Reportable, chosen: Mapping[str, Any], told: "Told", by: "Chosen", score: str | None
) -> "Report | SweepReport | StudyReport":
    if item.kind in FOREIGN:
        return shown_report(foreign_report(item, told, by, **chosen))
    if item.kind == "sweep":
        return write_sweep(item.folder)
    if item.kind == "study":
        return show_study(item.folder)
    draw = None
    if item.folder.name in catalog.names():  # the runs of a file that lies elsewhere are shown without its figures
        with contextlib.suppress(ValueError, OSError):
            draw = catalog.load(item.folder.name).draw
    return shown_report(write(item.folder, draw, score=score, **chosen))
