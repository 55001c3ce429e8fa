"""Workers are forked from a process that never computed, and spawned where that is not possible."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keras_suite.experiments.scheduling import fork_server
from tests.conftest import REPOSITORY
from tests.end_to_end.worker_processes import run_script


def test_elsewhere_than_on_linux_and_beside_a_gpu_workers_are_spawned(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fork_server, "GPU_DEVICES", (str(tmp_path),))
    assert fork_server.start_method(1.0) == fork_server.Start("spawn")
    monkeypatch.setattr(fork_server, "GPU_DEVICES", ())
    monkeypatch.setattr(fork_server.sys, "platform", "darwin")
    assert fork_server.start_method(1.0) == fork_server.Start("spawn")


def test_the_commands_own_environment_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    before = dict(os.environ)
    with fork_server._environment():
        assert os.environ["OMP_NUM_THREADS"] == "2"
        assert os.environ["OPENBLAS_NUM_THREADS"] == before.get("OPENBLAS_NUM_THREADS", "1")
    assert dict(os.environ) == before


_START = """
import sys
from keras_suite.experiments.scheduling import fork_server
if __name__ == "__main__":
    fork_server.PRELOADED = sys.argv[1]
    fork_server.begin()
    print(fork_server.start_method(120.0))
"""


def _started(preloaded: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _START, preloaded],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.slow
def test_what_training_imports_starts_no_thread_that_a_fork_would_lose(tmp_path: Path) -> None:
    assert "method='forkserver', why_not=''" in _started(fork_server.PRELOADED, tmp_path)


@pytest.mark.slow
def test_a_fork_server_that_has_computed_is_not_forked_from(tmp_path: Path) -> None:
    code = f"import {fork_server.PRELOADED}\nimport tensorflow as tf\ntf.zeros(1) + 1\n"
    (tmp_path / "computing.py").write_text(code, encoding="utf-8")
    said = _started("computing", tmp_path)
    assert "method='spawn'" in said
    assert "a fork loses them: " in said
    assert "tf_Compute" in said


def test_a_fork_server_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "ending.py").write_text("import os\nos._exit(1)\n", encoding="utf-8")
    assert "method='spawn', why_not='the process to fork them from ended'" in _started("ending", tmp_path)


_SERVER_KILLED = """
import sys
from pathlib import Path
import psutil
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.workers import Workers
from tests.experiments.scheduling.test_worker_pool import jobs_in
from tests.end_to_end import worker_processes
if __name__ == "__main__":
    for job, outcome in run_all(jobs_in(Path(sys.argv[1])), Workers(1, job_timeout=200)):
        print(job.seed, outcome.status)
        if job.seed == 1:
            (worker,) = worker_processes.workers_of(psutil.Process())
            worker_processes.server_of(psutil.Process()).kill()
            worker.wait(10)
"""


@pytest.mark.slow
def test_workers_end_with_their_fork_server_and_others_train_what_is_left(tmp_path: Path) -> None:
    done = run_script(_SERVER_KILLED, tmp_path)
    assert done.stdout.splitlines() == ["1 completed", "2 completed", "3 completed"], done.stderr
