"""A CSV file of the user's own as columns of text and numbers; what is wrong in it is said with its row."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_suite.tasks.wording.near_names import did_you_mean


@dataclass(frozen=True)
class Table:
    """Columns by name, each with one text a row, without the blanks around it.

    `rows` are their numbers as a spreadsheet counts them, the names of the columns being in row 1.
    """

    path: Path
    columns: dict[str, tuple[str, ...]]
    rows: tuple[int, ...]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the column `name`; ValueError if there is none, or if a row has nothing there."""
        if name not in self.columns:
            raise ValueError(_unknown_column(self.path, name, tuple(self.columns)))
        texts = self.columns[name]
        self.refuse([at for at, text in enumerate(texts) if not text], f"nothing in column {name!r}")
        return texts

    def numbers(self, name: str) -> np.ndarray:
        """Return the column `name` as float64 (n,); ValueError names the row where something else stands."""
        texts = self.texts(name)
        numbers = np.array([_number(text) for text in texts])
        wrong = np.flatnonzero(~np.isfinite(numbers)).tolist()
        if wrong:
            self.refuse(wrong, f"{texts[wrong[0]]!r} in column {name!r}, expected a number such as -12.5")
        return numbers

    def refuse(self, wrong: Sequence[int], said: str) -> None:
        """ValueError if any position is `wrong`: what is `said` of the first, and how many more there are."""
        if wrong:
            more = f" (and {len(wrong) - 1:,} more rows)" if len(wrong) > 1 else ""
            raise ValueError(f"{self.path}, row {self.rows[wrong[0]]}: {said}{more}")


def read_csv(path: Path) -> Table:
    """Return the table at `path`: UTF-8, columns separated by commas, their names in the first row. Blank rows are left
    out.

    ValueError says what is wrong with the file.
    """
    if not path.is_file():
        raise ValueError(f"{path} is not a file: give the CSV file itself")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path} is no CSV file in UTF-8 (line {line} has the byte 0x{content[error.start]:02x}): save it as CSV "
            "in UTF-8"
        ) from None
    try:
        cells = [
            (row, [cell.strip() for cell in record])
            for row, record in enumerate(
                csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True), 1
            )
            if any(cell.strip() for cell in record)
        ]
    except csv.Error as error:
        raise ValueError(f"{path} is no valid CSV file ({error}): correct it") from None
    if len(cells) < 2:
        raise ValueError(
            f"{path} has no row{' beneath the names of the columns' if cells else ''}: give a row an image"
        )
    return _table(path, cells)


def _table(path: Path, cells: list[tuple[int, list[str]]]) -> Table:
    (_, names), *records = cells
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ValueError(f"{path} has two columns {twice[0]!r}: rename one")
    for row, record in records:
        if len(record) != len(names):
            raise ValueError(
                f"{path}, row {row}: {len(record)} cells under {len(names)} columns: write as many, and a text with a "
                "comma in quotes"
            )
    columns = {name: tuple(record[at] for _, record in records) for at, name in enumerate(names) if name}
    return Table(path, columns, tuple(row for row, _ in records))


def _unknown_column(path: Path, given: str, known: Sequence[str]) -> str:
    hint = did_you_mean(given, known)
    if len(known) == 1 and (mark := next((mark for mark in ";\t" if mark in known[0]), "")):
        hint = f"; its columns are separated by {mark!r}: save it with commas"
    listed = ", ".join(map(repr, known[:12])) + (", …" if len(known) > 12 else "")
    return f"{path} has no column {given!r}{hint} (its first row names {listed})"


def _number(text: str) -> float:
    """NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
