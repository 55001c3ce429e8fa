"""Workers that hang (SIGSTOP): inside a job, between two jobs, while they start, and on a machine that stands still."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from keras_suite.experiments.scheduling import worker_pool
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.workers import Stopped, Workers
from keras_suite.experiments.training.job import Job
from tests.end_to_end import clusters, sweeps
from tests.end_to_end.sweeps import lines, table, wait_for, workers_of, write_file
from tests.end_to_end.worker_processes import run_script
from tests.experiments.scheduling.test_worker_pool import jobs_in


@pytest.mark.slow
def test_a_worker_that_hangs_is_killed_and_the_sweep_continues(tmp_path: Path) -> None:
    write_file(tmp_path, sweeps.FILE.replace("epochs=2", "epochs=20"))
    process = sweeps.start(tmp_path, "--trials", "4", "--workers", "2", "--job-timeout", "30")
    wait_for(process, lambda: lines(tmp_path, "random") >= 3 and _training(process))
    stopped = _training(process)[0]
    stopped.suspend()
    said, _ = process.communicate(timeout=240)
    assert process.returncode == 1, said
    assert said.count("failed, seed 1: it took longer than --job-timeout 30 s") == 1, said
    assert not stopped.is_running()
    assert table(tmp_path).count(",completed,") == 4
    assert table(tmp_path).count(",failed,") == 1


def _training(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The workers that hold a run's lock: the time of a job counts from where it begins."""
    training = []
    for worker in workers_of(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            training += [worker for file in worker.open_files() if file.path.endswith("/.lock")][:1]
    return training


_HANGS = """
import sys
from pathlib import Path
import psutil
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.workers import Workers
from tests.experiments.scheduling.test_worker_pool import jobs_in
from tests.end_to_end import worker_processes
if __name__ == "__main__":
    hung = None
    for job, outcome in run_all(jobs_in(Path(sys.argv[1])), Workers(1, job_timeout=200, begin_timeout=30)):
        if hung is None:
            (hung,) = worker_processes.workers_of(psutil.Process())
            hung.suspend()
        print(job.seed, outcome.status, hung.is_running())
"""


@pytest.mark.slow
def test_a_worker_that_hangs_between_two_jobs_is_replaced_and_the_next_is_trained_once(tmp_path: Path) -> None:
    done = run_script(_HANGS, tmp_path)
    assert done.stdout.splitlines() == ["1 completed True", "2 completed False", "3 completed False"], done.stderr
    logs = [path.read_text(encoding="utf-8") for path in sorted(tmp_path.glob("pool/*/seed-*/log.txt"))]
    assert [log.count("started") for log in logs] == [1, 1, 1], logs


_HANGS_WHILE_STARTING = """
import sys, threading, time
from pathlib import Path
import psutil
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.workers import Workers
from tests.experiments.scheduling.test_worker_pool import jobs_in
from tests.end_to_end import worker_processes
def suspend_next(known):
    while not (found := [each for each in worker_processes.workers_of(psutil.Process()) if each not in known]):
        time.sleep(0.01)
    found[0].suspend()
if __name__ == "__main__":
    threading.Thread(target=suspend_next, args=([],), daemon=True).start()
    for job, outcome in run_all(jobs_in(Path(sys.argv[1])), Workers(1, job_timeout=200, begin_timeout=30)):
        print(job.seed, outcome.status)
        if job.seed == 1:
            (worker,) = worker_processes.workers_of(psutil.Process())
            threading.Thread(target=suspend_next, args=([worker],), daemon=True).start()
            worker.kill()
"""


@pytest.mark.slow
def test_a_process_that_hangs_before_it_is_a_worker_is_replaced_at_the_beginning_and_later(tmp_path: Path) -> None:
    began = time.monotonic()
    done = run_script(_HANGS_WHILE_STARTING, tmp_path)
    assert done.stdout.splitlines() == ["1 completed", "2 completed", "3 completed"], done.stderr
    assert time.monotonic() - began > 60, "two of them were waited for"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_job_of_a_suspended_machine_is_trained_on_another_and_not_again_when_it_wakes(
    tmp_path: Path,
) -> None:
    """Nobody can kill the worker: its nanny is suspended, too."""
    first, second, third, fourth = jobs_in(tmp_path / "runs", seeds=(1, 2, 3, 4))
    ended: list[int] = []
    with clusters.cluster(tmp_path) as (address, nannies):
        still = [nannies[0], *nannies[0].children(recursive=True)]

        def jobs() -> Iterator[Job | None]:
            yield first
            yield second
            while len(ended) < 2:
                yield None
            for process in still:
                process.suspend()
            yield third
            yield fourth

        for job, outcome in run_all(jobs(), Workers(scheduler=address, begin_timeout=30)):
            assert outcome.status == "completed"
            ended.append(job.seed)
        for process in still:
            process.resume()
        time.sleep(5)
    assert sorted(ended) == [1, 2, 3, 4]
    logs = [path.read_text(encoding="utf-8") for path in (tmp_path / "runs").glob("pool/*/seed-*/log.txt")]
    assert [log.count("started") for log in logs] == [1] * 4, logs


@pytest.mark.slow
def test_a_command_whose_only_worker_is_suspended_ends_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "NO_WORKER_SECONDS", 1.0)
    with clusters.cluster(tmp_path, 1) as (address, (nanny,)):
        for process in (nanny, *nanny.children(recursive=True)):
            process.suspend()
        with pytest.raises(Stopped, match=r"no worker .* 1 s \(tcp://.* hung and could not be killed\): start some"):
            list(run_all(jobs_in(tmp_path / "runs"), Workers(scheduler=address, begin_timeout=1)))
