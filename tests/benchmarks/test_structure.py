"""The structure of this checkout is measured: what is read from the source, and what a real run crosses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.mark.slow
def test_a_run_resolves_its_weights_and_split_once_and_each_part_at_most_once(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "benchmarks" / "structure.py"), "--json", str(tmp_path / "after.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("| measure |")
    rows = json.loads((tmp_path / "after.json").read_text(encoding="utf-8"))["rows"]
    first = "training, first run of a process"
    assert (rows[f"{first}: weights resolved"], rows[f"{first}: split computed"]) == (1, 1)
    assert rows[f"{first}: options resolved"] <= 6
    assert all(rows[f"files at the root of {room}/"] <= 8 for room in ("experiments", "models", "data_pipeline"))
