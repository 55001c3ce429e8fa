"""Runs of MLflow and TensorBoard for `report`: the options that say what of them is compared, and the report."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_suite.experiments.commands.folders import check_output
from keras_suite.experiments.commands.scores import looks_of, report_folder
from keras_suite.tasks.wording.quantities import counted

if TYPE_CHECKING:
    from keras_suite.reports.elsewhere.scored_runs import Chosen
    from keras_suite.reports.elsewhere.table import Table
    from keras_suite.reports.elsewhere.told import Told
    from keras_suite.reports.page.report import Report

MLflow = Annotated[
    str | None,
    typer.Option("--mlflow", metavar="URI", help="Compare the runs of these experiments on an MLflow server."),
]
VariantBy = Annotated[
    list[str] | None,
    typer.Option(
        "--variant",
        metavar="NAME",
        help="Of MLflow's runs the parameter or tag, of event files the field of --folders, that is the variant; "
        "repeatable (all that differ).",
    ),
]
SeedBy = Annotated[
    str | None, typer.Option("--seed", metavar="NAME", help="The same for the seed (seed, random_seed, random_state).")
]
Filter = Annotated[
    str | None,
    typer.Option("--filter", metavar="TEXT", help="The runs to take, in MLflow's words: \"params.epochs = '9'\"."),
]
Folders = Annotated[
    str | None,
    typer.Option(
        "--folders",
        metavar="PATTERN",
        help='How the folders of runs with event files are called: "{variant}/seed-{seed}", the default nearly.',
    ),
]
ONLY_TRACKED = ("--variant", "--seed")


@dataclass(frozen=True)
class Tracked:
    """Runs that a tracker has.

    Attributes:
        source: An experiment's name on the server, or a folder of event files.
        uri: The server's address; None for event files.
        filter: See `mlflow_table`.
        pattern: See `events_table`.
    """

    source: str
    uri: str | None
    filter: str = ""
    pattern: str | None = None


def tracked_folder(tracked: Tracked, home: Path | None) -> Path:
    """Return the folder for the report on runs of a tracker, in `home`, else beside the event files, or here.

    Raises:
        ValueError: If something else lies there.
    """
    if tracked.uri is not None:
        name = re.sub(r"[^\w.-]+", "-", tracked.source).strip("-.") or "experiment"
        return report_folder((home or Path()) / f"{name}-report", tracked.source)
    path = Path(tracked.source).resolve() if tracked.source in (".", "..") else Path(tracked.source)
    return report_folder((home or path.parent) / f"{path.name}-report", tracked.source)


def write_tracked_report(
    tracked: Tracked, folder: Path, told: "Told", by: "Chosen", command: str, latex: bool = False, **chosen: Any
) -> "Report":
    """Write the report on runs of a tracker.

    Args:
        tracked: The runs.
        folder: Where the report is written.
        told: What their scores are.
        by: What of them is compared.
        command: As it was typed.
        latex: Whether to write the results for a paper, too.
        **chosen: Which pairs, see `table_numbers`.

    Raises:
        ValueError, OSError: With what is wrong, before anything is written.
    """
    from keras_suite.reports.elsewhere.numbers import origin, table_numbers
    from keras_suite.reports.page.report import write_numbers
    from keras_suite.reports.run_directory.looks import record_looks

    looks = looks_of(folder, told.first_look)
    table, told, problems, where = _read(tracked, told, by)
    name = Path(tracked.source).name
    numbers = table_numbers(
        table, told, name=name, folder=folder, command=command, looks=looks, problems=problems, **chosen
    )
    check_output(folder, "--runs-dir")
    written = write_numbers(numbers, folder, origin(table, where), latex=latex)
    record_looks(folder, looks, {(pair.variant, pair.against): pair.seeds for pair in numbers.pairs})
    return written


def _read(tracked: Tracked, told: "Told", by: "Chosen") -> tuple["Table", "Told", Sequence[str], tuple[str, str]]:
    """Return the runs, what is told of them, warnings, and where they come from."""
    if tracked.uri is None:
        from keras_suite.reports.elsewhere.event_files import events_table

        table, told, problems = events_table(Path(tracked.source), tracked.pattern, by, told)
        where = ("event files", f"{Path(tracked.source).name}, {counted(table.rows, 'run')}")
    else:
        from keras_suite.reports.elsewhere.mlflow_runs import mlflow_table

        table, told = mlflow_table(tracked.uri, tracked.source, by, told, tracked.filter)
        problems = ()
        where = ("MLflow experiment", f"{tracked.source}, {counted(table.rows, 'run')}")
    if told.measured_on != "test":
        problems = (
            *problems,
            f"the scores are of {told.measured_on} images: what was fitted to these looks better than it is",
        )
    return table, told, problems, where
