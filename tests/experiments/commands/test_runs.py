"""`runs`, typed as a user types it."""

from pathlib import Path

from keras_suite.reports import run_directory
from tests.end_to_end.typed import type_here
from tests.experiments.conftest import run_of


def test_the_table_counts_the_states_and_sums_up_the_sizes(folder: Path) -> None:
    (run_of(folder, "wide", 2) / "metrics.json").write_text("{", encoding="utf-8")
    run_directory.fail(run_of(folder, "wide", 1), "NonFiniteLoss", "loss became NaN")
    (run_of(folder, "wide", 1) / "metrics.json").unlink()
    done = type_here("runs", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 completed, 1 damaged, 1 failed" in done.stdout
    narrowed = type_here("runs", "--state", "failed", cwd=folder)
    assert "1 of 4" in narrowed.stdout and "In all 1 run, " in narrowed.stdout


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = type_here("runs", "--runs-dir", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "error: there is no folder nowhere: give --runs-dir, the folder that `run` wrote into\n"


def test_nothing_is_removed_without_an_answer(folder: Path) -> None:
    done = type_here("runs", "--prune", "--state", "completed", cwd=folder)
    assert done.returncode == 2
    assert "nobody can answer here: add --yes" in done.stderr
    assert len(list(folder.glob("runs/wider/*/seed-*/metrics.json"))) == 4
    done = type_here("runs", "--prune", "--experiment", "wider", "--yes", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Removed 4 runs." in done.stdout
    assert not list(folder.glob("runs/wider/*/seed-*"))
