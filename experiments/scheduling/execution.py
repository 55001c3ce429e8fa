"""Many runs: one after another in this process, or side by side in worker processes. One code path for both."""

import itertools
from collections.abc import Generator, Iterable, Iterator

from keras_suite.experiments.scheduling.workers import Workers, perform
from keras_suite.experiments.training.job import Job, Outcome, RunOptions


def checked(workers: Workers, options: RunOptions) -> Workers:
    """Return the workers, of a cluster that exists counted and with their device.

    Raises:
        ValueError, ConnectionError: If they could not train as this process does.
    """
    if workers.scheduler is None:
        return workers
    from keras_suite.experiments.scheduling import cluster  # Dask takes half a second to import

    return cluster.check_workers(workers, workers.scheduler, options.threads, options.runs_dir, options.data_dir)


def run_all(jobs: Iterable[Job | None], workers: Workers) -> Generator[tuple[Job, Outcome], None, None]:
    """Yield each job with its outcome as it ends. One failed run does not stop the others.

    Args:
        jobs: The next one is taken when a worker is free and the caller has taken all outcomes so far: it may depend
            on them. None says that the next one is known only once a run that is under way has ended.
        workers: Who trains.
    """
    if not workers.this_process:
        yield from _side_by_side(iter(jobs), workers)
        return
    for job in jobs:
        if job is None:
            raise _nothing_to_wait_for()
        yield job, perform(job)


def _side_by_side(jobs: Iterator[Job | None], workers: Workers) -> Iterator[tuple[Job, Outcome]]:
    from keras_suite.experiments.scheduling.worker_pool import open_pool

    with open_pool(workers) as pool:
        while True:
            waits = False
            # As many as there are workers, and no more: Dask would dispatch runs to workers ahead of their turn.
            for job in itertools.islice(jobs, pool.free()):
                if job is None:
                    waits = True
                    break
                pool.start(job)
            if pool.running:
                yield pool.next_ended()
            elif waits:
                raise _nothing_to_wait_for()
            else:
                return


def _nothing_to_wait_for() -> RuntimeError:
    return RuntimeError("a job was to wait for another one, and none is running")
