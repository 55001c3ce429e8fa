"""The columns of a table of scores, each cell checked by itself; a message names the file and the row."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from keras_suite.tasks.reading.files import WrongFile, open_file
from keras_suite.tasks.reading.text import Cells, read_cells, shortened
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.quantities import listed

SEED_COLUMN, FOLD, SCORE, IMAGE, ANSWERS = "seed", "fold", "score", "image", ("label", "prediction")
COLUMNS = ("variant", SEED_COLUMN, FOLD, SCORE, IMAGE, *ANSWERS)
EXPECTED = (
    "expected the columns variant, seed and score (of cross-validation fold, and seed where it was repeated), or "
    "variant, seed, image, label and prediction"
)
LONGEST_NAME = 100
LARGEST = 1e12  # a score; beyond that it is no measurement, and its digits fill a line
WHOLE = re.compile(r"[+-]?\d{1,15}(\.0*)?")  # pandas writes 1 as 1.0 where a column has gaps
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
CLASS_NUMBER = re.compile(r"(-?\d+)(\.0*)?")

Value = TypeVar("Value")


@dataclass(frozen=True)
class Columns:
    """The cells of a table of scores by column, all of equal length.

    Attributes:
        rows: The rows' numbers as a spreadsheet counts them.
        seeds: 1 without that column, as in one cross-validation.
        folds: None without that column.
        scores: None where there are none, neither of runs nor of images.
        images: The names of test images; None without that column.
        labels: The names of classes; None without that column. `predictions` are the same.
    """

    path: Path
    rows: tuple[int, ...]
    variants: list[str]
    seeds: list[int]
    folds: list[int] | None
    scores: list[float] | None
    images: list[str] | None
    labels: list[str] | None
    predictions: list[str] | None


def read_columns(path: Path, bounds: Callable[[bool], tuple[float, float]]) -> Columns:
    """Read a table of scores.

    Args:
        path: A CSV file in UTF-8.
        bounds: Returns the smallest and the largest possible score, given whether the table has answers only.

    Raises:
        ValueError, OSError: With what is wrong, in one line.
    """
    cells = _cells(path)
    _check_names(path, cells)
    if not cells.rows:
        raise ValueError(f"{path} holds no run: write a row for each variant and seed under its header")
    told = {name: [row[place] for row in cells.rows] for place, name in enumerate(cells.names)}
    scored = SCORE in told and any(told[SCORE])
    if not scored and ANSWERS[0] not in told:
        raise ValueError(f"{path}: the column score is empty: {EXPECTED}")
    low, high = bounds(not scored)

    def column(name: str, value: Callable[[str], Value], expected: str) -> list[Value]:
        values: dict[str, Value] = {}  # most texts stand in many rows
        for row, text in zip(cells.numbers, told[name], strict=True):
            if text not in values:
                values[text] = _cell(path, row, name, text, value, expected)
        return [values[text] for text in told[name]]

    def score(text: str) -> float:
        number = float(text) if NUMBER.fullmatch(text) else math.nan
        if not (low <= number <= high and abs(number) <= LARGEST):
            raise ValueError(text)
        return number

    name, whole = f"a name of at most {LONGEST_NAME} letters", "a whole number, as 1"
    return Columns(
        path=path,
        rows=cells.numbers,
        variants=column("variant", _name, name),
        seeds=column(SEED_COLUMN, _whole, whole) if SEED_COLUMN in told else [1] * len(cells.rows),
        folds=column(FOLD, _whole, whole) if FOLD in told else None,
        scores=column(SCORE, score, _expected_score(low, high)) if scored else None,
        images=column(IMAGE, _name, name) if IMAGE in told else None,
        labels=column("label", _class, "a class") if "label" in told else None,
        predictions=column("prediction", _class, "a class") if "prediction" in told else None,
    )


def _cells(path: Path) -> Cells:
    """Return the cells; a table whose columns are separated by something else than commas is told so at once."""
    try:
        return read_cells(path)
    except WrongFile:
        raise
    except ValueError:
        with open_file(path) as file:
            header = file.readline(1_000)
        if b"," not in header and (b";" in header or b"\t" in header):
            raise ValueError(f"{path}: {_separated(header.decode('utf-8', 'replace'))}") from None
        raise


def _check_names(path: Path, cells: Cells) -> None:
    """Raise ValueError unless the header has the columns of runs or of images."""
    names = cells.names
    if not names:
        raise ValueError(f"{path} is empty: {EXPECTED}")
    for name in names:
        if name not in COLUMNS:
            raise ValueError(f"{path}: {_unknown_column(name, names)}")
    missing = [] if "variant" in names else ["variant"]
    if FOLD not in names and SEED_COLUMN not in names:
        missing.append(SEED_COLUMN)
    if not missing and SCORE not in names and not set(ANSWERS) & set(names):
        missing = [SCORE]
    if set(ANSWERS) & set(names):
        missing += [name for name in (IMAGE, *ANSWERS) if name not in names]
    if FOLD in names and {IMAGE, *ANSWERS} & set(names):
        raise ValueError(f"{path}: of folds a score each is compared: leave out the columns of single images")
    if missing:
        raise ValueError(f"{path} has no column {listed(missing)}: {EXPECTED}")


def _unknown_column(name: str, names: Sequence[str]) -> str:
    if not name:
        return f"column {names.index(name) + 1} has no name: leave it out (pandas: to_csv(…, index=False))"
    if len(names) == 1 and (";" in name or "\t" in name):
        return _separated(name)
    return f"{unknown('column', name, COLUMNS)}: rename it, or leave it out"


def _separated(header: str) -> str:
    separator = ";" if ";" in header else "\t"
    return f"its columns are separated by {separator!r}: save it with commas, and numbers with points"


def _cell(path: Path, row: int, column: str, text: str, value: Callable[[str], Value], expected: str) -> Value:
    """Return a cell's value; a ValueError of `value` names the cell."""
    try:
        return value(text)
    except ValueError:
        found = shortened(text) if text else "nothing"
        raise ValueError(f"{path}, row {row}: {column} is {found}, expected {expected}") from None


def _expected_score(low: float, high: float) -> str:
    if math.isinf(high):
        return f"a finite number, as 0.95, of at most {LARGEST:g}"
    unit = "share" if high == 1 else "percent"
    return f"a number from {low:g} to {high:g} (its unit is {unit}: give another one with --unit)"


def _name(text: str) -> str:
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise ValueError(text)
    return text


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(float(text))


def _class(text: str) -> str:
    """Return the name of a class; whole numbers without decimals, so that 3 and 3.0 are one class."""
    number = CLASS_NUMBER.fullmatch(_name(text))
    return str(int(number.group(1))) if number else text
