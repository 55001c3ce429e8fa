"""The command `report`: what finished runs say, on the terminal and as a page. It needs no TensorFlow."""

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import Debug, RunsDir, bad_input, out

if TYPE_CHECKING:
    from keras_suite.reports.page.report import Report
    from keras_suite.reports.page.study import StudyReport
    from keras_suite.reports.sweep.page import SweepReport

Kind = Literal["experiment", "sweep", "study"]


def report(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders of experiments, sweeps or studies, or a runs folder.")
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
            "or in the degrees or grey levels that test images are scored by (0.2).",
        ),
    ] = None,
    runs_dir: RunsDir = Path("runs"),
    debug: Debug = False,
) -> None:
    """Compares an experiment's runs: prints the answer and the table, writes report.html, report.md, comparison.csv.

    Of a sweep it says what was found, in its report.html and trials.csv. A study's page is as it was written. Several
    folders get an index.html besides, in the one they share, else in the current one.
    """
    from keras_suite.reports.page.index import write_index
    from keras_suite.tasks.wording.quantities import counted, listed

    with bad_input(debug):
        if margin is not None and not 0 <= margin < 100:
            raise ValueError(f"--margin {margin:g} is not possible: give a number from 0 up to 100, as 0.5")
        found = [each for path in paths or [runs_dir] for each in _found(path)]
        if (against or all_pairs or margin is not None) and not any(each.kind == "experiment" for each in found):
            raise ValueError("--against, --all-pairs and --margin choose what experiments compare, and here is none")
        chosen = {"margin": margin, "against": against or (), "all_pairs": all_pairs}
        written, unread = [], {}
        for each in found:
            try:
                written.append(_written(each, chosen))
            except (ValueError, OSError) as error:
                if len(found) == 1 or debug:
                    raise
                unread[each.name] = " ".join(str(error).split())
        if len(found) > 1:
            homes = {each.home for each in found}
            index = write_index(written, homes.pop() if len(homes) == 1 else Path(), unread)
            counts = {kind: sum(each.kind == kind for each in found) for kind in get_args(Kind)}
            of = listed([counted(count, kind) for kind, count in counts.items() if count])
            out.print(Text(f"\nAll of it, {of}: {index}"), soft_wrap=True)
    for name, reason in unread.items():
        print(f"error: {name} has no report: {reason}", file=sys.stderr)
    raise typer.Exit(2 if unread else 0)


@dataclass(frozen=True)
class _Found:
    """A folder that a report can be made of, and `home`, the runs folder that it lies in."""

    folder: Path
    kind: Kind
    home: Path
    name: str


def _found(path: Path) -> list[_Found]:
    """What lies at `path` or beneath it; FileNotFoundError if that is nothing."""
    from keras_suite.reports.page.study import study_folders
    from keras_suite.reports.run_directory import experiment_folders
    from keras_suite.reports.sweep.reading import sweep_folders

    found = [_Found(folder, "experiment", folder.resolve().parent, folder.name) for folder in experiment_folders(path)]
    found += [
        _Found(folder, "sweep", folder.resolve().parents[1], f"{folder.parent.name}/{folder.name}")
        for folder in sweep_folders(path)
    ]
    found += [_Found(folder, "study", folder.resolve().parent, folder.name) for folder in study_folders(path)]
    if not found:
        raise FileNotFoundError(
            f"{path} holds no experiment's runs and no sweep: give a folder that `run` or `tune` wrote into"
        )
    return found


def _written(found: _Found, chosen: Mapping[str, Any]) -> "Report | SweepReport | StudyReport":
    if found.kind == "sweep":
        return write_sweep(found.folder)
    if found.kind == "study":
        return show_study(found.folder)
    draw = None
    with contextlib.suppress(ValueError, OSError):  # runs of a file that lies elsewhere: without its figures
        draw = catalog.load(found.folder.name).draw
    return write(found.folder, draw, **chosen)


def after_training(write_it: Callable[[], object], folder: Path, kept: str, debug: bool) -> bool:
    """Writes a report; False, with a line that says why and what is not lost, if that could not be."""
    try:
        write_it()
    except (ValueError, OSError) as error:
        if debug:
            raise
        again = f"keras-suite report {folder}"
        print(f"error: the report was not written ({error}); {kept}: mend that, then {again}", file=sys.stderr)
        return False
    return True


def write(
    folder: Path, draw: Any, *, margin: float | None = None, against: Sequence[str] = (), all_pairs: bool = False
) -> "Report":
    """Writes the report of one experiment's folder, with the figures of its file's own `draw`, and prints it.

    `margin` is as it is typed: in percentage points where test scores are shares.
    """
    from keras_suite.reports import run_directory
    from keras_suite.reports.export.console import summary
    from keras_suite.reports.page.report import write_report
    from keras_suite.reports.results.experiment_numbers import task_of_all

    experiment = run_directory.read_experiment(folder)
    figures = draw(experiment.runs) if draw else {}
    if margin is not None:
        margin /= task_of_all(experiment.runs).score.scale
    written = write_report(experiment, folder, figures, margin=margin, against=against, all_pairs=all_pairs)
    out.print()
    out.print(summary(written.numbers), soft_wrap=True)
    out.print(Text(f"\nThe report: {written.html}"), soft_wrap=True)
    return written


def write_sweep(folder: Path, brief: bool = False) -> "SweepReport":
    """Writes the report of the sweep in this folder, finished or not, and prints what it says; `brief`, no table."""
    from keras_suite.reports.sweep.console import sweep_summary
    from keras_suite.reports.sweep.page import write_sweep_report
    from keras_suite.reports.sweep.reading import read_sweep

    written = write_sweep_report(read_sweep(folder))
    out.print()
    out.print(Text(written.answer, style="bold") if brief else sweep_summary(written), soft_wrap=True)
    out.print(Text(f"\nThe report: {written.html}"), soft_wrap=True)
    return written


def show_study(folder: Path) -> "StudyReport":
    """Prints what the study in this folder found; its page is written when it is run."""
    from keras_suite.reports.page.study import read_study

    found = read_study(folder)
    out.print()
    out.print(Text(found.answer, style="bold"), soft_wrap=True)
    out.print(Text(f"\nThe report: {found.html}"), soft_wrap=True)
    return found
