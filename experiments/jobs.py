"""Many runs: one after another in this process, or side by side in worker processes. One code path for both."""

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from experiments import runtime
from experiments.job import Job, Outcome, directory_of
from reports import run_directory


def perform(job: Job) -> Outcome:
    """Trains one job in this process, which stays warm: TensorFlow is imported and the data are loaded once."""
    runtime.start_tensorflow(job.threads)
    from experiments.run import train

    return train(job)


def run_all(jobs: Iterable[Job | None], workers: int) -> Iterator[tuple[Job, Outcome]]:
    """Yields each job with its outcome as it ends. One failed run does not stop the others.

    `jobs` is asked for the next one when a worker is free and the caller has taken all outcomes so far: it may depend
    on them. None in it says that the next one is known only once a run that goes on has ended.
    """
    if workers > 1:
        yield from _in_workers(iter(jobs), workers)
        return
    for job in jobs:
        if job is None:
            raise RuntimeError("a job was to wait for another one, and none is running")
        yield job, perform(job)


def _in_workers(jobs: Iterator[Job | None], workers: int) -> Iterator[tuple[Job, Outcome]]:
    """A local Dask cluster: a worker killed with -9 is replaced and its run goes on from its checkpoint."""
    import dask
    from distributed import Client, Future, LocalCluster, as_completed

    settings = {
        "distributed.scheduler.allowed-failures": 2,
        # The profiler calls `sys._current_frames()` 100 times a second, and in CPython 3.11 up to 3.11.8 that hangs for
        # ever if it sets off a garbage collection that frees a `threading.local`, as TensorFlow's graphs hold
        # (python/cpython issue 106883; 1 of 69 pairs of workers hung).
        "distributed.worker.profile.enabled": False,
    }
    running: dict[Future, Job] = {}
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any free port: two sweeps may run at once
            host="127.0.0.1",
            silence_logs="CRITICAL",
        ) as cluster,
        Client(cluster) as client,
        _marked_interrupted(running.values()),
    ):
        ended = as_completed()
        while True:
            # As many as there are workers, and no more: Dask would hand runs to workers ahead of their turn.
            for job in _next_ones(jobs, workers - len(running)):
                future = client.submit(perform, job, key=f"{job.variant}-{job.seed}", pure=False)
                running[future] = job
                ended.add(future)
            if not running:
                return
            future = next(ended)
            job = running.pop(future)
            yield job, _outcome(job, future)


def _next_ones(jobs: Iterator[Job | None], free: int) -> Iterator[Job]:
    """The next jobs, at most `free`, up to the first None."""
    return itertools.takewhile(lambda job: job is not None, itertools.islice(jobs, free))  # type: ignore[arg-type]


def _outcome(job: Job, future: Any) -> Outcome:
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        directory = directory_of(job)
        reason = "its worker process was killed again and again (out of memory?): use fewer --workers"
        run_directory.fail(directory, KilledWorker.__name__, reason)
        return Outcome(directory, "failed", reason)


@contextlib.contextmanager
def _marked_interrupted(jobs: Iterable[Job]) -> Iterator[None]:
    """Workers end with the cluster: their unfinished runs are interrupted, and say so at once."""
    try:
        yield
    except BaseException:
        for directory in map(directory_of, list(jobs)):
            with contextlib.suppress(OSError, ValueError):
                if run_directory.read_run(directory).status == "running":
                    run_directory.update(directory, status="interrupted")
        raise
