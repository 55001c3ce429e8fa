"""How a run stands is kept whole, by one process at a time, and lost to no kill."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import STALE_SECONDS
from tests.conftest import REPOSITORY
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
    assert run_directory.status_of(record, completed=False, now=1000.0 - 2 * STALE_SECONDS) == "interrupted"
    assert run_directory.status_of(record, completed=True) == "completed"


def test_a_copied_run_is_not_counted_as_another_seed(completed: Path) -> None:
    shutil.copytree(completed, completed.with_name("seed-2"))
    with pytest.raises(ValueError, match="seed-2 holds a run of seed 1: expected that of its name; rename it, or move"):
        run_directory.read_run(completed.with_name("seed-2"))


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


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path: Path) -> None:
    arrays = {
        "model/0": np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32),
        "seed": np.array([1], "uint32"),
    }
    assert run_directory.read_checkpoint(tmp_path) is None
    run_directory.write_checkpoint(tmp_path, {"best": 0.1 + 0.2, "wait": None}, arrays)
    found = run_directory.read_checkpoint(tmp_path)
    assert found is not None
    assert found[0] == {"best": 0.1 + 0.2, "wait": None}
    assert {name: (a.dtype, a.tobytes()) for name, a in found[1].items()} == {
        name: (a.dtype, a.tobytes()) for name, a in arrays.items()
    }


def test_a_damaged_checkpoint_is_named_and_can_be_done_without(tmp_path: Path) -> None:
    run_directory.write_checkpoint(tmp_path, {"best": 0.5}, {"model/0": np.arange(9.0)})
    path = tmp_path / "checkpoint" / "state.npz"
    whole = path.read_bytes()
    for damaged in (whole[:-40], whole.replace(b"best", b"beat"), whole.replace(b"state.npy", b"stale.npy"), b""):
        path.write_bytes(damaged)
        with pytest.raises(
            ValueError, match=r"state\.npz is damaged: .*: restore it, or run the command again, which trains"
        ):
            run_directory.read_checkpoint(tmp_path)
    run_directory.remove_checkpoint(tmp_path)
    assert run_directory.read_checkpoint(tmp_path) is None
