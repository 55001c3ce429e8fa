"""Files that are refused or doubtful: `data NAME --problems FILE.csv` lists them, `--skip FILE.csv` leaves them out."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import out
from keras_suite.tasks.wording.quantities import counted
from keras_suite.tasks.wording.shown import shown

if TYPE_CHECKING:
    from keras_suite.data_pipeline.images.problem_files import Problem

Skip = Annotated[
    Path | None,
    typer.Option(metavar="FILE.csv", help="Leave out the files that this table lists; see `data NAME --problems`."),
]


def skipping(skip: Path | None) -> dict[str, Any]:
    """Return the override that leaves out what a table lists; none without a table. ValueError if there is none."""
    if skip is None:
        return {}
    if not skip.is_file():
        raise ValueError(f"--skip {shown(str(skip))} is no file: give what `data NAME --problems FILE.csv` wrote")
    return {"dataset.skip": str(skip.absolute())}


def listed_before(skip: Path | None) -> list["Problem"]:
    """Return what a table of files to skip lists, so that another table may go on with it."""
    from keras_suite.data_pipeline.images.problem_files import read_problems

    return [] if skip is None else read_problems(skip)


@contextlib.contextmanager
def listing_refused(problems: Path | None, before: Sequence["Problem"]) -> Iterator[None]:
    """Write the table of problems where files are refused in the block, before the error goes on.

    `before` are those that are skipped already; the table holds them, too.
    """
    from keras_suite.data_pipeline.images.problem_files import REFUSED, Problem, RefusedFiles

    try:
        yield
    except RefusedFiles as error:
        if problems is not None:
            found = [Problem(file, REFUSED, reason) for file, reason in error.refused.items()]
            list_problems(problems, [*before, *found])
        raise


def list_problems(path: Path, problems: Sequence["Problem"]) -> None:
    """Write the table, and say how many files it lists."""
    from keras_suite.data_pipeline.images.problem_files import write_problems

    write_problems(path, problems)
    files = counted(len({problem.file for problem in problems}), "file")
    out.print(Text(f"{path} lists {files} to look at; `--skip {path}` leaves them out"), soft_wrap=True)
