"""Run directories are written whole, by one process at a time, and lose no bit."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from tests.conftest import REPOSITORY
from tests.reports.run_directory.conftest import RECORD


def test_a_second_process_is_kept_out_until_the_first_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from keras_suite.reports.run_directory import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('in', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "in\n"
        with pytest.raises(BlockingIOError, match="in use by another process"), run_directory.locked(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with run_directory.locked(tmp_path):
        pass


def test_history_comes_back_with_every_bit(tmp_path: Path) -> None:
    rows = [{"epoch": 1, "loss": 0.1 + 0.2, "tiny": 5e-324, "odd": float(np.float32(1 / 3))}]
    run_directory.write_history(tmp_path, rows)
    assert run_directory.read_history(tmp_path) == tuple(rows)


def test_history_holds_plain_numbers_whatever_it_was_given(tmp_path: Path) -> None:
    rows = [{"epoch": np.int64(1), "loss": np.float64(0.1), "accuracy": np.float32(0.5)}]
    run_directory.write_history(tmp_path, rows)
    assert (tmp_path / "history.csv").read_text(encoding="utf-8") == "epoch,loss,accuracy\n1,0.1,0.5\n"


def test_the_heartbeat_beats_and_stops(tmp_path: Path) -> None:
    run_directory.begin(tmp_path, RECORD, {})
    first = run_directory.read_run(tmp_path).record["heartbeat"]
    with run_directory.heartbeat(tmp_path, every=0.02):
        time.sleep(0.3)
    second = run_directory.read_run(tmp_path).record["heartbeat"]
    time.sleep(0.1)
    assert first < second == run_directory.read_run(tmp_path).record["heartbeat"]


def test_a_failed_run_keeps_its_reason(tmp_path: Path) -> None:
    run_directory.begin(tmp_path, RECORD, {})
    run_directory.fail(tmp_path, "NonFiniteLoss", "loss became NaN in epoch 2")
    run = run_directory.read_run(tmp_path)
    assert run.status == "failed"
    assert run.record["error"] == {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}


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


def test_what_is_set_aside_is_moved_whole(tmp_path: Path) -> None:
    assert run_directory.set_aside(tmp_path / "nothing") is None
    folder = tmp_path / "experiment"
    (folder / "a-1").mkdir(parents=True)
    (folder / "a-1" / "model.keras").write_text("weights", encoding="utf-8")
    kept = run_directory.set_aside(folder)
    assert kept is not None
    assert (kept / "a-1" / "model.keras").read_text(encoding="utf-8") == "weights"
    assert not (folder / "a-1").exists()
