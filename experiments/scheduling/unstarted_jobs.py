"""Jobs that a worker was handed and has not begun, and for how long: one that hangs between two jobs begins none."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

# A worker's first job imports TensorFlow: 7 s alone on a machine, tens of seconds where many workers start at once.
BEGIN_SECONDS = 180.0


@dataclass(frozen=True)
class Handed:
    """The worker that has a job, and for how many seconds it was seen not to begin it."""

    worker: str
    seconds: float = 0.0


def looked_again(
    before: Mapping[str, Handed],
    processing: Mapping[str, Collection[str]],
    begun: Mapping[str, str | None],
    seconds: float,
) -> dict[str, Handed]:
    """Who has not begun now, by job, where `before` was found so many `seconds` ago.

    `processing`: the jobs that the scheduler has handed to each worker, also those that wait there for another one to
    end. `begun`: our jobs, each with the worker that last said that it began it. A worker that trains one of them, or
    works for another command, is not to begin the next yet. Time is added up from look to look: what passes while this
    process is stopped, and the workers with it, does not count.
    """
    found = {}
    for worker, jobs in processing.items():
        if any(job not in begun or begun[job] == worker for job in jobs):
            continue
        for job in jobs:
            known = before.get(job)
            found[job] = Handed(worker, known.seconds + seconds if known and known.worker == worker else 0.0)
    return found
