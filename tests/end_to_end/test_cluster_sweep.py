"""A sweep over TCP: a scheduler and two workers in processes of their own, of which whatever may be killed."""

from pathlib import Path

import psutil
import pytest

from keras_suite.reports import run_directory
from tests.end_to_end import clusters
from tests.end_to_end.sweeps import (
    FILE,
    finish,
    in_mid_training,
    lines,
    start,
    sweep_folder,
    table,
    wait_for,
    write_file,
)

COMMAND = ("--trials", "5", "--objective", "val_unpenalised_loss")
LONG = FILE.replace("epochs=2", "epochs=150")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_equals_one_workers_sweep_though_a_worker_and_its_command_were_killed(tmp_path: Path) -> None:
    write_file(tmp_path / "alone", LONG)
    finish(tmp_path / "alone", *COMMAND)
    folder = tmp_path / "over TCP"
    write_file(folder, LONG)
    with clusters.cluster(tmp_path) as (address, nannies):
        over_tcp = (*COMMAND, "--scheduler", address)
        process = start(folder, *over_tcp)
        wait_for(process, lambda: lines(folder, "random") >= 4 and bool(in_mid_training(folder)))
        clusters.trainer_of(nannies[0]).kill()
        wait_for(process, lambda: lines(folder, "random") >= 6 and bool(in_mid_training(folder)))
        process.kill()
        process.communicate()
        finish(folder, *over_tcp)
    assert table(folder) == table(tmp_path / "alone")
    logs = [path.read_text(encoding="utf-8") for path in sweep_folder(folder).glob("*/*/log.txt")]
    assert any("resumed after" in log for log in logs)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_after_ctrl_c_no_run_continues_and_each_is_recorded_as_interrupted(tmp_path: Path) -> None:
    write_file(tmp_path, FILE.replace("epochs=2", "epochs=100000"))
    with clusters.cluster(tmp_path) as (address, nannies):
        process = start(tmp_path, "--trials", "2", "--scheduler", address)
        wait_for(process, lambda: len(in_mid_training(tmp_path)) == 2)
        trainers = [clusters.trainer_of(nanny) for nanny in nannies]
        psutil.Process(process.pid).terminate()
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 130, said
        assert not any(trainer.is_running() for trainer in trainers)
    directories = list(sweep_folder(tmp_path).glob("*/seed-1"))
    assert [run_directory.read_run(path).status for path in directories] == ["interrupted"] * 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_after_its_command_was_killed_no_run_continues(tmp_path: Path) -> None:
    write_file(tmp_path, FILE.replace("epochs=2", "epochs=100000"))
    with clusters.cluster(tmp_path, 1) as (address, (nanny,)):
        process = start(tmp_path, "--trials", "2", "--scheduler", address)
        wait_for(process, lambda: in_mid_training(tmp_path))
        trainer = clusters.trainer_of(nanny)
        process.kill()
        process.communicate()
        psutil.wait_procs([trainer], timeout=30)
        assert not trainer.is_running()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_lost_scheduler_is_reported_in_one_line_and_no_run_continues(tmp_path: Path) -> None:
    write_file(tmp_path, FILE.replace("epochs=2", "epochs=100000"))
    with clusters.scheduler(tmp_path) as address, clusters.workers(address, 1, tmp_path) as (nanny,):
        process = start(tmp_path, "--trials", "2", "--scheduler", address)
        wait_for(process, lambda: in_mid_training(tmp_path))
        trainer = clusters.trainer_of(nanny)
        scheduler = next(each for each in psutil.Process().children() if "dask_scheduler" in " ".join(each.cmdline()))
        scheduler.kill()
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 1, said
        assert said.splitlines()[-1] == (
            "error: the scheduler is gone: start it again; then run the same command again to continue"
        )
        assert "Traceback" not in said
        psutil.wait_procs([trainer], timeout=30)
        assert not trainer.is_running()
