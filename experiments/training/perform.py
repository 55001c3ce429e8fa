"""One job in this process, from the command or in a worker."""

from keras_suite.experiments.scheduling.workers import Stopped
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job, Outcome


def perform(job: Job) -> Outcome:
    """Trains one job in this process, which stays warm: TensorFlow is imported and the data are loaded once.

    Stopped if something is wrong before it can begin, as with data that were there and are gone.
    """
    runtime.start_tensorflow(job.threads)
    from keras_suite.experiments.training.run import train

    try:
        return train(job)
    except BlockingIOError:
        raise
    except (OSError, ValueError) as error:
        raise Stopped(str(error)) from error
