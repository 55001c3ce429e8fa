"""What lies in a runs folder is counted, and pruning removes what was chosen and nothing else."""

import os
import time
from pathlib import Path

import pytest

from keras_suite.experiments.storage.disk_use import chosen_to_prune, prune, stored
from keras_suite.reports import run_directory
from tests.end_to_end.typed import type_here
from tests.experiments.conftest import run_of


def test_experiments_are_listed_with_their_states_and_sizes(folder: Path) -> None:
    (run_of(folder, "wide", 2) / "metrics.json").write_text("{", encoding="utf-8")
    run_directory.fail(run_of(folder, "wide", 1), "NonFiniteLoss", "loss became NaN")
    (run_of(folder, "wide", 1) / "metrics.json").unlink()
    (experiment,) = stored(folder / "runs")
    assert experiment.states == {"completed": 2, "failed": 1, "damaged": 1}
    on_disk = sum(path.stat().st_size for path in (folder / "runs" / "wider").rglob("*") if path.is_file())
    assert experiment.bytes == on_disk


def test_runs_are_chosen_by_state_age_and_experiment(folder: Path) -> None:
    old = run_of(folder, "narrow", 1)
    for path in old.iterdir():
        os.utime(path, (time.time() - 10 * 86_400,) * 2)
    experiments = stored(folder / "runs")
    assert [run.directory for run in chosen_to_prune(experiments, (), (), 5)] == [old]
    assert len(chosen_to_prune(experiments, ("wider",), ("completed",), None)) == 4
    assert chosen_to_prune(experiments, (), ("failed",), None) == []
    for names, states, said in (
        (("wide",), (), "unknown experiment 'wide'"),
        ((), ("broken",), "unknown state"),
        ((), ("running",), "interrupt"),
        ((), (), "would remove every run"),
    ):
        with pytest.raises(ValueError, match=said):
            chosen_to_prune(experiments, names, states, None)


def test_pruning_removes_the_chosen_runs_only_and_leaves_one_that_is_in_use(folder: Path) -> None:
    runs = chosen_to_prune(stored(folder / "runs"), (), ("completed",), None)
    used = run_of(folder, "narrow", 1)
    with run_directory.locked(used):
        kept = prune([run for run in runs if run.directory.parent.name.startswith("narrow")])
    assert len(kept) == 1 and "in use by another process" in kept[0]
    left = sorted(path.name for path in folder.glob("runs/wider/*/seed-*"))
    assert left == ["seed-1", "seed-1", "seed-2"]
    assert (used / "metrics.json").exists()


@pytest.mark.slow
def test_a_variant_that_is_no_longer_compared_is_former(folder: Path) -> None:
    text = (folder / "wider.py").read_text(encoding="utf-8")
    (folder / "wider.py").write_text(text.replace('"model.units": [64]', '"model.units": [32]'), encoding="utf-8")
    assert type_here("run", "wider.py", "--threads", "2", cwd=folder).returncode == 0
    (experiment,) = stored(folder / "runs")
    assert experiment.states == {"completed": 4, "former": 2}
