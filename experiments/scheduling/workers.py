"""Who trains the runs of a command, and the error that says that nobody can. No Dask, no TensorFlow."""

from dataclasses import dataclass

from keras_suite.experiments.scheduling.unstarted_jobs import BEGIN_SECONDS
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job, Outcome


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


class Stopped(RuntimeError):
    """No run can be trained any more, and no run is to blame. The line says how to mend it."""


def perform(job: Job) -> Outcome:
    """Train a job in this process, which stays warm: TensorFlow is imported and the data are loaded once.

    Raises:
        Stopped: If something is wrong before it can begin, as with data that were there and are gone.
        BlockingIOError: If another process trains this run.
    """
    runtime.start_tensorflow(job.options.threads)
    from keras_suite.experiments.training.run import train

    try:
        return train(job)
    except BlockingIOError:
        raise
    except (OSError, ValueError) as error:
        raise Stopped(str(error)) from error
