"""Every experiment of the catalog runs on its real data, shrunk."""

from pathlib import Path

import pytest

from experiments import catalog
from reports import run_directory
from tests.experiments.commands import type_command


@pytest.mark.needs_data
@pytest.mark.slow
@pytest.mark.parametrize("name", catalog.names())
def test_a_smoke_run_ends_with_a_report(name: str, data_dir: Path, tmp_path: Path) -> None:
    done = type_command("run", name, "--smoke", "--data-dir", data_dir, cwd=tmp_path, timeout=290)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "runs" / "smoke" / name
    found = run_directory.read_experiment(folder)
    assert {run.variant for run in found.runs} == set(catalog.load(name).experiment.variants)
    assert all(run.status == "completed" for run in found.runs)
    assert (folder / "report.html").exists()
