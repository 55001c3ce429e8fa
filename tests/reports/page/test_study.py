"""A study's page and record: all that it found, escaped, and readable again."""

import csv
from pathlib import Path
from typing import Any

import pytest

from keras_suite.reports.figures.style import drawing
from keras_suite.reports.page.index import entry_of, write_index
from keras_suite.reports.page.study import Study, read_study, study_folders, write_study

RECORD: dict[str, Any] = {
    "name": "curves",
    "question": "Which curve <script>?",
    "command": "keras-suite run /home/ada/curves.py",
    "started": "2026-01-02T03:04:05+00:00",
    "seconds": 2.5,
    "environment": {"commit": "0123456789"},
}


def made() -> Study:
    with drawing() as figure:
        figure.add_subplot().plot([0, 1])
    rows = [{"check": "one & all", "error": 1.23456789}, {"check": "two", "error": 2}]
    return Study("The first.", {"Errors by check": rows}, {"A line": figure})


def test_a_study_is_written_whole_and_read_again(tmp_path: Path) -> None:
    written = write_study(tmp_path / "curves", made(), RECORD)
    assert written == read_study(tmp_path / "curves")
    assert (written.name, written.answer, written.seconds) == ("curves", "The first.", 2.5)
    page = written.html.read_text(encoding="utf-8")
    assert "Which curve &lt;script&gt;?" in page and "one &amp; all" in page and "1.235" in page and "<svg" in page
    assert "/home/ada" not in page
    with (tmp_path / "curves" / "errors_by_check.csv").open(encoding="utf-8", newline="") as file:
        assert [float(row["error"]) for row in csv.DictReader(file)] == [1.23456789, 2]
    assert study_folders(tmp_path) == study_folders(tmp_path / "curves") == [tmp_path / "curves"]


def test_the_index_leads_to_it(tmp_path: Path) -> None:
    page = write_index([entry_of(write_study(tmp_path / "curves", made(), RECORD))], tmp_path).read_text(
        encoding="utf-8"
    )
    assert "<h1>1 study</h1>" in page and 'href="curves/report.html"' in page and "The first." in page


def test_half_a_record_says_what_to_do(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "curves", made(), RECORD).html.parent
    (folder / "study.json").write_text('{"name": "curves"}', encoding="utf-8")
    with pytest.raises(ValueError, match="lacks question, answer, seconds, started: run the study again"):
        read_study(folder)
    write_study(folder, made(), RECORD).html.unlink()
    with pytest.raises(FileNotFoundError, match=r"report\.html is gone: run the study again"):
        read_study(folder)
