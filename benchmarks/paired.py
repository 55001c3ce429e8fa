"""What all side-by-side measurements end with: the median of paired ratios, its interval, and the JSON line."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """Median of the paired ratios and its 95 % bootstrap interval, over n pairs."""

    median: float
    low: float
    high: float
    n: int


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Return the ratio of two sides measured in turn: pairing takes out what slows both down for a while.

    Of one pair the interval is the ratio itself.
    """
    import numpy as np
    from scipy import stats

    ratios = np.array(numerators) / np.array(denominators)
    if len(ratios) == 1:
        return Ratio(float(ratios[0]), float(ratios[0]), float(ratios[0]), 1)
    interval = stats.bootstrap((ratios,), np.median, rng=np.random.default_rng(0)).confidence_interval
    return Ratio(float(np.median(ratios)), float(interval.low), float(interval.high), len(ratios))


def json_line(benchmark: str, ratio: Ratio, ours: float, theirs: float, data: str, **more: Any) -> str:
    """Return the last line that a benchmark prints."""
    line = {
        "benchmark": benchmark,
        "ratio": round(ratio.median, 4),
        "interval": [round(ratio.low, 4), round(ratio.high, 4)],
        "ours": round(ours, 6),
        "theirs": round(theirs, 6),
        "n": ratio.n,
        "data": data,
        **more,
    }
    return json.dumps(line)
