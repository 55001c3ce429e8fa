"""What was written comes back with every bit, or is named where it was damaged."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from keras_suite.tasks.files.damaged import DamagedFile
from tests.reports.run_directory.conftest import RECORD


def test_history_comes_back_with_every_bit(tmp_path: Path) -> None:
    rows = [{"epoch": 1, "loss": 0.1 + 0.2, "tiny": 5e-324, "odd": float(np.float32(1 / 3))}]
    run_directory.write_history(tmp_path, rows)
    assert run_directory.read_history(tmp_path) == tuple(rows)


def test_history_holds_plain_numbers_whatever_it_was_given(tmp_path: Path) -> None:
    rows = [{"epoch": np.int64(1), "loss": np.float64(0.1), "accuracy": np.float32(0.5)}]
    run_directory.write_history(tmp_path, rows)
    assert (tmp_path / "history.csv").read_text(encoding="utf-8") == "epoch,loss,accuracy\n1,0.1,0.5\n"


@pytest.mark.parametrize("row", ["1,much", "1,0.5,2", "1"])
def test_a_damaged_history_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "history.csv").write_text(f"epoch,loss\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"history\.csv is damaged: a row holds something that is no number: restore"):
        run_directory.read_history(tmp_path)


@pytest.mark.parametrize("epochs", [(1, 1), (2,), (1, 3), (0, 1)])
def test_a_history_whose_epochs_do_not_count_from_one_is_named(tmp_path: Path, epochs: tuple[int, ...]) -> None:
    run_directory.write_history(tmp_path, [{"epoch": epoch, "loss": 0.5} for epoch in epochs])
    with pytest.raises(DamagedFile, match="its epochs do not count from 1"):
        run_directory.read_history(tmp_path)


def test_converted_line_ends_are_the_same_file(completed: Path) -> None:
    for name in ("config.json", "history.csv", "run.json", "metrics.json"):
        path = completed / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    run = run_directory.read_run(completed)
    assert run.status == "completed" and run.history == ({"epoch": 1.0, "loss": 0.1 + 0.2},)


def test_the_diagnosis_comes_back_to_six_digits_and_with_its_gaps(tmp_path: Path) -> None:
    rows = [
        {"epoch": 0, "phase": 1, "layer": "dense, first", "weight_norm": 1 / 3, "dead": None},
        {"epoch": 1, "phase": 1, "layer": "relu", "weight_norm": None, "dead": 0.25},
    ]
    run_directory.begin(tmp_path, RECORD, {})
    run_directory.write_diagnosis(tmp_path, rows)
    found = run_directory.diagnosis(run_directory.read_run(tmp_path))
    assert found == ({**rows[0], "weight_norm": 0.333333}, rows[1])
    (tmp_path / "diagnosis.csv").write_text("epoch,layer,dead\n1,relu,half\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"diagnosis\.csv is damaged: a row holds something that is no number"):
        run_directory.diagnosis(run_directory.read_run(tmp_path))


def test_runs_from_before_the_diagnosis_have_none(tmp_path: Path) -> None:
    run_directory.begin(tmp_path, RECORD, {})
    assert run_directory.diagnosis(run_directory.read_run(tmp_path)) == ()
    assert run_directory.evidence(run_directory.read_run(tmp_path)) == ()


def test_the_evidence_comes_back_with_its_gaps(tmp_path: Path) -> None:
    row = {"epoch": 1, "phase": 1, "input_scale": 0.25, "wrong_rank": None, "alike": 2}
    run_directory.begin(tmp_path, RECORD, {})
    run_directory.write_evidence(tmp_path, [row])
    assert run_directory.evidence(run_directory.read_run(tmp_path)) == (row,)
