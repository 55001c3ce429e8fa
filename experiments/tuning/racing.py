"""Which trials get another seed: those whose mean of all seeds may still become the best (benchmarks/raced_seeds.py).

After k of n seeds the mean of all n is still open by Student's t times s * sqrt((n - k) / (k * n)), where s is the
scatter of seeds, pooled over the base and all trials with several. What a trial must reach for another seed is known
when it is proposed, and in the journal before it trains. Pure functions; no TensorFlow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

FREEDOM = 4  # degrees of freedom of the scatter before any trial is denied a seed
CHANCE = 0.01  # that a trial which would be just the best is denied its next seed
ANNOUNCED = "A trial gets another seed only while the mean of all its seeds may still become the best"


@dataclass
class SeedScatter:
    """How much seeds scatter within trials.

    Attributes:
        direction: Whether the objective is to rise or to fall.
        seeds: How many each trial has at most.
        squares: The sum of squared deviations from each trial's mean.
        freedom: Its degrees of freedom.
    """

    direction: Literal["max", "min"]
    seeds: int
    squares: float = 0.0
    freedom: int = 0

    def add(self, scores: Sequence[float]) -> None:
        """Add the scores of a trial's seeds, or the base's."""
        mean = fmean(scores)
        self.squares += sum((score - mean) ** 2 for score in scores)
        self.freedom += len(scores) - 1

    def bars(self, best: float | None) -> tuple[float, ...] | None:
        """Return what the mean of a trial's first 1, 2, … seeds must reach for another; None while too little is known.

        Args:
            best: The best score of a trial so far.
        """
        if self.seeds < 2 or self.freedom < FREEDOM or best is None:
            return None
        from scipy import stats

        reach = float(stats.t.isf(CHANCE, self.freedom)) * math.sqrt(self.squares / self.freedom)
        sign = 1 if self.direction == "max" else -1
        numbers = range(1, self.seeds)
        return tuple(best - sign * reach * math.sqrt((self.seeds - k) / (k * self.seeds)) for k in numbers)


def goes_on(scores: Sequence[float], bars: Sequence[float] | None, direction: Literal["max", "min"]) -> bool:
    """Return whether a trial with these scores of its first seeds gets another."""
    if bars is None:
        return True
    mean, bar = fmean(scores), bars[len(scores) - 1]
    return mean >= bar if direction == "max" else mean <= bar
