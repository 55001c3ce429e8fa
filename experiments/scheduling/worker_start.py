"""Whether worker processes pay: what they take to start, against what the runs take. Imports no TensorFlow."""

from keras_suite.experiments.scheduling import fork_server
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.experiments.training import runtime
from keras_suite.tasks.wording.quantities import rough_duration

# Until a worker's first run has its graph, in times of what importing TensorFlow took beside it: one process has traced
# that graph already, when it tried a few batches. Measured on 2 cores that others used as well (load 12 to 14), with
# pattern_cnn on the digits: 0.28 and 0.17 of it forked (n = 2), 1.6 spawned (two workers at once, n = 1).
FORKED, SPAWNED = 0.3, 1.6


def seconds_to_start() -> float:
    """Return the seconds after which workers that are started together are as far as this process is already."""
    return runtime.seconds_to_import() * (FORKED if fork_server.possible() else SPAWNED)


def slower_than_one(workers: Workers, runs: int, seconds: float) -> str | None:
    """Return a line where several workers are not expected to end before one would; None where they are.

    Args:
        workers: Who trains.
        runs: How many runs there are.
        seconds: What all of them are expected to take one process.
    """
    count = min(workers.count, runs)
    if not workers.of_this_machine or count < 2:
        return None
    start = seconds_to_start()
    if start + seconds / count < seconds:
        return None
    return (
        f"Note: --workers {workers.count} may take longer than one: they need about {rough_duration(start)} to start, "
        f"and one process needs about {rough_duration(seconds)} for all"
    )
