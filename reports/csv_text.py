"""Tables as the text of CSV files that a spreadsheet shows and does not run."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that spreadsheets compute


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """Return rows of equal keys as CSV with `\\n` line ends; numbers with all their digits.

    Text that a spreadsheet would take for a formula, as a class or a reason may be, has an apostrophe before it
    (OWASP, CSV injection).

    Args:
        rows: The rows.
        columns: The header where there are no rows.
    """
    text = io.StringIO()
    names = list(rows[0]) if rows else list(columns)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(safe_cell, names))
    writer.writerows([safe_cell(row[name]) for name in names] for row in rows)
    return text.getvalue()


def safe_cell(value: Any) -> Any:
    """Return a cell as `csv_text` writes it: text that begins a formula has an apostrophe before it."""
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
