"""Which processes train the runs of a command. Imports neither Dask nor TensorFlow."""

from dataclasses import dataclass

from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job, Outcome

# A worker's first job imports TensorFlow: 7 s alone on a machine, tens of seconds where many workers start at once.
BEGIN_SECONDS = 180.0


@dataclass(frozen=True)
class Workers:
    """The processes that train the runs of a command.

    Attributes:
        count: How many. One is this process, unless there is a `scheduler` or a `job_timeout`.
        scheduler: The address of the Dask cluster whose workers train; None for this machine.
        job_timeout: The seconds after which a run is killed, which this process could not do to itself.
        begin_timeout: The seconds within which a worker must begin a job. Otherwise it is replaced, and another worker
            begins the job.
        memory_share: The share of a machine's memory that all its workers together may hold after a job. A worker that
            holds more than its part is replaced.
        device: What the cluster's workers compute on; None for this process's device.
    """

    count: int = 1
    scheduler: str | None = None
    job_timeout: float | None = None
    begin_timeout: float = BEGIN_SECONDS
    memory_share: float = 0.5
    device: str | None = None

    @property
    def this_process(self) -> bool:
        """Whether this process trains, and no other."""
        return self.count == 1 and self.scheduler is None and self.job_timeout is None

    @property
    def of_this_machine(self) -> bool:
        """Whether processes are started that train, here."""
        return self.scheduler is None and not self.this_process


def requested_workers(count: int, scheduler: str | None, job_timeout: float | None) -> Workers:
    """Return the workers that a command's options request; ValueError if the options exclude each other."""
    if scheduler is not None and count > 1:
        raise ValueError(f"--workers {count} are processes of this machine, and --scheduler has its own: leave out one")
    return Workers(count, scheduler, job_timeout)


def refuse_devices_of(workers: Workers, devices: int) -> None:
    """Raise ValueError where these workers cannot train runs on several devices each. TensorFlow has been started."""
    if devices == 1 or workers.this_process:
        return
    if workers.scheduler is not None:
        raise ValueError(
            f"--devices {devices} is for this machine, and the workers of --scheduler train on one device each: leave "
            "one of the two out"
        )
    import tensorflow as tf

    if workers.count > 1 and tf.config.list_physical_devices("GPU"):
        raise ValueError(
            f"--workers {workers.count} would all take the same {devices} GPUs: leave --workers or --devices out"
        )


class Stopped(RuntimeError):
    """No run can be trained any more, and no run is to blame. The message names the remedy."""


def perform(job: Job) -> Outcome:
    """Train a job in this process, which keeps TensorFlow and the data loaded for the next one.

    Raises:
        Stopped: If something is wrong before it can begin, as with data that were there and are gone.
        BlockingIOError: If another process trains this run.
    """
    runtime.start_tensorflow(job.options.threads, job.options.devices)
    from keras_suite.experiments.training.run import train

    try:
        return train(job)
    except BlockingIOError:
        raise
    except (OSError, ValueError) as error:
        raise Stopped(str(error)) from error
