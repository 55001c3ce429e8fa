"""What a plan costs, and durations as a person says them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean


@dataclass(frozen=True)
class Estimate:
    """Seconds of training for one process, bytes on disk when all is done, and seconds of one run of each variant."""

    seconds: float
    bytes: int
    of_variant: Mapping[str, float]


def seconds_left(
    left: Sequence[tuple[str, float]],
    took: Mapping[str, Sequence[float]],
    estimated: Mapping[str, float],
    workers: int,
) -> float:
    """Seconds until runs have ended that are `left`: (variant, the share of the run that is not done).

    A run is expected to take what ended runs of its variant `took`; before there is one, what was estimated from a few
    batches, times by how much the estimates of the other variants were wrong.
    """
    ended = [(seconds, estimated[variant]) for variant, runs in took.items() for seconds in runs]
    wrong_by = sum(seconds for seconds, _ in ended) / sum(guess for _, guess in ended) if ended else 1.0

    def expected(variant: str) -> float:
        return mean(took[variant]) if took.get(variant) else estimated[variant] * wrong_by

    longest = max((share * expected(variant) for variant, share in left), default=0.0)
    total = sum(share * expected(variant) for variant, share in left)
    return max(total / workers, longest)


def duration(seconds: float) -> str:
    """Seconds as a person says them: 45 s, 3 min, 2 h 5 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
