import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "augmentation.py"


@pytest.mark.slow
@pytest.mark.needs_data
def test_quick_benchmark_ends_with_its_figures(data_dir: Path) -> None:
    command = [sys.executable, str(BENCHMARK), "--quick", "--data-dir", str(data_dir)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=280, check=True)
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert figures["benchmark"] == "augmentation" and figures["n"] == 3
    assert figures["ratio"] > 3  # far below what is measured alone, for machines that do other things too


@pytest.mark.slow
def test_missing_data_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARK), "--data-dir", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 2 and finished.stdout == ""
    assert "dogs_vs_cats.tar.gz" in finished.stderr.splitlines()[-1] and "Traceback" not in finished.stderr
