"""The command `report`: what finished runs say, on the terminal and as a page. It needs no TensorFlow."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from experiments import catalog
from experiments.command_line import Debug, RunsDir, bad_input, out

if TYPE_CHECKING:
    from reports.page import Report
    from reports.sweep.page import SweepReport


def report(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders of experiments or sweeps, or a runs folder.")
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
            help="The largest difference that does not matter, in percentage points (0.2, or one test image if more).",
        ),
    ] = None,
    runs_dir: RunsDir = Path("runs"),
    debug: Debug = False,
) -> None:
    """Compares an experiment's runs: prints the answer and the table, writes report.html, report.md, comparison.csv.

    Of a sweep it says what was found, in its report.html and trials.csv. Several experiments and sweeps get an
    index.html besides, in the folder they share, else in the current one.
    """
    from reports import run_directory
    from reports.index import write_index
    from reports.sweep.reading import sweep_folders
    from reports.wording import counted, listed

    with bad_input(debug):
        if margin is not None and not 0 <= margin < 100:
            raise ValueError(f"--margin {margin:g} is not possible: give percentage points from 0 up to 100, as 0.5")
        folders, swept = [], []
        for path in paths or [runs_dir]:
            within, sweeps = run_directory.experiment_folders(path), sweep_folders(path)
            if not within and not sweeps:
                raise FileNotFoundError(
                    f"{path} holds no experiment's runs and no sweep: give a folder that `run` or `tune` wrote into"
                )
            folders += within
            swept += sweeps
        if not folders and (against or all_pairs or margin is not None):
            raise ValueError(
                "--against, --all-pairs and --margin choose what experiments compare, and a sweep has no such"
            )
        share = None if margin is None else margin / 100
        written, searched, unread = [], [], {}
        for folder in folders:
            draw = None
            with contextlib.suppress(ValueError, OSError):  # runs of a file that lies elsewhere: without its figures
                draw = catalog.load(folder.name).draw
            try:
                written.append(write(folder, draw, margin=share, against=against or (), all_pairs=all_pairs))
            except (ValueError, OSError) as error:
                if len(folders) + len(swept) == 1 or debug:
                    raise
                unread[folder.name] = " ".join(str(error).split())
        for folder in swept:
            try:
                searched.append(write_sweep(folder))
            except (ValueError, OSError) as error:
                if len(folders) + len(swept) == 1 or debug:
                    raise
                unread[f"{folder.parent.name}/{folder.name}"] = " ".join(str(error).split())
        if len(folders) + len(swept) > 1:
            parents = {folder.resolve().parent for folder in folders}
            parents |= {folder.resolve().parents[1] for folder in swept}
            index = write_index(written, parents.pop() if len(parents) == 1 else Path(), unread, searched)
            of = [counted(len(folders), "experiment")] if folders else []
            of += [counted(len(swept), "sweep")] if swept else []
            out.print(Text(f"\nAll of it, {listed(of)}: {index}"), soft_wrap=True)
    for name, reason in unread.items():
        print(f"error: {name} has no report: {reason}", file=sys.stderr)
    raise typer.Exit(2 if unread else 0)


def write(
    folder: Path, draw: Any, *, margin: float | None = None, against: Sequence[str] = (), all_pairs: bool = False
) -> "Report":
    """Writes the report of one experiment's folder, with the figures of its file's own `draw`, and prints it."""
    from reports import run_directory
    from reports.console import summary
    from reports.page import write_report

    experiment = run_directory.read_experiment(folder)
    figures = draw(experiment.runs) if draw else {}
    written = write_report(experiment, folder, figures, margin=margin, against=against, all_pairs=all_pairs)
    out.print()
    out.print(summary(written.numbers), soft_wrap=True)
    out.print(Text(f"\nThe report: {written.html}"), soft_wrap=True)
    return written


def write_sweep(folder: Path) -> "SweepReport":
    """Writes the report of the sweep in this folder, finished or not, and prints what it says."""
    from reports.sweep.console import sweep_summary
    from reports.sweep.page import write_sweep_report
    from reports.sweep.reading import read_sweep

    written = write_sweep_report(read_sweep(folder))
    out.print()
    out.print(sweep_summary(written), soft_wrap=True)
    out.print(Text(f"\nThe report: {written.html}"), soft_wrap=True)
    return written
