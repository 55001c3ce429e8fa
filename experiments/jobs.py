"""Many runs: one after another in this process, or side by side in worker processes. One code path for both."""

import itertools
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments import runtime
from experiments.handed import BEGIN_SECONDS
from experiments.job import Job, Outcome


@dataclass(frozen=True)
class Workers:
    """Who trains: this process; or `count` others, if there are to be several; or those of the cluster at `scheduler`.

    A job is killed after `job_timeout` seconds, which this process could not do to itself: then one worker is another
    process, too. One that holds more than its part of `memory_share` of a machine's memory after a job is replaced, and
    one that has not begun a job within `begin_timeout` seconds: another one begins it.
    """

    count: int = 1
    scheduler: str | None = None
    job_timeout: float | None = None
    begin_timeout: float = BEGIN_SECONDS
    memory_share: float = 0.5
    device: str | None = None  # of the cluster's workers, where it is not this process's

    @property
    def this_process(self) -> bool:
        """Whether there is no other one."""
        return self.count == 1 and self.scheduler is None and self.job_timeout is None


def asked_workers(count: int, scheduler: str | None, job_timeout: float | None) -> Workers:
    """What a command asks for; ValueError if that cannot be meant."""
    if scheduler is not None and count > 1:
        raise ValueError(f"--workers {count} are processes of this machine, and --scheduler has its own: leave out one")
    return Workers(count, scheduler, job_timeout)


def checked(workers: Workers, threads: int, runs_dir: Path, data_dir: Path | None) -> Workers:
    """Those of a cluster that exists, counted; ValueError or ConnectionError if it could not train as this process."""
    if workers.scheduler is None:
        return workers
    from experiments import cluster  # Dask takes half a second to import

    return cluster.checked(workers, workers.scheduler, threads, runs_dir, data_dir)


class Stopped(RuntimeError):
    """No run can be trained any more, and no run is to blame. The line says how to mend it."""


def perform(job: Job) -> Outcome:
    """Trains one job in this process, which stays warm: TensorFlow is imported and the data are loaded once.

    Stopped if something is wrong before it can begin, as with data that were there and are gone.
    """
    runtime.start_tensorflow(job.threads)
    from experiments.run import train

    try:
        return train(job)
    except BlockingIOError:
        raise
    except (OSError, ValueError) as error:
        raise Stopped(str(error)) from error


def run_all(jobs: Iterable[Job | None], workers: Workers) -> Generator[tuple[Job, Outcome], None, None]:
    """Yields each job with its outcome as it ends. One failed run does not stop the others.

    `jobs` is asked for the next one when a worker is free and the caller has taken all outcomes so far: it may depend
    on them. None in it says that the next one is known only once a run that goes on has ended.
    """
    if not workers.this_process:
        yield from _side_by_side(iter(jobs), workers)
        return
    for job in jobs:
        if job is None:
            raise _nothing_to_wait_for()
        yield job, perform(job)


def _side_by_side(jobs: Iterator[Job | None], workers: Workers) -> Iterator[tuple[Job, Outcome]]:
    from experiments.crew import crew_of

    with crew_of(workers) as crew:
        while True:
            waits = False
            # As many as there are workers, and no more: Dask would hand runs to workers ahead of their turn.
            for job in itertools.islice(jobs, crew.free()):
                if job is None:
                    waits = True
                    break
                crew.start(job)
            if crew.running:
                yield crew.next_ended()
            elif waits:
                raise _nothing_to_wait_for()
            else:
                return


def _nothing_to_wait_for() -> RuntimeError:
    return RuntimeError("a job was to wait for another one, and none is running")
