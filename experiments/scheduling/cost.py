"""What a plan costs: the estimate of a dry fit, and the time that is left while runs end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from keras_suite.reports.run_directory import Run

RECORD_BYTES = 36_864  # of a run without model and predictions: nine small files, each in whole blocks of 4 KiB


@dataclass(frozen=True)
class Estimate:
    """What a plan costs, from a dry fit.

    Attributes:
        seconds: Of training for one process.
        bytes: On disk when all is done.
        of_variant: The seconds of one run of each variant.
        notes: Lines on what may not be as it was meant.
        memory: The bytes that the process of the largest variant is expected to hold at its peak; 0 if nobody counted.
    """

    seconds: float
    bytes: int
    of_variant: Mapping[str, float]
    notes: Sequence[str] = ()
    memory: int = 0


@dataclass(frozen=True)
class Unfinished:
    """A run that has not ended: how many of its epochs are done, and how many seconds the next one has taken so far."""

    variant: str
    epochs: int
    done: int = 0
    seconds: float = 0.0


def seconds_left(
    runs: Sequence[Unfinished],
    durations: Mapping[str, Sequence[float]],
    estimated: Mapping[str, float],
    workers: int,
) -> float:
    """Estimate the seconds until these runs have ended.

    A run is expected to take as long as runs of its variant did; before there is one, its estimate from a few batches
    times the ratio of duration to estimate of the other variants. The epoch under way counts as far as it has come, up
    to its expected seconds.

    Args:
        runs: The runs that have not ended.
        durations: By variant, the seconds that its completed runs took.
        estimated: By variant, the seconds that the dry fit estimated for a run.
        workers: How many runs are trained at a time.
    """
    pairs = [
        (seconds, estimated[variant])
        for variant, measured in durations.items()
        if variant in estimated
        for seconds in measured
    ]
    ratio = sum(seconds for seconds, _ in pairs) / sum(guess for _, guess in pairs) if pairs else 1.0

    def seconds_of_rest(run: Unfinished) -> float:
        whole = mean(durations[run.variant]) if durations.get(run.variant) else estimated[run.variant] * ratio
        epoch = whole / run.epochs
        return max(epoch * (run.epochs - run.done) - min(run.seconds, epoch), 0.0)

    rests = [seconds_of_rest(run) for run in runs]
    return max(sum(rests) / min(workers, len(rests)), *rests) if rests else 0.0


def seconds_of(run: Run) -> float:
    """Return the seconds of a completed run in all; its record has only those since it was last resumed."""
    return max(run.record.get("seconds") or 0.0, (run.metrics or {}).get("train_seconds") or 0.0)
