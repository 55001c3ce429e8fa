"""The cable between two machines is pulled for a minute: nothing is lost, nothing is doubled."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_suite.reports import run_directory
from tests.end_to_end import clusters
from tests.end_to_end.kill_points import outcome
from tests.end_to_end.machines import Machines, two_machines
from tests.end_to_end.sweeps import FILE, ONE_SLOT, finish, in_mid_training, sweep_folder, table, write_file
from tests.end_to_end.typed import TINY

pytestmark = [pytest.mark.slow, pytest.mark.needs_namespaces, pytest.mark.timeout(3600)]

CABLE_SECONDS = 60.0
LOST = "error: the scheduler is gone: start it again; then run the same command again to continue"
SWEEP = ("--trials", "6", "--objective", "val_unpenalised_loss")
RUN = ("run", "wider.py", "--threads", "1", "--checkpoint-seconds", "0")


def test_a_command_that_lost_its_scheduler_ends_in_one_line_and_the_same_command_ends_the_runs(tmp_path: Path) -> None:
    folder = tmp_path / "runs of two"
    folder.mkdir()
    (folder / "wider.py").write_text(TINY.replace("epochs=2", "epochs=200"), encoding="utf-8")
    with (
        two_machines() as machines,
        clusters.scheduler(tmp_path, host=machines.address(1), on=machines.on(1)) as address,
        clusters.workers(address, 1, tmp_path / "there", on=machines.on(1)),
    ):
        process = _start(machines, folder, *RUN, "--scheduler", address)
        runs = folder / "runs" / "wider"
        _wait(process, folder, lambda: any(runs.glob("*/seed-1/history.csv")))
        _pull_for_a_minute(machines)
        assert process.wait(300) == 1, _said(folder)
        assert _said(folder).splitlines()[-1] == LOST
        again = _start(machines, folder, *RUN, "--scheduler", address)
        assert again.wait(1800) == 0, _said(folder)
    directories = sorted(runs.glob("*/seed-*"))
    assert [run_directory.read_run(each).status for each in directories] == ["completed"] * 4
    assert [[row["epoch"] for row in run_directory.read_run(each).history] for each in directories] == [
        list(range(1, 201))
    ] * 4
    logs = [(each / "log.txt").read_text(encoding="utf-8") for each in directories]
    assert [log.count(" started: ") for log in logs] == [1] * 4


def test_a_sweep_with_a_worker_on_each_machine_goes_on_with_the_one_it_reaches(tmp_path: Path) -> None:
    alone, folder = tmp_path / "alone", tmp_path / "runs of two"
    for each in (alone, folder):
        write_file(each, FILE.replace("epochs=2", "epochs=300"))
    finish(alone, *SWEEP)
    with (
        two_machines() as machines,
        clusters.scheduler(tmp_path, host=machines.address(0), on=machines.on(0)) as address,
        clusters.workers(address, 1, tmp_path / "here", on=machines.on(0)),
        clusters.workers(address, 1, tmp_path / "there", on=machines.on(1)),
    ):
        process = _start(machines, folder, "tune", "width.py", *ONE_SLOT, *SWEEP, "--scheduler", address)
        _wait(process, folder, lambda: len(in_mid_training(folder)) == 2)
        _pull_for_a_minute(machines)
        assert process.wait(1800) == 0, _said(folder)
    assert table(folder) == table(alone)
    directories = sorted(sweep_folder(folder).glob("*/seed-1"))
    assert [run_directory.read_run(each).status for each in directories] == ["completed"] * 7
    for each in directories:
        of_alone = outcome(alone / each.relative_to(folder))
        assert outcome(each)["history.csv"] == of_alone["history.csv"]
    logs = [(each / "log.txt").read_text(encoding="utf-8") for each in directories]
    assert [log.count(" started: ") for log in logs] == [1] * 7


def _start(machines: Machines, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    with (folder / "said.txt").open("a", encoding="utf-8") as said:
        command = [*machines.on(0), sys.executable, "-m", "keras_suite.experiments", *arguments]
        return subprocess.Popen(command, cwd=folder, env=os.environ, stdout=said, stderr=said, text=True)


def _said(folder: Path) -> str:
    return (folder / "said.txt").read_text(encoding="utf-8")


def _wait(process: subprocess.Popen[str], folder: Path, ready: Callable[[], object]) -> None:
    ends = time.monotonic() + 900
    while not ready():
        assert process.poll() is None, _said(folder)
        assert time.monotonic() < ends
        time.sleep(0.05)


def _pull_for_a_minute(machines: Machines) -> None:
    machines.pull()
    time.sleep(CABLE_SECONDS)
    machines.plug_in()
