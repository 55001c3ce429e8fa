"""What runs inside a worker process: it describes itself to a command, and trains one job after another for it."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil
from dask.typing import Key
from distributed import Nanny, Status, Worker, get_worker
from distributed.system import MEMORY_LIMIT

from keras_suite.experiments.scheduling.workers import Stopped, perform
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, Outcome

OTHER_THREADS = "computes with another number of threads"
POLL_SECONDS = 1.0
LOCK_SECONDS = 60.0


@dataclass(frozen=True)
class Description:
    """What a worker's results depend on.

    Attributes:
        process: The process ID.
        why_not: Why it cannot train for the command, for example because it does not see the command's folders; "" if
            it can.
    """

    versions: dict[str, str]
    device: str
    process: int
    why_not: str = ""


def versions() -> dict[str, str]:
    """Return the versions that must be the same in all processes that train for a command."""
    return {**runtime.versions(), "distributed": metadata.version("distributed"), "the suite": runtime.suite()}


def describe(threads: int, folder: Path, token: Path, data_dir: Path | None) -> Description:
    """Change to the command's folder and start TensorFlow, as for a job, and return how that went.

    Args:
        threads: TensorFlow's threads.
        folder: The folder in which the command was typed.
        token: A file that the command created in its --runs-dir.
        data_dir: The command's --data-dir.
    """

    def cannot(why: str) -> Description:
        return Description(versions(), "", os.getpid(), why)

    try:
        os.chdir(folder)
    except OSError:
        return cannot(f"does not see the folder {folder}, in which the command was typed")
    if not token.exists():
        return cannot(f"does not see what is written to {token.parent}, the --runs-dir")
    if data_dir is not None and not data_dir.exists():
        return cannot(f"does not see {data_dir}, the --data-dir")
    try:
        runtime.start_tensorflow(threads)
    except RuntimeError:
        return cannot(OTHER_THREADS)
    return Description(versions(), runtime.device(), os.getpid())


def kill(process: int) -> None:
    """Kill a worker process, in its nanny, which starts another one: a thread that trains cannot be stopped."""
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(process).kill()


def kill_own(address: str, dask_worker: Nanny) -> None:
    """Kill the worker at `address`, in its nanny, unless it has been replaced already."""
    process = dask_worker.process
    if process is not None and process.worker_address == address and process.pid is not None:
        kill(process.pid)


@dataclass(frozen=True)
class Done:
    """How a job ended, and the share of its machine's memory that the process held afterwards."""

    outcome: Outcome
    memory: float


def train(job: Job, folder: Path, expected: Path, topic: str) -> Done:
    """Train a job for a command.

    Args:
        job: The job.
        folder: The folder in which the command was typed.
        expected: The run directory, as the command computed it.
        topic: The Dask topic to which the beginning is reported, with this process: a job may have waited before, or
            have begun in another worker.

    Raises:
        Stopped: If the run directory is another one here, because this worker reads other data.
    """
    worker = get_worker()
    key = worker.get_current_task()
    for each in ("profile", "profile-cycle"):  # hangs some versions of Python: see cluster.py
        if each in worker.periodic_callbacks:
            worker.loop.add_callback(worker.periodic_callbacks[each].stop)
    os.chdir(folder)
    with _ends_if_nobody_waits(worker, key):
        runtime.start_tensorflow(job.options.threads, job.options.devices)
        worker.log_event(topic, {"key": key, "worker": worker.address, "process": os.getpid()})
        if directory_of(job) != expected:
            raise Stopped(f"worker {worker.address} reads other data than the command: give all the same files")
        outcome = _perform_when_free(job)
    return Done(outcome, psutil.Process().memory_info().rss / MEMORY_LIMIT)


def _perform_when_free(job: Job) -> Outcome:
    """Train, after waiting for a worker that trains this run for a killed command: it will notice that and end."""
    ends = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return perform(job)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise
            time.sleep(POLL_SECONDS)


@contextlib.contextmanager
def _ends_if_nobody_waits(worker: Worker, key: Key) -> Iterator[None]:
    """End this process when the command that submitted the task is gone: a thread that trains cannot be stopped."""
    done = threading.Event()

    def poll() -> None:
        while not done.wait(POLL_SECONDS):
            task = worker.state.tasks.get(key)
            needed = task is not None and task.state in ("executing", "long-running")
            needed = needed and worker.status in (Status.running, Status.paused)  # else its scheduler is gone
            if not needed and not done.is_set():
                os._exit(1)  # its nanny starts another one

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
