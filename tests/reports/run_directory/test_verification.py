"""Every damaged file of a run directory is named, not only the first."""

from pathlib import Path

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.verification import fault_of_checkpoint, faults_of_run


def test_each_damaged_file_has_a_line(completed: Path) -> None:
    assert faults_of_run(completed) == []
    for name in ("history.csv", "predictions.npz", "model.keras"):
        (completed / name).write_bytes(b"other")
    (completed / "examples.npz").unlink()
    faults = faults_of_run(completed)
    assert [Path(fault.partition(" ")[0]).name for fault in faults] == [
        "history.csv",
        "model.keras",
        "predictions.npz",
        "examples.npz",
    ]
    assert faults[-1].endswith("is gone, and the run was completed with it")


def test_files_that_hold_the_seals_come_first(completed: Path) -> None:
    (completed / "metrics.json").write_text("{", encoding="utf-8")
    (completed / "history.csv").write_bytes(b"other")
    (fault,) = faults_of_run(completed)
    assert "metrics.json is not readable JSON" in fault


def test_a_model_that_was_not_kept_is_no_fault(completed: Path) -> None:
    (completed / "model.keras").unlink()
    assert faults_of_run(completed) == []


def test_a_checkpoint_is_whole_damaged_or_not_there(completed: Path) -> None:
    assert fault_of_checkpoint(completed) == ""
    run_directory.write_checkpoint(completed, {"epoch": 1}, {})
    assert fault_of_checkpoint(completed) == ""
    (completed / "checkpoint" / "state.npz").write_bytes(b"PK")
    assert fault_of_checkpoint(completed).endswith("is damaged: expected a whole .npz archive of arrays")
