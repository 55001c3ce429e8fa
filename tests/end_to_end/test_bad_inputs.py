"""Every row of the table of bad inputs: one line on stderr, exit code 2, no traceback, nothing written."""

import sys
from pathlib import Path

import pytest

from tests.end_to_end.bad_inputs.arrays import ARRAYS
from tests.end_to_end.bad_inputs.commands import COMMANDS, FOLDERS
from tests.end_to_end.bad_inputs.files import FILES, SPACES
from tests.end_to_end.bad_inputs.metrics import METRICS
from tests.end_to_end.bad_inputs.row import Row
from tests.end_to_end.bad_inputs.settings import SETTINGS
from tests.end_to_end.bad_inputs.tables import TABLES
from tests.end_to_end.bad_inputs.values import VALUES
from tests.end_to_end.typed import refused

ROWS = [*SETTINGS, *FILES, *VALUES, *SPACES, *COMMANDS, *FOLDERS, *ARRAYS, *TABLES, *METRICS]
NAMES = [f"{number} {row}".encode("ascii", "replace").decode() for number, row in enumerate(ROWS)]


@pytest.fixture(autouse=True)
def _own_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row's folder has modules of the same names."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("helper", "mine"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_bad_input_is_answered_in_one_line_and_nothing_is_written(row: Row, tmp_path: Path) -> None:
    for name, content in row.files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in row.folders:
        (tmp_path / name).mkdir()
    line = refused(*row.arguments, cwd=tmp_path)
    assert row.said in line
    assert "Traceback" not in line
    assert "fault of the suite" not in line
    assert len(line) < 1200
    left = {path.name for path in tmp_path.iterdir()} - {"__pycache__"}
    assert left == {*row.files, *row.folders}, "something was written"


def test_the_table_is_large_and_its_rows_differ() -> None:
    assert len({(row.arguments, str(row.files)) for row in ROWS}) == len(ROWS) >= 500
