"""What a plan costs: the estimate of a dry fit, and the time that is left while runs end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from keras_suite.reports.run_directory import Run


@dataclass(frozen=True)
class Estimate:
    """Seconds of training for one process, bytes on disk when all is done, and seconds of one run of each variant."""

    seconds: float
    bytes: int
    of_variant: Mapping[str, float]


@dataclass(frozen=True)
class Unfinished:
    """A run that has not ended: how many of its epochs are done, and how many seconds it has been in the next one."""

    variant: str
    epochs: int
    done: int = 0
    since: float = 0.0


def seconds_left(
    left: Sequence[Unfinished],
    durations: Mapping[str, Sequence[float]],
    estimated: Mapping[str, float],
    workers: int,
) -> float:
    """Estimate the seconds until the runs that are `left` have ended.

    A run is expected to take as long as runs of its variant did; before there is one, what was estimated from a few
    batches, times by how much the estimates of the other variants were wrong. An epoch counts as it goes by, up to the
    seconds that it is expected to take: one that takes longer is waited for.

    Args:
        left: The runs that have not ended.
        durations: By variant, the seconds that its completed runs took.
        estimated: By variant, the seconds that the dry fit estimated for a run.
        workers: How many runs are trained at a time.
    """
    known = [
        (seconds, estimated[variant]) for variant, runs in durations.items() if variant in estimated for seconds in runs
    ]
    wrong_by = sum(seconds for seconds, _ in known) / sum(guess for _, guess in known) if known else 1.0

    def of(run: Unfinished) -> float:
        whole = mean(durations[run.variant]) if durations.get(run.variant) else estimated[run.variant] * wrong_by
        epoch = whole / run.epochs
        return max(epoch * (run.epochs - run.done) - min(run.since, epoch), 0.0)

    each = [of(run) for run in left]
    return max(sum(each) / min(workers, len(each)), *each) if each else 0.0


def seconds_of(run: Run) -> float:
    """Return what a completed run took in all; its record counts only from where it was last resumed."""
    return max(run.record.get("seconds") or 0.0, (run.metrics or {}).get("train_seconds") or 0.0)
