"""Files that cannot be used or should be looked at, and the table by which they are listed and left out.

keras-suite data NAME --problems problems.csv                       lists them: file, verdict, reason
keras-suite data NAME --skip problems.csv --problems problems.csv   adds what is found without those
keras-suite run NAME --skip problems.csv                            trains without all that the table lists
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from keras_suite.tasks.atomic_files import write_text
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.reading.text import read_cells

REFUSED, DOUBTFUL = "refused", "doubtful"
SKIPPED = "listed to be skipped"  # why a file is left out
_COLUMNS = ("file", "verdict", "reason")


class RefusedFiles(ValueError):
    """Files that cannot be used. The message names the first ones.

    Attributes:
        refused: Why, by the name of each.
    """

    def __init__(self, message: str, refused: Mapping[str, str]) -> None:
        super().__init__(message)
        self.refused = dict(refused)


@dataclass(frozen=True)
class Problem:
    """A file, by its name in the data, and what is wrong with it; `verdict` is "refused" or "doubtful"."""

    file: str
    verdict: str
    reason: str


def write_problems(path: Path, problems: Iterable[Problem]) -> None:
    """Write the table, a row a file; what is no text in a name is written as its code."""
    rows: dict[str, list[Problem]] = {}
    for problem in problems:
        rows.setdefault(one_line(problem.file), []).append(problem)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for file, found in sorted(rows.items()):
        verdict = REFUSED if any(problem.verdict == REFUSED for problem in found) else DOUBTFUL
        writer.writerow([file, verdict, one_line("; ".join(dict.fromkeys(problem.reason for problem in found)))])
    write_text(path, text.getvalue())


def read_problems(path: Path) -> list[Problem]:
    """Return what a table lists; one with nothing but a column of files will do.

    Raises:
        ValueError: If it is no such table.
        OSError: If it cannot be read.
    """
    cells = read_cells(path)
    if _COLUMNS[0] not in cells.names:
        raise ValueError(
            f"{path} has no column 'file' (its first row names {', '.join(cells.names)}): give what "
            "`data NAME --problems FILE.csv` wrote, or a CSV file with a column file"
        )
    rows = [dict(zip(cells.names, row, strict=True)) for row in cells.rows]
    return [
        Problem(row["file"], row.get("verdict") or DOUBTFUL, row.get("reason") or SKIPPED)
        for row in rows
        if row["file"]
    ]


def read_skipped(path: Path) -> frozenset[str]:
    """Return the files that a table lists, as `is_skipped` takes them. Raises what `read_problems` raises."""
    return frozenset(problem.file for problem in read_problems(path))


def skipped_among(where: Path, names: Iterable[str], skipped: frozenset[str]) -> tuple[str, ...]:
    """Return which of the files of a folder, an archive or a table are skipped.

    Raises:
        ValueError: If some are to be, and none is there: the table is of other data, or names them from elsewhere.
    """
    found = tuple(name for name in names if is_skipped(name, skipped))
    if skipped and not found:
        raise ValueError(
            f"{where}: none of the {len(skipped):,} files to skip is there (first: {one_line(min(skipped))}): name "
            "them as `data NAME --problems FILE.csv` does"
        )
    return found


def is_skipped(name: str, skipped: frozenset[str]) -> bool:
    """Return whether a file stands in such a table."""
    return bool(skipped) and (name in skipped or one_line(name) in skipped)
