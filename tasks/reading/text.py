"""Read JSON and CSV that somebody else wrote: bounded in size, depth, columns and cells."""

import collections
import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.tasks.reading.files import read_file
from keras_suite.tasks.wording.quantities import counted

LARGEST_TABLE = 256 * 2**20  # bytes: four million rows of 64 letters
MOST_COLUMNS = 1_000


def parse_json(content: bytes | str) -> Any:
    """Return a JSON value. Raises ValueError, in a few words, for whatever is none."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error}") from None
    except UnicodeDecodeError:
        raise ValueError("no JSON in UTF-8") from None


@dataclass(frozen=True)
class Cells:
    """The cells of a CSV file.

    Attributes:
        names: Those in the first row; none of an empty file.
        rows: The other rows, as many cells each; blank rows are left out.
        numbers: The rows' numbers as a spreadsheet counts them; row 1 holds the names.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


def read_cells(path: Path) -> Cells:
    """Read a CSV file in UTF-8, its columns separated by commas and named in the first row. Blanks around are left out.

    Raises:
        ValueError: If the file is no such table.
    """
    content = read_file(path, at_most=LARGEST_TABLE, expected="a CSV file")
    _require_text(path, content)
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    numbers, rows = [], []
    try:
        for number, record in enumerate(csv.reader(lines, skipinitialspace=True, strict=True), 1):
            if len(record) > MOST_COLUMNS:
                raise csv.Error(f"row {number} has {len(record):,} cells, more than {MOST_COLUMNS:,}")
            if any(cells := tuple(cell.strip() for cell in record)):
                numbers.append(number)
                rows.append(cells)
    except csv.Error as error:
        hint = "; is a quote never closed?" if "field larger than field limit" in str(error) else ""
        raise ValueError(f"{path} is no valid CSV file ({error}{hint}): correct it") from None
    names: tuple[str, ...] = rows.pop(0) if rows else ()
    twice = sorted(name for name, count in collections.Counter(names).items() if name and count > 1)
    if twice:
        raise ValueError(f"{path} has two columns {shortened(twice[0])}: rename one")
    columns = counted(len(names), "column")
    for number, cells in zip(numbers[1:], rows, strict=True):
        if len(cells) != len(names):
            remedy = "write as many, and a text with a comma in quotes"
            if len(names) == 1 and (mark := next((mark for mark in ";\t" if mark in names[0]), "")):
                remedy = f"its columns are separated by {mark!r}: save it with commas, and decimal points"
            raise ValueError(f"{path}, row {number}: {counted(len(cells), 'cell')} under {columns}: {remedy}")
    return Cells(names, tuple(rows), tuple(numbers[1:]))


def shortened(text: str, most: int = 60) -> str:
    """Return a text in quotes for a message, with escapes, cut where it is long."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")


def _require_text(path: Path, content: bytes) -> None:
    """Raise ValueError unless it is text in UTF-8."""
    try:
        content.decode("utf-8-sig")
        at = content.find(b"\0")
    except UnicodeDecodeError as error:
        at = error.start
    if at >= 0:
        line = content[:at].count(b"\n") + 1
        raise ValueError(
            f"{path} is no CSV file in UTF-8 (line {line} has the byte 0x{content[at]:02x}): save it as CSV in UTF-8"
        )
