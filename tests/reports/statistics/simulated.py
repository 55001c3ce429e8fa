"""The noise of simulated runs, and when a rate of errors keeps the promise of 5 %."""

from collections.abc import Callable

import numpy as np
from scipy import stats

EXPERIMENTS = 2_000
Noise = Callable[..., np.ndarray]


def normal(chance: np.random.Generator, sd: float, n: int) -> np.ndarray:
    return chance.normal(0.95, sd, n)


def skewed(chance: np.random.Generator, sd: float, n: int) -> np.ndarray:
    """Most runs near the best, a few far below: what training runs often do."""
    return 0.95 - sd * chance.exponential(1, n)


def within_promise(wrong: int, of: int = EXPERIMENTS) -> bool:
    return bool(stats.binomtest(wrong, of).proportion_ci(0.95).low <= 0.05)
