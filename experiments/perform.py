"""One job in this process, from the command or in a worker."""

from experiments import runtime
from experiments.job import Job, Outcome
from experiments.workers import Stopped


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
