"""Runs side by side in worker processes, failures that do not stop the others, and interruptions."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.reports import run_directory
from tests.conftest import REPOSITORY
from tests.end_to_end.training_process import result
from tests.end_to_end.typed import tiny_experiment, type_here
from tests.end_to_end.worker_processes import workers_of

CONFIG = Config(
    dataset=use("digits", limit=300, test_limit=100), model=use("mlp", units=[16], dropout=0.2), batch_size=32, epochs=3
)


def jobs_in(folder: Path) -> list[Job]:
    return [Job("side_by_side", "only", CONFIG, seed, RunOptions(1, folder)) for seed in (1, 2, 3)]


@pytest.mark.slow
def test_worker_processes_finish_the_same_runs_as_one_after_another(tmp_path: Path) -> None:
    for workers in (1, 2):
        done = subprocess.run(
            [sys.executable, "-c", _RUN_ALL, str(tmp_path / str(workers)), str(workers)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.stdout.split() == ["completed"] * 3, done.stdout + done.stderr
    first, second = (sorted((tmp_path / str(workers)).glob("*/*/seed-*")) for workers in (1, 2))
    assert [directory.relative_to(tmp_path / "1") for directory in first] == [
        directory.relative_to(tmp_path / "2") for directory in second
    ]
    assert [result(directory) for directory in first] == [result(directory) for directory in second]


_RUN_ALL = """
import sys
from pathlib import Path
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.workers import Workers
from tests.experiments.scheduling.test_execution import jobs_in
if __name__ == "__main__":
    for job, outcome in run_all(jobs_in(Path(sys.argv[1])), Workers(int(sys.argv[2]))):
        print(outcome.status)
"""


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_its_run_is_finished(tmp_path: Path) -> None:
    tiny_experiment(tmp_path)
    with _started("run", "wider.py", "--workers", "2", "--set", "epochs=40", cwd=tmp_path) as process:
        _wait_for(lambda: any(tmp_path.glob("runs/wider/*/seed-*/history.csv")), process)
        workers = workers_of(psutil.Process(process.pid))
        workers[0].kill()
        printed, errors = process.communicate(timeout=240)
    assert process.returncode == 0, printed + errors
    assert "[4/4]" in printed
    assert "Traceback" not in errors


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_says_so_and_can_be_resumed(number: signal.Signals, tmp_path: Path) -> None:
    tiny_experiment(tmp_path)
    command = ["run", "wider.py", "--set", "epochs=30", "--variant", "wide", "--seeds", "1"]
    with _started(*command, cwd=tmp_path) as process:
        _wait_for(lambda: any(tmp_path.glob("runs/wider/*/seed-*/history.csv")), process)
        process.send_signal(number)
        printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130, printed + errors
    assert "run the same command again to continue" in printed
    assert "Traceback" not in errors
    interrupted = next(tmp_path.glob("runs/wider/*/seed-1"))
    assert run_directory.read_run(interrupted).status in ("interrupted", "completed")
    again = type_here(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert run_directory.read_run(interrupted).status == "completed"


@pytest.mark.slow
def test_a_run_that_turns_non_finite_fails_with_its_reason_and_the_others_finish(tmp_path: Path) -> None:
    tiny_experiment(tmp_path)
    text = (tmp_path / "wider.py").read_text(encoding="utf-8")
    blown_up = text.replace('"wide": {', '"wide": {"optimizer": use("sgd", learning_rate=1e30), ')
    (tmp_path / "wider.py").write_text(blown_up, encoding="utf-8")
    done = type_here("run", "wider.py", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "wide seed 1: failed, NonFiniteLoss" in done.stdout
    experiment = run_directory.read_experiment(tmp_path / "runs" / "wider")
    assert (
        sorted((run.variant, run.status) for run in experiment.runs)
        == [("narrow", "completed")] * 2 + [("wide", "failed")] * 2
    )
    again = type_here("run", "wider.py", cwd=tmp_path)
    assert again.returncode == 1
    assert "nothing was trained" in again.stdout


def _started(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    """The command in a process that goes on, with a checkpoint at every epoch."""
    return subprocess.Popen(
        [sys.executable, "-m", "keras_suite.experiments", *arguments, "--checkpoint-seconds", "0"],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for(condition: object, process: subprocess.Popen[str], timeout: float = 120) -> None:
    ends = time.monotonic() + timeout
    while not condition():  # type: ignore[operator]
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < ends
        time.sleep(0.005)
