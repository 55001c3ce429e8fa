"""Answers as a table that is printed, and written as CSV, while they come: 20,000 rows need no memory."""

import contextlib
import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from rich.cells import cell_len
from rich.text import Text

from keras_suite.experiments.commands.command_line import out
from keras_suite.experiments.predicting.requests import Asked
from keras_suite.reports.csv_text import safe_cell
from keras_suite.tasks.atomic_files import replacing
from keras_suite.tasks.reading.files import one_line

RUNNERS_UP = 2
_WIDEST = 80  # of the column of images; a longer path moves the rest of its row
_ROWS, _SECONDS = 32, 0.5  # rows that wait, and how long, until they are printed


@dataclass(frozen=True)
class Row:
    """The answer to one file, or what is wrong with it.

    Attributes:
        asked: The file.
        answer: The class, or the prediction in words.
        probability: Of the class; None where there are none.
        others: The next likely classes with their probabilities.
        picture: Where a predicted picture was written.
        unlike: What the picture is beside those that trained the run.
        problem: What is wrong with the file.
    """

    asked: Asked
    answer: str = ""
    probability: float | None = None
    others: tuple[tuple[str, float], ...] = ()
    picture: Path | None = None
    unlike: str = ""
    problem: str = ""


class PredictionRows:
    """Prints rows, and writes them to a table that appears when it is complete.

    Args:
        images: All files that will be answered: the columns are as wide as they need.
        class_names: The run's classes; None where it predicts no classes.
        table: The CSV file, if one is wanted.
    """

    def __init__(self, images: Sequence[Asked], class_names: Sequence[str] | None, table: Path | None) -> None:
        self._classes = class_names is not None
        self._labels = any(each.label is not None for each in images)
        widest = max((cell_len(one_line(str(each.path))) for each in images), default=0)
        self._widths = [max(len("image"), min(_WIDEST, widest))]
        if class_names is not None:
            self._widths += [max(cell_len(one_line(name)) for name in ("class", "other", *class_names)), 11]
        self._waiting: list[str] = []
        self._printed = time.monotonic()
        self._table, self._scope = table, contextlib.ExitStack()
        self._file: IO[str] | None = None
        self._is_begun = False

    def __enter__(self) -> "PredictionRows":
        if self._table is not None:
            temporary = self._scope.enter_context(replacing(self._table))
            self._file = self._scope.enter_context(temporary.open("w", encoding="utf-8", newline=""))
            self._write(self._columns())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        self._scope.__exit__(kind, error, trace)

    def add(self, row: Row) -> None:
        """Print and write a row; one with a problem is written only."""
        if self._file is not None:
            self._write(self._cells(row))
        if row.problem:
            return
        self._waiting.append(self._line(row))
        if len(self._waiting) >= _ROWS or time.monotonic() - self._printed > _SECONDS:
            self.flush()

    def flush(self) -> None:
        """Print the rows that wait."""
        if not self._waiting:
            return
        if not self._is_begun:
            self._is_begun = True
            heads = ("image", "class", "probability", "next") if self._classes else ("image", "prediction")
            out.print(Text(self._padded(heads), style="bold"), soft_wrap=True)
        out.print(Text("\n".join(self._waiting)), soft_wrap=True)
        self._waiting.clear()
        self._printed = time.monotonic()

    def _line(self, row: Row) -> str:
        cells = [one_line(str(row.asked.path)), one_line(row.answer)]
        if row.probability is not None:
            cells += [
                f"{row.probability:.4f}",
                ", ".join(f"{one_line(name)} {share:.4f}" for name, share in row.others),
            ]
        if row.picture is not None:
            cells.append(one_line(str(row.picture)))
        if row.unlike:
            cells.append(f"[unlike: {row.unlike}]")
        return self._padded(cells)

    def _padded(self, cells: Sequence[str]) -> str:
        widths = [*self._widths, *[0] * len(cells)]
        return "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=False)
        ).rstrip()

    def _columns(self) -> list[str]:
        columns = ["image", *(["label"] if self._labels else [])]
        if self._classes:
            columns += ["class", "probability"]
            columns += [f"{name}_{number}" for number in range(2, 2 + RUNNERS_UP) for name in ("class", "probability")]
        else:
            columns += ["prediction", "picture"]
        return [*columns, "unlike", "problem"]

    def _cells(self, row: Row) -> list[object]:
        cells: list[object] = [one_line(str(row.asked.path)), *([row.asked.label or ""] if self._labels else [])]
        if self._classes:
            ranked = [(row.answer, row.probability), *row.others] if not row.problem else []
            ranked = [*ranked, *[("", None)] * (1 + RUNNERS_UP)][: 1 + RUNNERS_UP]
            cells += [cell for name, share in ranked for cell in (name, "" if share is None else share)]
        else:
            cells += [row.answer, "" if row.picture is None else one_line(str(row.picture))]
        return [*cells, row.unlike, one_line(row.problem)]

    def _write(self, cells: Sequence[object]) -> None:
        assert self._file is not None
        csv.writer(self._file, lineterminator="\n").writerow([safe_cell(cell) for cell in cells])
