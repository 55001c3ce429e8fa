"""Workers on two machines, and the cable between them is pulled for a minute: nothing is lost, nothing is doubled."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from keras_suite.reports import run_directory
from tests.end_to_end import clusters
from tests.end_to_end.machines import Machines, two_machines
from tests.end_to_end.sweeps import FILE, ONE_SLOT, finish, sweep_folder, table, write_file
from tests.end_to_end.test_cluster_sweep import in_mid_training
from tests.end_to_end.typed import TINY

pytestmark = [pytest.mark.slow, pytest.mark.needs_namespaces, pytest.mark.timeout(3600)]

CABLE_SECONDS = 60.0
LONG = FILE.replace("epochs=2", "epochs=100")
TUNE = ("tune", "width.py", *ONE_SLOT, "--trials", "3", "--objective", "val_unpenalised_loss")
RUN = ("run", "wider.py", "--threads", "1", "--checkpoint-seconds", "0")


def test_a_sweep_of_two_machines_ends_as_one_of_one_though_its_cable_was_pulled_for_a_minute(tmp_path: Path) -> None:
    write_file(tmp_path / "alone", LONG)
    finish(tmp_path / "alone", *TUNE[2:])
    folder = tmp_path / "of two"
    write_file(folder, LONG)
    with (
        two_machines() as machines,
        clusters.scheduler(tmp_path, host=machines.address(0), on=machines.on(0)) as address,
        clusters.workers(address, 1, tmp_path / "here", on=machines.on(0)),
        clusters.workers(address, 1, tmp_path / "there", on=machines.on(1)),
    ):
        process = _start(machines, folder, *TUNE, "--scheduler", address)
        _wait(process, folder, lambda: len(in_mid_training(folder)) == 2)
        _pull_for_a_minute(machines)
        assert process.wait(1800) == 0, _said(folder)
    events = journal.read(sweep_folder(folder) / journal.NAME)
    assert Counter(each["trial"] for each in events if each["event"] == "ended") == Counter([None, *range(3)])
    assert table(folder) == table(tmp_path / "alone")
    print(_starts(sweep_folder(folder)), _said(folder))


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
        code = process.wait(300)
        print(code, _starts(runs), _said(folder))
        again = _start(machines, folder, *RUN, "--scheduler", address)
        assert again.wait(1800) == 0, _said(folder)
    directories = sorted(runs.glob("*/seed-*"))
    assert [run_directory.read_run(each).status for each in directories] == ["completed"] * 4
    assert [[row["epoch"] for row in run_directory.read_run(each).history] for each in directories] == [
        list(range(1, 201))
    ] * 4
    print(_starts(runs))


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


def _starts(folder: Path) -> dict[str, int]:
    logs = sorted(folder.glob("*/seed-*/log.txt"))
    return {str(path.parent.relative_to(folder)): path.read_text(encoding="utf-8").count("started") for path in logs}
