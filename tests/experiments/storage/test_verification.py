"""Everything below a folder is checked, but for what other processes train now and what was set aside."""

import shutil
from pathlib import Path

import pytest

from keras_suite.experiments.storage.verification import run_directories_below, verify
from keras_suite.reports import run_directory
from tests.experiments.conftest import flip, run_of


def test_a_runs_folder_a_variant_and_one_run_can_be_checked(folder: Path) -> None:
    for path, runs in ((folder / "runs", 4), (run_of(folder, "wide", 1).parent, 2), (run_of(folder, "wide", 1), 1)):
        verified = verify(path)
        assert (verified.runs, verified.faults) == (runs, ())


def test_each_kind_of_fault_has_its_name(folder: Path) -> None:
    flip(run_of(folder, "wide", 1) / "predictions.npz")
    (run_of(folder, "wide", 2) / "metrics.json").unlink()
    (run_of(folder, "wide", 2) / "history.csv").write_text("epoch,loss\n1,much\n", encoding="utf-8")
    flip(folder / "runs" / "wider" / "experiment.json")
    assert sorted(fault.kind for fault in verify(folder / "runs").faults) == ["listing", "run", "unfinished run"]


def test_a_model_that_is_not_there_is_missed_only_where_the_run_itself_is_to_be_repaired(folder: Path) -> None:
    directory = run_of(folder, "wide", 1)
    run_directory.model_file(directory).unlink()
    assert verify(directory).faults == verify(folder / "runs", with_model=True).faults == ()
    [fault] = verify(directory, with_model=True).faults
    assert fault.kind == "run" and "model.keras is gone" in fault.lines[0]
    run_directory.remove_model(directory)  # as a sweep does, of whose trials it is none
    assert verify(directory, with_model=True).faults == ()


@pytest.mark.parametrize("damage", ["flipped", "cut"])
def test_a_damaged_record_of_looks_is_a_fault_and_a_missing_one_is_none(damage: str, folder: Path) -> None:
    path = folder / "runs" / "wider" / "looks.json"
    if damage == "flipped":
        flip(path)
    else:
        path.write_bytes(path.read_bytes()[:-20])
    [fault] = verify(folder / "runs").faults
    assert (fault.kind, fault.path) == ("looks", path)
    assert "each number of seeds counts as looked at now" in fault.lines[0]
    path.unlink()
    assert verify(folder / "runs").faults == ()


def test_a_run_that_is_trained_now_is_left_alone(folder: Path) -> None:
    directory = run_of(folder, "wide", 1)
    flip(directory / "predictions.npz")
    with run_directory.locked(directory):
        verified = verify(folder / "runs")
    assert (verified.in_training, verified.faults) == (1, ())


def test_what_was_set_aside_is_not_checked(folder: Path) -> None:
    shutil.copytree(folder / "runs" / "wider", folder / "runs" / ".set-aside" / "wider")
    assert len(run_directories_below(folder / "runs")) == 4


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match="holds no runs, sweep or study"):
        verify(tmp_path)
