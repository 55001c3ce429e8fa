"""A Dask scheduler and its workers, each started by hand as a process of its own, as on machines that share a disk."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

WORKER = ("--nthreads", "1", "--memory-limit", "0")
QUIET = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}


@contextlib.contextmanager
def scheduler(folder: Path, *options: str, host: str = "127.0.0.1", on: Sequence[str] = ()) -> Iterator[str]:
    """A scheduler, by default on loopback; its address. `on`: what its command line begins with, see machines.py."""
    said = folder / "scheduler.txt"
    command = ["dask_scheduler", "--host", host, "--port", "0", "--no-dashboard", *options]
    with _process(command, said, {}, on):
        yield _wait_for(said, "Scheduler at:").split()[-1]


@contextlib.contextmanager
def workers(
    address: str,
    count: int,
    folder: Path,
    options: Sequence[str] = WORKER,
    environment: Mapping[str, str] | None = None,
    on: Sequence[str] = (),
) -> Iterator[list[psutil.Process]]:
    """Workers that have joined the scheduler, started in another folder than the commands; their nannies."""
    with contextlib.ExitStack() as stack:
        started = []
        for number in range(count):
            here = folder / f"worker-{address.rpartition(':')[2]}-{number}"
            here.mkdir(parents=True, exist_ok=True)
            command = ["dask_worker", address, "--no-dashboard", "--local-directory", str(here), *options]
            said = here / "said.txt"
            started.append(stack.enter_context(_process(command, said, environment or {}, on)))
            _wait_for(said, "Registered to:")
        yield [psutil.Process(process.pid) for process in started]


@contextlib.contextmanager
def cluster(folder: Path, count: int = 2) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A scheduler with workers."""
    with scheduler(folder) as address, workers(address, count, folder) as nannies:
        yield address, nannies


def trainer_of(nanny: psutil.Process) -> psutil.Process:
    """The process that trains, of the one that watches it; waited for if it is being replaced."""
    ends = time.monotonic() + 60
    while True:
        with contextlib.suppress(psutil.NoSuchProcess):  # it ends just now
            for child in nanny.children():
                if "spawn_main" in " ".join(child.cmdline()):
                    return child
        assert time.monotonic() < ends
        time.sleep(0.05)


@contextlib.contextmanager
def _process(
    command: Sequence[str], said: Path, environment: Mapping[str, str], on: Sequence[str]
) -> Iterator[subprocess.Popen[bytes]]:
    with said.open("wb") as file:
        process = subprocess.Popen(
            [*on, sys.executable, "-m", f"distributed.cli.{command[0]}", *command[1:]],
            cwd=said.parent,
            env={**os.environ, **QUIET, **environment},
            stdout=file,
            stderr=file,
        )
    try:
        yield process
    finally:
        for child in [*psutil.Process(process.pid).children(recursive=True), process] if process.poll() is None else []:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait()


def _wait_for(said: Path, words: str, timeout: float = 60) -> str:
    ends = time.monotonic() + timeout
    while True:
        lines = [line for line in said.read_text(encoding="utf-8").splitlines() if words in line]
        if lines:
            return lines[0]
        assert time.monotonic() < ends, said.read_text(encoding="utf-8")
        time.sleep(0.05)
