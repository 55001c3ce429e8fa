"""The verdict on pairs of variants: better, worse, equivalent, undecided or too few seeds. Pure functions on arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reports.statistics import (
    ALPHA,
    Interval,
    fewest_seeds,
    holm,
    probability_of_superiority,
    seeds_for_difference,
    sign_flip_p,
    t_interval,
)

Word = Literal["better", "worse", "equivalent", "undecided", "too few seeds"]


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
