"""What a plan costs, and durations as a person says them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """Seconds of training for one process, and bytes on disk when all is done."""

    seconds: float
    bytes: int


def duration(seconds: float) -> str:
    """Seconds as a person says them: 45 s, 3 min, 2 h 5 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
