"""Tables of scores for `report`: the options that say what they hold, where their report lies, and its writing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from keras_suite.experiments.commands.folders import check_output
from keras_suite.tasks.wording.shown import shown

if TYPE_CHECKING:
    from keras_suite.reports.elsewhere.told import Told
    from keras_suite.reports.page.report import Report
    from keras_suite.reports.run_directory.looks import Looks

Metric = Annotated[
    str | None, typer.Option("--metric", metavar="NAME", help="What the scores of a table measure, as F1 or accuracy.")
]
Direction = Annotated[
    Literal["max", "min"] | None,
    typer.Option("--direction", help="Whether larger (max, the default) or smaller scores of a table are better."),
]
Unit = Annotated[
    str | None,
    typer.Option(
        "--unit",
        metavar="UNIT",
        help="Of a table's scores: share (0 to 1, shown in %), percent (0 to 100), or any other, as dB.",
    ),
]
Question = Annotated[
    str | None, typer.Option("--question", metavar="TEXT", help="What the variants of a table are compared for.")
]
FirstLook = Annotated[
    bool,
    typer.Option(
        "--first-look",
        help="Nobody has looked at a table's scores before; else each number of seeds counts as looked at.",
    ),
]
ONLY_TABLES = ("--metric", "--direction", "--unit", "--question", "--first-look")
WRITTEN = ("report.html", "report.md", "figures")


def is_table(path: Path) -> bool:
    """Return whether a path is meant as a table of scores, whether or not there is one."""
    return path.suffix.lower() == ".csv" and not path.is_dir()


def scores_folder(path: Path, home: Path | None) -> Path:
    """Return the folder for the report on a table: of its name, in `home` or beside it.

    Raises:
        ValueError: If something else lies there.
    """
    return report_folder((home or path.parent) / path.stem, str(path))


def report_folder(folder: Path, source: str) -> Path:
    """Return `folder`, that of the report on runs trained elsewhere; ValueError if something else lies there."""
    if not folder.exists():
        return folder
    there = "an experiment's runs" if (folder / "experiment.json").exists() else None
    if not (folder / "comparison.csv").exists():
        there = there or next((f"another {name}" for name in WRITTEN if (folder / name).exists()), None)
    if there:
        raise ValueError(
            f"the report on {source} belongs into {folder}, which holds {there}: rename one of the two, or give "
            "another folder with --runs-dir"
        )
    return folder


def write_table_report(
    path: Path, folder: Path, told: "Told", command: str, latex: bool = False, **chosen: Any
) -> "Report":
    """Write the report on a table of scores.

    Args:
        path: The table.
        folder: Where the report is written.
        told: What its scores are.
        command: As it was typed.
        latex: Whether to write the results for a paper, too.
        **chosen: What is compared, see `scores_numbers`.

    Raises:
        ValueError, OSError: With what is wrong with the table, before anything is written.
    """
    from keras_suite.reports.elsewhere.numbers import scores_numbers
    from keras_suite.reports.page.report import write_numbers
    from keras_suite.reports.run_directory.looks import record_looks

    if not path.exists():
        raise FileNotFoundError(f"there is no table {shown(str(path))}: give a CSV file with variant, seed and score")
    looks = looks_of(folder, told.first_look)
    numbers, origin = scores_numbers(path, told, command=command, looks=looks, **chosen)
    check_output(folder, "--runs-dir")
    written = write_numbers(numbers, folder, origin, latex=latex)
    record_looks(folder, looks, {(pair.variant, pair.against): pair.seeds for pair in numbers.pairs})
    return written


def looks_of(folder: Path, first: bool) -> "Looks":
    """Return the looks at a table that are recorded beside its report; ValueError if `first` says there were none."""
    from keras_suite.reports.run_directory.looks import LOOKS, Looks, read_looks

    if not (folder / LOOKS).exists():
        return Looks(first_look_known=first)
    looks = read_looks(folder)
    if first and not looks.first_look_known:
        raise ValueError(f"--first-look is not possible: an earlier look is recorded in {folder / LOOKS}; leave it out")
    return looks
