"""Tables are written with all digits, and a spreadsheet runs none of their cells."""

import csv
import io

from keras_suite.reports.csv_text import csv_text


def test_numbers_keep_all_their_digits_and_text_its_line_breaks_and_quotes() -> None:
    rows = [{"name": 'a "b",\nc', "score": 0.1 + 0.2, "none": None}, {"name": "-0.5", "score": -1e-17, "none": ""}]
    read = list(csv.reader(io.StringIO(csv_text(rows))))
    assert read == [["name", "score", "none"], ['a "b",\nc', repr(0.1 + 0.2), ""], ["-0.5", "-1e-17", ""]]


def test_what_a_spreadsheet_would_compute_is_text() -> None:
    formulas = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("x")']
    read = list(csv.reader(io.StringIO(csv_text([{"=class": formula} for formula in formulas]))))
    assert read == [["'=class"], *([f"'{formula}"] for formula in formulas)]


def test_a_table_without_rows_has_its_header() -> None:
    assert csv_text([], ("trial", "seed")) == "trial,seed\n"
