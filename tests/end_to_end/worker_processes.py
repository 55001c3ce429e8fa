"""The worker processes of a command, however they were started: spawned by it, or forked from its fork server."""

import contextlib
import subprocess
import sys
from pathlib import Path

import psutil

from tests.conftest import REPOSITORY

THREADS_OF_A_WORKER = 2  # one more watches the command; what only looks at the fork server has one


def workers_of(command: psutil.Process) -> list[psutil.Process]:
    """Those that train for the command, or are about to."""
    workers = []
    for process in command.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ends just now
            workers += [process] if is_worker(process) else []
    return workers


def is_worker(process: psutil.Process) -> bool:
    """Whether it was spawned or forked to train."""
    line = " ".join(process.cmdline())
    return "spawn_main" in line or (_serves(line) and _serves(_line_of_parent(process)) and _has_begun(process))


def server_of(command: psutil.Process) -> psutil.Process:
    """The process that the command's workers are forked from."""
    (server,) = [child for child in command.children() if _serves(" ".join(child.cmdline()))]
    return server


def _serves(line: str) -> bool:
    return "multiprocessing.forkserver" in line


def _line_of_parent(process: psutil.Process) -> str:
    parent = process.parent()
    return " ".join(parent.cmdline()) if parent is not None else ""


def _has_begun(process: psutil.Process) -> bool:
    return process.num_threads() >= THREADS_OF_A_WORKER


def run_script(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, with a folder as its argument; it must end well within 4 minutes."""
    return subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
