"""What a run directory says is what was written, and one damaged run does not hide the others."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import STALE_SECONDS
from tests.reports.run_directory.conftest import RECORD


def test_a_completed_run_reads_back(completed: Path) -> None:
    run = run_directory.read_run(completed)
    assert (run.status, run.record["seconds"], run.config) == ("completed", 1.5, {"epochs": 1})
    found = run_directory.predictions(run)
    assert found is not None
    assert np.array_equal(found[1], np.eye(3))


def test_a_running_run_without_a_living_heartbeat_is_interrupted() -> None:
    record = {"status": "running", "heartbeat": 1000.0}
    assert run_directory.status_of(record, completed=False, now=1000.0 + STALE_SECONDS / 2) == "running"
    assert run_directory.status_of(record, completed=False, now=1001.0 + STALE_SECONDS) == "interrupted"
    assert run_directory.status_of(record, completed=True) == "completed"


def test_an_experiment_is_read_around_its_damaged_runs(tmp_path: Path) -> None:
    variant = run_directory.Variant("v", "v-00000000", {})
    run_directory.write_experiment(tmp_path, name="e", question="q?", command="c", variants=[variant])
    for seed in (1, 2):
        run_directory.begin(tmp_path / "v-00000000" / f"seed-{seed}", {**RECORD, "seed": seed}, {})
    (tmp_path / "v-00000000" / "seed-2" / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "v-11111111" / "seed-1").mkdir(parents=True)
    found = run_directory.read_experiment(tmp_path)
    assert [run.seed for run in found.runs] == [1]
    assert len(found.problems) == 1
    assert "seed-2" in found.problems[0]
    assert found.left_out == ("v-11111111",)


def test_a_copied_run_is_not_counted_as_another_seed(completed: Path) -> None:
    shutil.copytree(completed, completed.with_name("seed-2"))
    with pytest.raises(ValueError, match="seed-2 holds a run of seed 1: expected that of its name; rename or remove"):
        run_directory.read_run(completed.with_name("seed-2"))


def test_runs_are_listed_by_the_number_of_their_seed(tmp_path: Path) -> None:
    for name in ("seed-10", "seed-9", "seed-x", "other"):
        (tmp_path / name).mkdir()
    assert [path.name for path in run_directory.run_directories(tmp_path)] == ["seed-9", "seed-10"]


@pytest.mark.parametrize("row", ["1,much", "1,0.5,2", "1"])
def test_a_damaged_history_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "history.csv").write_text(f"epoch,loss\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"history\.csv is damaged: a row holds something that is no number; restore"):
        run_directory.read_history(tmp_path)
