"""A process to fork workers from, which has imported TensorFlow and never computes.

A worker that is spawned imports TensorFlow itself, which takes as long as the trials of a short sweep. This file
imports neither TensorFlow nor Dask.
"""

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

import psutil

PRELOADED = "keras_suite.experiments.scheduling.preloaded"
# As Dask sets it for the workers that it spawns: the bits of NumPy's products depend on the number of threads.
ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "6640",
}
SURVIVING_THREADS = {"jemalloc_bg_thd"}  # Arrow's allocator starts its own anew after a fork
GPU_DEVICES = ("/dev/nvidiactl", "/dev/kfd")


@dataclass(frozen=True)
class Start:
    """How worker processes are started, and where they could be forked and are not: why."""

    method: Literal["forkserver", "spawn"]
    why_not: str = ""


def possible() -> bool:
    """Return whether workers are forked here: on Linux, and not where a GPU's driver would be forked along."""
    return sys.platform == "linux" and not any(Path(device).exists() for device in GPU_DEVICES)


def begin() -> None:
    """Start the fork server where workers are forked; it imports while this process goes on."""
    if not possible():
        return
    from multiprocessing import forkserver  # not on Windows

    if not _servers():
        atexit.register(_end)
    multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOADED])
    with _environment(), _without_interrupts():
        forkserver.ensure_running()


def start_method(timeout: float) -> Start:
    """Wait until the fork server has imported everything, and look at it.

    Args:
        timeout: The seconds after which it is killed.
    """
    if not possible():
        return Start("spawn")
    begin()
    receiver, sender = multiprocessing.get_context("forkserver").Pipe(duplex=False)
    answers: list[set[str]] = []

    def ask() -> None:
        with contextlib.suppress(OSError, EOFError):  # the server ended: it could not import something, or was killed
            process = multiprocessing.get_context("forkserver").Process(target=_answer, args=(sender,), daemon=True)
            process.start()
            sender.close()
            answers.append(receiver.recv())
            process.join()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    if asking.is_alive():
        _end()
        return Start("spawn", f"the process to fork them from did not answer within {timeout:.0f} s")
    if not answers:
        return Start("spawn", "the process to fork them from ended")
    if answers[0]:
        return Start("spawn", f"what was imported started threads, and a fork loses them: {', '.join(answers[0])}")
    return Start("forkserver")


def _answer(sender: Connection) -> None:
    """Tell which threads the process has that forked this one, besides its first and those that survive that."""
    names = {
        task.name: (task / "comm").read_text(encoding="utf-8").strip()
        for task in Path(f"/proc/{os.getppid()}/task").iterdir()
    }
    sender.send({name for task, name in names.items() if task != str(os.getppid())} - SURVIVING_THREADS)
    sender.close()


def _servers() -> list[psutil.Process]:
    """Return the fork servers of this process; Python keeps no public record of them."""
    servers = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            servers += [child] if "multiprocessing.forkserver" in " ".join(child.cmdline()) else []
    return servers


def _end() -> None:
    """Kill the fork server, which may be importing still and would print; its workers end with it."""
    for server in _servers():
        with contextlib.suppress(psutil.Error):
            server.kill()


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    added = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, as this thread does meanwhile: the command receives it, and ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
