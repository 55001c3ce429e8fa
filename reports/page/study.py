"""Studies: questions that are answered without training, by a sentence, tables and figures on a page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_suite.reports.csv_text import csv_text
from keras_suite.reports.figures.svg import Pictures
from keras_suite.reports.page.rendering import render
from keras_suite.reports.run_directory.checking import check_fields
from keras_suite.reports.wording import number, without_paths
from keras_suite.tasks.atomic_files import write_text
from keras_suite.tasks.files.sealed_json import read_sealed, write_sealed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RECORD = "study.json"
FIELDS = {"name": str, "question": str, "answer": str, "seconds": int | float, "started": str}
MEND = "run the study again"


@dataclass(frozen=True)
class Study:
    """The result of a study.

    Attributes:
        answer: One sentence.
        tables: Title -> rows with the same columns, text or unrounded numbers.
        figures: Title -> Figure.
    """

    answer: str
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    figures: Mapping[str, "Figure"] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyReport:
    """A written study: its page, and the content of its record."""

    html: Path
    name: str
    question: str
    answer: str
    seconds: float
    started: str


def write_study(folder: Path, study: Study, record: Mapping[str, Any]) -> StudyReport:
    """Write report.html, a CSV of each table, the figures, and last study.json; each file atomically.

    Args:
        folder: Where the files are written.
        study: The result.
        record: name, question, command, started (ISO 8601), seconds, environment (a dict), and anything else to store.
    """
    pictures = Pictures(folder / "figures")
    view = {
        "name": record["name"],
        "question": record["question"],
        "answer": study.answer,
        "command": without_paths(record["command"]),
        "environment": [(key, without_paths(str(value))) for key, value in record["environment"].items()],
        "tables": [_table_view(title, rows) for title, rows in study.tables.items()],
        "pictures": [
            pictures.add(f"{k}-{title}", title, title, figure)
            for k, (title, figure) in enumerate(study.figures.items(), 1)
        ],
    }
    for title, rows in study.tables.items():
        write_text(folder / _file_name(title), csv_text(rows))
    write_text(folder / "report.html", render("study.html", view))
    write_sealed(folder / RECORD, {**record, "answer": study.answer})
    return read_study(folder)


def read_study(folder: Path) -> StudyReport:
    """Read a study from its folder.

    Raises:
        FileNotFoundError: There is no record or no page.
        ValueError: The record is incomplete.
    """
    record = read_sealed(folder / RECORD, MEND)
    check_fields(folder / RECORD, record, FIELDS, MEND)
    page = folder / "report.html"
    if not page.exists():
        raise FileNotFoundError(f"{page} is gone: run the study again")
    return StudyReport(
        page, record["name"], record["question"], record["answer"], float(record["seconds"]), record["started"]
    )


def study_folders(path: Path) -> list[Path]:
    """Return the folders of studies: `path` itself, and those directly inside."""
    folders = [path, *(sorted(path.iterdir()) if path.is_dir() else [])]
    return [folder for folder in folders if (folder / RECORD).is_file()]


def _table_view(title: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    columns = list(rows[0])
    return {
        "title": title,
        "headings": [(column, "n") if _numeric(rows, column) else column for column in columns],
        "rows": [[(_text(row[column]), row[column]) for column in columns] for row in rows],
    }


def _numeric(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    return all(isinstance(row[column], int | float) for row in rows)


def _text(value: Any) -> str:
    return number(value) if isinstance(value, int | float) else str(value)


def _file_name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") + ".csv"
