"""Real sweeps on the digits, as a user types them, to be killed at chosen moments."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psutil

from keras_suite.experiments import cli
from keras_suite.experiments.tuning import journal
from tests.end_to_end import forked, worker_processes
from tests.end_to_end.typed import type_command, type_here

FILE = '''"""Which learning rate and width read digits best?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", image_size=[8, 8], limit=300, test_limit=100),
        model=use("mlp", units=[16]),
        batch_size=32,
        epochs=2,
    ),
)


def space(hp):
    return {
        "optimizer.learning_rate": hp.Float("learning_rate", 1e-4, 1e-1, sampling="log"),
        "model.units": [hp.Choice("units", [8, 16, 32])],
    }
'''
ONE_RATE = FILE[: FILE.index('        "model.units"')] + "    }\n"  # its runs share their graphs
SAID = "said.txt"
ONE_SLOT = ("--tuner", "random", "--threads", "1", "--checkpoint-seconds", "0")


def write_file(folder: Path, text: str = FILE) -> Path:
    """An experiment file with a space."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "width.py"
    path.write_text(text, encoding="utf-8")
    return path


def sweep_folder(folder: Path, tuner: str = "random") -> Path:
    """Where the sweep of `width.py` that ran in `folder` lies."""
    return folder / "runs" / "width.tune" / tuner


def fork(folder: Path, *arguments: str) -> ForkServerProcess:
    """The sweep in a process that goes on."""
    return forked.fork(folder / SAID, _type, folder, arguments)


def _type(folder: Path, arguments: Sequence[str]) -> None:
    os.chdir(folder)
    sys.argv = ["experiments", "tune", "width.py", *ONE_SLOT, *arguments]
    cli.app()


def finish(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the sweep to its end."""
    done = type_command("tune", "width.py", *ONE_SLOT, *arguments, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def finish_here(folder: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The same in this process, seconds faster: its numbers are not those of a process with one thread."""
    done = type_here("tune", "width.py", *ONE_SLOT, *arguments, cwd=folder)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def table(folder: Path, tuner: str = "random") -> str:
    """trials.csv as it stands."""
    return (sweep_folder(folder, tuner) / "trials.csv").read_text(encoding="utf-8")


def lines(folder: Path, tuner: str) -> int:
    """How many events the journal holds by now."""
    path = sweep_folder(folder, tuner) / journal.NAME
    return len(journal.read(path)) if path.exists() else 0


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The sweep in a process that goes on."""
    return subprocess.Popen(
        [sys.executable, "-m", "keras_suite.experiments", "tune", "width.py", *ONE_SLOT, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish_fork(folder: Path, *arguments: str) -> None:
    """The same to its end."""
    process = fork(folder, *arguments)
    process.join(240)
    assert process.exitcode == 0, (folder / SAID).read_text(encoding="utf-8")


def kill_fork_after(process: ForkServerProcess, ready: Callable[[], bool], seconds: float) -> bool:
    """SIGKILL, so many seconds after `ready`; False if it had ended by then."""
    ends = time.monotonic() + 120
    while not ready():
        assert process.is_alive(), "it ended before it could be killed"
        assert time.monotonic() < ends
        time.sleep(0.002)
    process.join(seconds)
    killed = process.is_alive()
    process.kill()
    process.join()
    return killed


def wait_for(process: subprocess.Popen[str], ready: Callable[[], object]) -> None:
    """Until `ready`; the process must still be running then."""
    ends = time.monotonic() + 120
    while not ready():
        assert process.poll() is None, f"it ended before: {process.communicate()[0]}"
        assert time.monotonic() < ends
        time.sleep(0.002)


def kill_after(process: subprocess.Popen[str], ready: Callable[[], bool], seconds: float) -> None:
    """SIGKILL, so many seconds after `ready`; the process must still be running then."""
    wait_for(process, ready)
    time.sleep(seconds)
    assert process.poll() is None, f"it ended before it could be killed: {process.communicate()[0]}"
    process.kill()
    process.communicate()


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The living processes that train for this one."""
    return worker_processes.workers_of(psutil.Process(process.pid))


def in_mid_training(folder: Path) -> list[Path]:
    """The runs that have an epoch behind them, and their end before them."""
    histories = sweep_folder(folder).glob("*/seed-1/history.csv")
    return [path.parent for path in histories if not (path.parent / "metrics.json").exists()]
