"""The command `runs`: what lies in a runs folder, how much room it takes, and removing what is no longer wanted."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from keras_suite.experiments.commands.command_line import Debug, RunsDir, bad_input, complain, out
from keras_suite.experiments.storage.disk_use import StoredExperiment, StoredRun
from keras_suite.reports.export.fitting_table import FittingTable
from keras_suite.tasks.wording.quantities import counted


def runs(
    experiment: Annotated[
        list[str] | None, typer.Option("--experiment", help="Only this one, as the table names it; repeatable.")
    ] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            help="Only runs that are completed, failed, interrupted, damaged, or former (of a variant that is no "
            "longer compared); repeatable.",
        ),
    ] = None,
    older_than: Annotated[
        float | None, typer.Option("--older-than", min=0, metavar="DAYS", help="Only runs not written to for so long.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Remove the chosen runs, after asking.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    runs_dir: RunsDir = Path("runs"),
    debug: Debug = False,
) -> None:
    """Show the experiments and sweeps in a runs folder with their states and sizes; --prune removes runs."""
    from keras_suite.experiments.storage import disk_use

    with bad_input(debug):
        experiments = disk_use.stored(runs_dir)
        narrowed = bool(experiment or state or older_than is not None)
        chosen = (
            disk_use.chosen_to_prune(experiments, experiment or (), state or (), older_than)
            if narrowed or prune
            else [run for each in experiments for run in each.runs]
        )
        if prune and chosen and not yes and not sys.stdin.isatty():
            raise ValueError("--prune asks before it removes anything, and nobody can answer here: add --yes")
    if not prune:
        _show(experiments, chosen, narrowed, disk_use.set_aside_bytes(runs_dir))
        return
    if not chosen:
        out.print("No run is chosen: nothing was removed.")
        return
    size = _size(sum(run.bytes for run in chosen))
    for run in chosen:
        out.print(Text(f"{run.directory} ({run.state}, {_size(run.bytes)})"), soft_wrap=True)
    if not yes and not typer.confirm(f"Remove {counted(len(chosen), 'run')}, {size}? They cannot be restored"):
        out.print("Nothing was removed.")
        return
    kept = disk_use.prune(chosen)
    out.print(f"Removed {counted(len(chosen) - len(kept), 'run')}.")
    for line in kept:
        complain(line)
    raise typer.Exit(1 if kept else 0)


def _show(experiments: list[StoredExperiment], chosen: list[StoredRun], narrowed: bool, aside: int) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("experiment")
    table.add_column("runs")
    for column in ("size", "last written"):
        table.add_column(column, justify="right")
    for each in experiments:
        own = [run for run in chosen if run.experiment == each.name]
        if not own and (narrowed or each.runs):
            continue
        states = ", ".join(f"{count:,} {state}" for state, count in sorted(each.states.items())) or "a study"
        if narrowed:
            states = f"{len(own):,} of {len(each.runs):,}"
        size = sum(run.bytes for run in own) if narrowed else each.bytes
        changed = max((run.changed for run in own), default=each.changed)
        written = time.strftime("%Y-%m-%d %H:%M", time.localtime(changed)) if changed else ""
        table.add_row(*map(Text, (each.name, states, _size(size), written)))
    out.print(FittingTable(table))
    total = sum(run.bytes for run in chosen) if narrowed else sum(each.bytes for each in experiments)
    out.print(f"In all {counted(len(chosen), 'run')}, {_size(total)}.")
    if aside and not narrowed:
        out.print(f"Set aside by --fresh or repairs, in .set-aside: {_size(aside)} more.")


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
