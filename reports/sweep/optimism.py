"""How optimistic a sweep was: its winner's score there and on fresh seeds. Pure functions.

The best of many trials is lucky, so its score in the sweep is higher than on fresh seeds. But a sweep's seeds can be
easy ones, too: what the base shows, which nobody selected, is no optimism and is taken off.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import numpy as np

from keras_suite.reports.statistics.intervals import Interval


@dataclass(frozen=True)
class Confirmed:
    """A variant's objective in the sweep, the mean of `seeds_in_sweep` seeds, and its values by fresh seed."""

    variant: str
    in_sweep: float
    seeds_in_sweep: int
    fresh: Mapping[int, float]

    @property
    def on_fresh_seeds(self) -> float:
        """The mean over the fresh seeds."""
        return fmean(self.fresh.values())

    @property
    def seeds(self) -> int:
        """The number of fresh seeds."""
        return len(self.fresh)


@dataclass(frozen=True)
class Optimism:
    """By how much a score in the sweep is better than on fresh seeds, negative if it is worse.

    Attributes:
        value: Of the scores; less that of the base, if `corrected`.
        interval: At 95 %; None with fewer than two fresh seeds.
        corrected: Whether the base's was taken off.
    """

    value: float
    interval: Interval | None
    corrected: bool

    @property
    def shown(self) -> bool:
        """Whether it is more than chance."""
        return self.interval is not None and (self.interval.low > 0 or self.interval.high < 0)


def optimism(confirmed: Confirmed, base: Confirmed | None, direction: Literal["max", "min"]) -> Optimism:
    """Return how optimistic the sweep was of a variant.

    The interval is Student's for the difference of two means, over the sweep's seeds and over the fresh ones, whose
    seeds scatter alike; with a base, of the differences from it at the same seed.

    Args:
        confirmed: The variant.
        base: The base; None where it has no score, or is the variant.
        direction: Whether the objective is to rise or to fall.
    """
    sign = 1.0 if direction == "max" else -1.0
    shared = sorted(confirmed.fresh.keys() & base.fresh.keys()) if base is not None else []
    if base is None or len(shared) < 2:
        fresh = np.array([*confirmed.fresh.values()])
        return _optimism(sign * confirmed.in_sweep, sign * fresh, confirmed.seeds_in_sweep, False)
    differences = np.array([confirmed.fresh[seed] - base.fresh[seed] for seed in shared])
    seeds = min(confirmed.seeds_in_sweep, base.seeds_in_sweep)
    return _optimism(sign * (confirmed.in_sweep - base.in_sweep), sign * differences, seeds, True)


def _optimism(in_sweep: float, fresh: np.ndarray, seeds_in_sweep: int, corrected: bool) -> Optimism:
    from scipy import stats

    value = in_sweep - float(fresh.mean())
    if fresh.size < 2 or seeds_in_sweep < 1:
        return Optimism(value, None, corrected)
    error = float(fresh.std(ddof=1)) * math.sqrt(1 / seeds_in_sweep + 1 / fresh.size)
    half = float(stats.t.isf(0.025, fresh.size - 1)) * error
    return Optimism(value, Interval(value - half, value + half, 0.95), corrected)
