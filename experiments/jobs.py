"""Many runs: one after another in this process, or side by side in worker processes. One code path for both."""

import contextlib
from collections.abc import Iterator, Sequence

from experiments import runtime
from experiments.job import Job, Outcome, directory_of
from reports import run_directory


def perform(job: Job) -> Outcome:
    """Trains one job in this process, which stays warm: TensorFlow is imported and the data are loaded once."""
    runtime.start_tensorflow(job.threads)
    from experiments.run import train

    return train(job)


def run_all(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Outcome]]:
    """Yields each job with its outcome as it ends. One failed run does not stop the others."""
    if workers == 1:
        for job in jobs:
            yield job, perform(job)
    else:
        yield from _in_workers(jobs, workers)


def _in_workers(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Outcome]]:
    """A local Dask cluster: a worker killed with -9 is replaced and its run goes on from its checkpoint."""
    import dask
    from distributed import Client, KilledWorker, LocalCluster, as_completed

    settings = {
        # Otherwise a worker is handed runs ahead of their turn, and they would not end in order.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.scheduler.allowed-failures": 2,
        # The profiler calls `sys._current_frames()` 100 times a second, and in CPython 3.11 up to 3.11.8 that hangs for
        # ever if it sets off a garbage collection that frees a `threading.local`, as TensorFlow's graphs hold
        # (python/cpython issue 106883; 1 of 69 pairs of workers hung).
        "distributed.worker.profile.enabled": False,
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=min(workers, len(jobs)),
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any free port: two sweeps may run at once
            host="127.0.0.1",
            silence_logs="CRITICAL",
        ) as cluster,
        Client(cluster) as client,
        _marked_interrupted(jobs),
    ):
        waiting = {
            client.submit(perform, job, key=f"{job.variant}-{job.seed}", pure=False, priority=-place): job
            for place, job in enumerate(jobs)
        }
        for future in as_completed(list(waiting)):
            job = waiting.pop(future)
            try:
                yield job, future.result()
            except KilledWorker:
                directory = directory_of(job)
                reason = "its worker process was killed again and again (out of memory?): use fewer --workers"
                run_directory.fail(directory, KilledWorker.__name__, reason)
                yield job, Outcome(directory, "failed", reason)


@contextlib.contextmanager
def _marked_interrupted(jobs: Sequence[Job]) -> Iterator[None]:
    """Workers end with the cluster: their unfinished runs are interrupted, and say so at once."""
    try:
        yield
    except BaseException:
        for directory in map(directory_of, jobs):
            with contextlib.suppress(OSError, ValueError):
                if run_directory.read_run(directory).status == "running":
                    run_directory.update(directory, status="interrupted")
        raise
