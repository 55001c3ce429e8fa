"""Worker processes: warm, replaced when they have grown, killed when a run's time is over, and when they die again."""

import contextlib
import functools
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.scheduling.worker_pool import Unstarted, unstarted_jobs
from keras_suite.experiments.scheduling.workers import Stopped, perform, requested_workers
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.tuning import journal
from keras_suite.reports import run_directory
from tests.conftest import REPOSITORY
from tests.end_to_end import sweeps
from tests.end_to_end.sweeps import lines, sweep_folder, table, wait_for, workers_of, write_file
from tests.end_to_end.typed import TINY, type_command

CONFIG = Config(dataset=use("digits", limit=150, test_limit=50), model=use("mlp", units=[8]), batch_size=32, epochs=1)

_WHO_TRAINS = """
import sys, threading
from pathlib import Path
import psutil
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.worker_pool import Unstarted, unstarted_jobs
from keras_suite.experiments.scheduling.workers import Workers
from tests.end_to_end import worker_processes
from tests.experiments.scheduling.test_worker_pool import jobs_in

seen, over = set(), threading.Event()


def watch():
    while not over.wait(0.05):
        seen.update(child.pid for child in worker_processes.workers_of(psutil.Process()))


if __name__ == "__main__":
    threading.Thread(target=watch, daemon=True).start()
    workers = Workers(1, job_timeout=120, memory_share=float(sys.argv[2]))
    for job, outcome in run_all(jobs_in(Path(sys.argv[1])), workers):
        print(outcome.status)
    over.set()
    print(*seen)
"""


def jobs_in(folder: Path, seeds: Sequence[int] = (1, 2, 3)) -> list[Job]:
    return [Job("pool", "only", CONFIG, seed, RunOptions(1, folder)) for seed in seeds]


def who_trained(folder: Path, memory_share: float) -> set[str]:
    """The worker processes that there were while three jobs were trained."""
    done = subprocess.run(
        [sys.executable, "-c", _WHO_TRAINS, str(folder), str(memory_share)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    *said, workers = done.stdout.splitlines()
    assert said == ["completed"] * 3, done.stdout + done.stderr
    return {*workers.split()}


@pytest.mark.slow
def test_a_worker_stays_warm_until_it_has_grown_past_its_share_of_memory(tmp_path: Path) -> None:
    assert len(who_trained(tmp_path / "warm", 0.5)) == 1
    assert len(who_trained(tmp_path / "grown", 1e-6)) >= 3  # one more may stand ready when the last job ends


def test_one_worker_is_this_process_unless_a_job_may_have_to_be_killed() -> None:
    assert requested_workers(1, None, None).this_process
    for others in (
        requested_workers(2, None, None),
        requested_workers(1, None, 60.0),
        requested_workers(1, "tcp://a:1", None),
    ):
        assert not others.this_process
    with pytest.raises(ValueError, match="leave out one"):
        requested_workers(2, "tcp://a:1", None)


def test_data_that_are_gone_are_not_the_runs_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)
    config = Config(dataset=use("image_folder", path=str(tmp_path / "gone")), model=use("mlp"))
    with pytest.raises(Stopped, match="gone"):
        perform(Job("pool", "only", config, 1, RunOptions(2, tmp_path)))


@pytest.mark.slow
def test_a_run_over_its_time_is_killed_and_the_others_finish(tmp_path: Path) -> None:
    endless_first = TINY.replace('"narrow": {}, "wide": {', '"wide": {"epochs": 100000, ')
    endless_first = endless_first.replace("}},", '}, "narrow": {}},')
    (tmp_path / "wider.py").write_text(endless_first.replace("seeds=2", "seeds=1"), encoding="utf-8")
    done = type_command("run", "wider.py", "--job-timeout", "20", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "wide seed 1: failed, it took longer than --job-timeout 20 s" in done.stdout
    runs = run_directory.read_experiment(tmp_path / "runs" / "wider").runs
    assert {run.variant: run.status for run in runs} == {"wide": "failed", "narrow": "completed"}
    assert next(run for run in runs if run.variant == "wide").record["error"]["type"] == "JobTimeout"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_that_die_in_a_trial_stop_the_sweep_and_in_the_second_command_count_as_its_failure(
    tmp_path: Path,
) -> None:
    write_file(tmp_path, sweeps.FILE.replace("epochs=2", "epochs=4000"))
    first = _with_three_workers_killed(tmp_path)
    said, _ = first.communicate(timeout=120)
    assert first.returncode == 1, said
    assert "base seed 1: its worker process was killed again and again (out of memory?): use fewer --workers" in said
    assert "run the same command again to continue" in said
    assert "Traceback" not in said
    assert lines(tmp_path, "random") == 1, "nothing was told of it"
    second = _with_three_workers_killed(tmp_path)
    wait_for(second, lambda: lines(tmp_path, "random") == 3)
    second.kill()
    second.communicate()
    ended = journal.read(sweep_folder(tmp_path) / journal.NAME)[1]
    assert ended["score"] is None
    assert "its worker process was killed again and again" in ended["reason"]


def _with_three_workers_killed(folder: Path) -> subprocess.Popen[str]:
    """The sweep, going on, whose workers were killed one after another in the base."""
    process = sweeps.start(folder, "--trials", "1", "--job-timeout", "1000")
    killed: list[psutil.Process] = []
    while len(killed) < 3:
        wait_for(process, functools.partial(_who_trains, folder, process, tuple(killed)))
        killed += _who_trains(folder, process, killed)
        killed[-1].kill()
    return process


def _who_trains(folder: Path, process: subprocess.Popen[str], killed: Sequence[psutil.Process]) -> list[psutil.Process]:
    """The worker that holds the base's lock, once an epoch has been trained."""
    if not list(sweep_folder(folder).glob("base-*/seed-1/history.csv")):
        return []
    with contextlib.suppress(psutil.NoSuchProcess):  # it is only about to become a worker
        alive = [worker for worker in workers_of(process) if worker not in killed]
        return [worker for worker in alive if any(file.path.endswith("seed-1/.lock") for file in worker.open_files())]
    return []


@pytest.mark.slow
def test_a_full_disk_stops_the_sweep_and_is_no_trials_failure(tmp_path: Path) -> None:
    """Files above 12 kB cannot be written, so the first checkpoint fails."""
    write_file(tmp_path)
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000)); "
    code = (
        limited + "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from keras_suite.experiments.cli import app; app()"
    )
    asked = ["tune", "width.py", *sweeps.ONE_SLOT, "--trials", "2"]
    full = subprocess.run(
        [sys.executable, "-c", code, *asked],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert full.returncode == 1, full.stdout + full.stderr
    assert full.stderr.startswith("error: base seed 1: OSError: ")
    assert full.stderr.strip().endswith("make room; then run the same command again to continue")
    assert "Traceback" not in full.stderr
    assert lines(tmp_path, "random") == 1
    sweeps.finish(tmp_path, "--trials", "2")
    assert table(tmp_path).count(",completed,") == 3


def test_the_time_of_an_unstarted_job_adds_up_while_a_worker_does_not_begin() -> None:
    once = unstarted_jobs({}, {"a": ["one"]}, {"one": None}, 1.0)
    assert once == {"one": Unstarted("a", 0.0)}
    assert unstarted_jobs(once, {"a": ["one"]}, {"one": None}, 1.5) == {"one": Unstarted("a", 1.5)}


def test_a_job_that_another_worker_begins_has_its_full_time_again() -> None:
    before = {"one": Unstarted("a", 100.0)}
    assert unstarted_jobs(before, {"a": [], "b": ["one"]}, {"one": "a"}, 1.0) == {"one": Unstarted("b", 0.0)}


def test_who_trains_or_works_for_another_command_need_not_begin_the_next() -> None:
    assert unstarted_jobs({}, {"a": ["one", "two"]}, {"one": "a", "two": None}, 1.0) == {}
    assert unstarted_jobs({}, {"a": ["one", "another command's"]}, {"one": None}, 1.0) == {}


def test_all_jobs_of_a_worker_that_hangs_wait_for_it() -> None:
    unstarted = unstarted_jobs({}, {"a": ["one", "two"]}, {"one": None, "two": None}, 1.0)
    assert unstarted == {"one": Unstarted("a"), "two": Unstarted("a")}
