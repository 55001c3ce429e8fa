"""Is the difference real, and is it large enough to matter? Pure functions on arrays of one number per seed.

A replicate is a whole training run with its own seed; a variant and the baseline are paired by seed. Each number here
is of one look at one comparison; looks.py and verdicts.py account for several of both.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ALPHA = 0.05
FEWEST = 4  # replicates: never a verdict on three numbers or fewer
EXACT_UP_TO = 16  # seeds: 2^15 sign patterns take a millisecond
SAMPLED_PATTERNS = 100_000


@dataclass(frozen=True)
class Interval:
    """A two-sided confidence interval, ends included."""

    low: float
    high: float
    level: float

    def inside(self, margin: float) -> bool:
        """Return whether all of it lies strictly between -margin and margin; zero width at 0 always does."""
        return max(abs(self.low), abs(self.high)) < margin or self.low == self.high == 0


def t_interval(values: np.ndarray, level: float = 0.95) -> Interval | None:
    """Return Student's t-interval of the mean of `values` (n,); None below two, of zero width where all are equal.

    95 % intervals of normal noise contain the mean in 95 of 100 (simulated). With skewed noise it is less while n is
    small: exponential noise (most runs near the best, a few far off) 89 % at 5 and 8 seeds, 92 % at 20, 93 % at 50;
    lognormal (sd of the logarithm 1) 82, 83, 87, 90 %. Differences of two such paired variants are symmetric: 96 % at 8
    seeds (20,000 intervals each, tests/reports/statistics/test_by_simulation.py).
    """
    from scipy import stats

    values = np.asarray(values, dtype=float)
    if values.size < 2:
        return None
    mean, half = float(values.mean()), 0.0
    if np.ptp(values) > 0:
        half = float(stats.t.ppf((1 + level) / 2, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size))
    else:
        mean = float(values[0])
    return Interval(mean - half, mean + half, level)


def sign_flip_p(differences: np.ndarray, seed: int = 0) -> float:
    """Return the two-sided sign-flip permutation p of the mean of `differences` (n,); 1.0 for n = 0. Fisher (1935).

    If variant and baseline do not differ, each paired difference is as likely to have the other sign: p is the share of
    sign patterns whose mean is at least as far from 0 as the observed one. All 2^n patterns up to n = 16; beyond,
    100,000 sampled ones with a fixed seed, the observed pattern included (Phipson and Smyth, 2010).
    """
    differences = np.asarray(differences, dtype=float)
    observed = abs(differences.sum())
    tie = 1e-9 * np.abs(differences).sum()  # sums that differ by rounding only are equal
    if differences.size == 0:
        return 1.0
    if differences.size <= EXACT_UP_TO:
        sums = differences[:1]  # a pattern and its mirror image have the same |sum|: the first sign can stay
        for difference in differences[1:]:
            sums = np.concatenate([sums + difference, sums - difference])
        return float(np.mean(np.abs(sums) >= observed - tie))
    sums = _sampled_signs(differences.size, seed) @ differences
    return (1 + int(np.count_nonzero(np.abs(sums) >= observed - tie))) / (1 + SAMPLED_PATTERNS)


@functools.lru_cache(maxsize=4)
def _sampled_signs(n: int, seed: int) -> np.ndarray:
    """Return sampled patterns of signs (100,000, n): to sample them takes ten times as long as to use them."""
    random, batch = np.random.default_rng(seed), 10_000
    signs = [random.integers(0, 2, size=(batch, n), dtype=np.int8) for _ in range(SAMPLED_PATTERNS // batch)]
    return np.concatenate(signs) * np.int8(2) - np.int8(1)


def worst_rank_p(differences: np.ndarray, failed: tuple[int, int], higher_is_better: bool = True) -> float:
    """Return the p of the difference if each failed run is worse than all that did not fail (Lachin, 1999).

    The sign-flip test of signed ranks, failures having the largest; a failure of both at one seed says nothing.

    Args:
        differences: Variant minus other at the seeds that both completed (n,).
        failed: The seeds at which the variant alone failed, and at which the other alone did.
        higher_is_better: The direction of the scores.

    Returns:
        1.0 where the ranks point the other way than the mean.
    """
    from scipy import stats

    better = 1.0 if higher_is_better else -1.0
    signs = np.concatenate([np.sign(differences), np.full(failed[0], -better), np.full(failed[1], better)])
    sizes = np.concatenate([np.abs(differences), np.full(sum(failed), np.inf)])
    ranks = signs * stats.rankdata(sizes)
    if len(differences) and ranks.sum() * differences.mean() <= 0:
        return 1.0
    return sign_flip_p(ranks)


def probability_of_superiority(variant: np.ndarray, baseline: np.ndarray) -> float:
    """Return the probability that a random run of the variant beats a random one of the baseline; NaN without runs.

    Ties count half: the Mann-Whitney U over n_variant * n_baseline, McGraw and Wong's "common language effect size"
    (1992).
    """
    if not len(variant) or not len(baseline):
        return float("nan")
    differences = np.asarray(variant, dtype=float)[:, None] - np.asarray(baseline, dtype=float)[None, :]
    return float(np.mean((differences > 0) + 0.5 * (differences == 0)))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Return the p-values after Holm's step-down correction (1979), in the given order.

    The tests compare it with statsmodels' `multipletests`, which collects Python's garbage in each call: about 15 ms.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)), 1.0)
    return corrected
