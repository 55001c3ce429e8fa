"""Is the difference real, and is it large enough to matter? Pure functions on arrays of one number per seed.

A replicate is a whole training run with its own seed; a variant and the baseline are paired by seed. With m variants
compared with one baseline, every probability of error below is 5 % over all m comparisons together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

ALPHA = 0.05
EXACT_UP_TO = 16  # seeds: 2^15 sign patterns take a millisecond
SAMPLED_PATTERNS = 100_000
MARGIN = 0.002  # 0.2 percentage points of accuracy
MOST_SEEDS = 100_000  # where the search for the number of seeds gives up

Word = Literal["better", "worse", "equivalent", "undecided", "too few seeds"]


@dataclass(frozen=True)
class Interval:
    """A two-sided confidence interval, ends included."""

    low: float
    high: float
    level: float

    def inside(self, margin: float) -> bool:
        """Whether all of it lies strictly between -margin and margin; zero width at 0 always does."""
        return max(abs(self.low), abs(self.high)) < margin or self.low == self.high == 0


@dataclass(frozen=True)
class Comparison:
    """One variant against the baseline over the `n` seeds that both have; differences are variant minus baseline.

    `interval` is the t-interval at level 1 - 0.05 / m (Bonferroni) and `equivalence_interval` that at 1 - 2 * 0.05 / m;
    both are None below two seeds. `p` is the sign-flip p, `p_holm` the same after Holm's correction over the m pairs.
    `seeds_needed` says how many paired seeds would do, for the verdicts "too few seeds" and "undecided"; None where
    no number would (no difference was seen) or none is needed.
    """

    n: int
    pairs: int
    mean: float
    sd: float
    interval: Interval | None
    equivalence_interval: Interval | None
    p: float
    p_holm: float
    superiority: float
    margin: float
    word: Word
    seeds_needed: int | None
    notes: tuple[str, ...]


def t_interval(values: np.ndarray, level: float = 0.95) -> Interval | None:
    """Student's t-interval of the mean of `values` (n,); None below two values, of zero width where all are equal.

    95 % intervals of normal noise hold the mean in 95 of 100 (simulated). Skewed noise breaks that promise while n is
    small: exponential noise (most runs near the best, a few far off) 89 % at 5 and 8 seeds, 92 % at 20, 93 % at 50;
    lognormal (sd of the logarithm 1) 82, 83, 87, 90 %. Differences of two such paired variants are symmetric, and held
    96 % at 8 seeds (20,000 intervals each, tests/reports/test_statistics_by_simulation.py).
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
    """Two-sided sign-flip permutation p of the mean of `differences` (n,), Fisher (1935).

    If variant and baseline do not differ, each paired difference is as likely to have the other sign: p is the share
    of sign patterns whose mean is at least as far from 0 as the one seen. All 2^n patterns up to n = 16; beyond,
    100,000 sampled ones with a fixed seed, the pattern seen counted among them (Phipson and Smyth, 2010). 1.0 for
    n = 0.
    """
    differences = np.asarray(differences, dtype=float)
    seen = abs(differences.sum())
    tie = 1e-9 * np.abs(differences).sum()  # sums that differ by rounding only are equal
    if differences.size == 0:
        return 1.0
    if differences.size <= EXACT_UP_TO:
        sums = differences[:1]  # a pattern and its mirror image have the same |sum|: the first sign can stay
        for difference in differences[1:]:
            sums = np.concatenate([sums + difference, sums - difference])
        return float(np.mean(np.abs(sums) >= seen - tie))
    random, extreme, batch = np.random.default_rng(seed), 0, 10_000
    for _ in range(SAMPLED_PATTERNS // batch):
        signs = random.integers(0, 2, size=(batch, differences.size), dtype=np.int8) * 2.0 - 1.0
        extreme += int(np.count_nonzero(np.abs(signs @ differences) >= seen - tie))
    return (1 + extreme) / (1 + SAMPLED_PATTERNS)


def probability_of_superiority(variant: np.ndarray, baseline: np.ndarray) -> float:
    """How likely a random run of the variant beats a random one of the baseline; ties count half, NaN without runs.

    The Mann-Whitney U over n_variant * n_baseline; McGraw and Wong's "common language effect size" (1992).
    """
    if not len(variant) or not len(baseline):
        return float("nan")
    apart = np.asarray(variant, dtype=float)[:, None] - np.asarray(baseline, dtype=float)[None, :]
    return float(np.mean((apart > 0) + 0.5 * (apart == 0)))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """p values after Holm's step-down correction (1979), in the given order."""
    given = np.asarray(p_values, dtype=float)
    order = np.argsort(given)
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(np.maximum.accumulate(given[order] * np.arange(given.size, 0, -1)), 1.0)
    return corrected


def fewest_seeds(pairs: int) -> int:
    """The fewest paired seeds with which the sign-flip test can decide each of `pairs` comparisons.

    The smallest p that n seeds can give is 2 / 2^n, and the first step of Holm's correction multiplies it by `pairs`.
    """
    n = 4  # never a verdict on three seeds or fewer
    while pairs * 2 / 2**n > ALPHA:
        n += 1
    return n


def seeds_for_difference(mean: float, sd: float, pairs: int, power: float = 0.8) -> int | None:
    """Paired seeds with which a true difference `mean`, at spread `sd`, would be found with probability `power`.

    The paired t-test's power at level 0.05 / pairs; None if that takes more than 100,000 seeds, as for a mean of 0.
    """
    from scipy.stats import norm
    from statsmodels.stats.power import TTestPower

    fewest = fewest_seeds(pairs)
    if mean == 0:
        return None
    if sd == 0:
        return fewest
    level, effect = ALPHA / pairs, abs(mean) / sd

    def enough(n: int) -> bool:
        reached = float(TTestPower().power(effect, n, level))
        return not reached < power  # the non-central t gives NaN where the power is 1 to all digits

    root = float(norm.isf(level / 2) + norm.ppf(power)) * sd / abs(mean)
    if root > MOST_SEEDS**0.5:
        return None
    first = max(fewest, int(root**2))  # what the normal distribution needs; Student's t needs a few more
    return next((n for n in range(first, MOST_SEEDS + 1) if enough(n)), None)


def compare(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]], margins: Sequence[float], higher_is_better: bool = True
) -> list[Comparison]:
    """Compares each (variant, baseline) pair of arrays of one number per shared seed, both (n,), in the same order.

    `margins`: for each pair, the largest difference that does not matter.
    """
    differences = [np.asarray(variant, dtype=float) - np.asarray(baseline, dtype=float) for variant, baseline in pairs]
    p_values = [sign_flip_p(difference) for difference in differences]
    corrected = holm(p_values)
    found = []
    for (variant, baseline), difference, p, p_holm, margin in zip(
        pairs, differences, p_values, corrected, margins, strict=True
    ):
        found.append(
            _compare_one(variant, baseline, difference, p, float(p_holm), margin, len(pairs), higher_is_better)
        )
    return found


def _compare_one(
    variant: np.ndarray,
    baseline: np.ndarray,
    differences: np.ndarray,
    p: float,
    p_holm: float,
    margin: float,
    pairs: int,
    higher_is_better: bool,
) -> Comparison:
    n = len(differences)
    mean = float(differences.mean()) if n else float("nan")
    sd = float(differences.std(ddof=1)) if n > 1 else float("nan")
    if n > 1 and np.ptp(differences) == 0:
        mean, sd = float(differences[0]), 0.0
    interval = t_interval(differences, 1 - ALPHA / pairs)
    equivalence_interval = t_interval(differences, 1 - 2 * ALPHA / pairs)
    superiority = probability_of_superiority(variant, baseline)
    word, needed, notes = verdict(
        n, pairs, mean, sd, interval, equivalence_interval, p_holm, margin, higher_is_better=higher_is_better
    )
    return Comparison(
        n=n,
        pairs=pairs,
        mean=mean,
        sd=sd,
        interval=interval,
        equivalence_interval=equivalence_interval,
        p=p,
        p_holm=p_holm,
        superiority=superiority if higher_is_better else 1 - superiority,
        margin=margin,
        word=word,
        seeds_needed=needed,
        notes=notes,
    )


def verdict(
    n: int,
    pairs: int,
    mean: float,
    sd: float,
    interval: Interval | None,
    equivalence_interval: Interval | None,
    p_holm: float,
    margin: float,
    *,
    higher_is_better: bool = True,
) -> tuple[Word, int | None, tuple[str, ...]]:
    """The first rule that applies: the word, the paired seeds that would do (or None), and notes in plain words.

    1. too few seeds: pairs * 2 / 2^n > 0.05, so no outcome could have decided;
    2. equivalent: the t-interval at level 1 - 2 * 0.05 / pairs is inside the margin (two one-sided tests, Schuirmann
       1987);
    3. better or worse, by the sign: Holm's p <= 0.05;
    4. undecided.
    """
    if n < fewest_seeds(pairs) or interval is None or equivalence_interval is None:
        return "too few seeds", fewest_seeds(pairs), ()
    significant = p_holm <= ALPHA
    notes = _disagreement(interval, p_holm)
    if equivalence_interval.inside(margin):
        if significant:
            notes = ("the difference is real, but smaller than the margin", *notes)
        return "equivalent", None, notes
    if significant:
        return ("better" if (mean > 0) == higher_is_better else "worse"), None, notes
    needed = seeds_for_difference(mean, sd, pairs)
    return "undecided", None if needed is None else max(needed, n + 1), notes


def _disagreement(interval: Interval, p_holm: float) -> tuple[str, ...]:
    excludes_zero = interval.low > 0 or interval.high < 0
    if excludes_zero and p_holm > ALPHA:
        return (f"the interval leaves out zero but the permutation test does not (p = {p_holm:.3f}); the test decides",)
    if not excludes_zero and p_holm <= ALPHA:
        return (f"the interval includes zero but the permutation test does not (p = {p_holm:.3f}); the test decides",)
    return ()
