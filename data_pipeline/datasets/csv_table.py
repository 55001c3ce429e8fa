"""A user's CSV table: named columns of texts, whose wrong rows are named as a spreadsheet counts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_suite.tasks.reading.text import read_cells, shortened
from keras_suite.tasks.wording.near_names import did_you_mean
from keras_suite.tasks.wording.quantities import counted


@dataclass(frozen=True)
class Table:
    """A CSV file.

    Attributes:
        path: The file.
        columns: By name, one text a row, without the blanks around it.
        rows: The rows' numbers as a spreadsheet counts them; row 1 holds the names of the columns.
    """

    path: Path
    columns: dict[str, tuple[str, ...]]
    rows: tuple[int, ...]

    def without(self, left_out: Sequence[bool]) -> "Table":
        """Return the table without some rows; a flag for each says whether it goes."""
        if not any(left_out):
            return self
        kept = [at for at, goes in enumerate(left_out) if not goes]
        columns = {name: tuple(texts[at] for at in kept) for name, texts in self.columns.items()}
        return Table(self.path, columns, tuple(self.rows[at] for at in kept))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the column `name`. Raises ValueError if there is none, or if a row has nothing there."""
        if name not in self.columns:
            raise ValueError(_unknown_column(self.path, name, tuple(self.columns)))
        texts = self.columns[name]
        self.refuse(
            [at for at, text in enumerate(texts) if not text],
            f"nothing in column {name!r}: fill it in, or leave the row out",
        )
        return texts

    def numbers(self, name: str) -> np.ndarray:
        """Return the column `name` as float64 (n,). Raises ValueError if there is anything else than numbers."""
        texts = self.texts(name)
        numbers = np.array([_number(text) for text in texts])
        wrong = np.flatnonzero(~np.isfinite(numbers)).tolist()
        if wrong:
            self.refuse(wrong, f"{shortened(texts[wrong[0]])} in column {name!r}, expected a number such as -12.5")
        return numbers

    def refuse(self, wrong: Sequence[int], reason: str) -> None:
        """Raise ValueError if there is any index of a wrong row, with the reason that holds for the first."""
        if wrong:
            more = f" (and {counted(len(wrong) - 1, 'more row')})" if len(wrong) > 1 else ""
            raise ValueError(f"{self.path}, row {self.rows[wrong[0]]}: {reason}{more}")


def read_csv(path: Path) -> Table:
    """Read a table in UTF-8, its columns separated by commas and named in the first row. Blank rows are left out.

    Raises:
        ValueError: If the file is no such table.
    """
    if not path.is_file():
        raise ValueError(f"{path} is not a file: give the CSV file itself")
    cells = read_cells(path)
    if not cells.rows:
        beneath = " beneath the names of the columns" if cells.names else ""
        raise ValueError(f"{path} has no row{beneath}: give a row an image")
    columns = {name: tuple(row[at] for row in cells.rows) for at, name in enumerate(cells.names) if name}
    return Table(path, columns, cells.numbers)


def _unknown_column(path: Path, given: str, known: Sequence[str]) -> str:
    hint = did_you_mean(given, [name for name in known if len(name) <= 200])
    if len(known) == 1 and (mark := next((mark for mark in ";\t" if mark in known[0]), "")):
        hint = f"; its columns are separated by {mark!r}: save it with commas"
    shown = ", ".join(map(shortened, known[:12])) + (", …" if len(known) > 12 else "")
    mend = "" if hint else ": rename the right one, or give its name as an option"
    return f"{path} has no column {given!r}{hint} (its first row names {shown}){mend}"


def _number(text: str) -> float:
    """Return the number, NaN where the text is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
