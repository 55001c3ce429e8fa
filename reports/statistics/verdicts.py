"""The verdict on pairs of variants: better, worse, equivalent, undecided or too few seeds. Pure functions on arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from keras_suite.reports.statistics.cross_validation import FEWEST, Fold, interval_of, p_of
from keras_suite.reports.statistics.intervals import (
    ALPHA,
    Interval,
    fewest_seeds,
    holm,
    probability_of_superiority,
    seeds_for_difference,
)

Word = Literal["better", "worse", "equivalent", "undecided", "too few seeds", "too few folds"]
Replicate = Literal["seed", "fold"]


@dataclass(frozen=True)
class Comparison:
    """One variant compared with the baseline; differences are variant minus baseline.

    Attributes:
        n: The seeds that both have, or the folds.
        pairs: The number m of comparisons that the correction is for.
        interval: The t-interval at level 1 - 0.05 / m (Bonferroni); None below two seeds.
        equivalence_interval: That at level 1 - 2 * 0.05 / m; None below two seeds.
        p: The sign-flip p.
        p_holm: `p` after Holm's correction over the m comparisons.
        superiority: The probability that a random run of the variant is better than one of the baseline.
        margin: The largest difference that does not matter.
        seeds_needed: The paired seeds that would suffice, for "too few seeds" and "undecided"; None where no number
            would (no difference was observed) or none is needed.
        notes: What else to say of the verdict.
        replicate: "fold" in cross-validation: the intervals and p are then those of cross_validation.py, and no number
            of folds is named for "undecided", as more folds of the same images would hardly say more.
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
    replicate: Replicate = "seed"

    @property
    def too_few(self) -> bool:
        """Whether no outcome of so few seeds or folds could have decided."""
        return self.word in ("too few seeds", "too few folds")


def compare(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]],
    margins: Sequence[float],
    higher_is_better: bool = True,
    folds: Sequence[Sequence[Fold]] | None = None,
) -> list[Comparison]:
    """Compare pairs of variants and return a comparison for each.

    Args:
        pairs: For each pair the numbers of variant and baseline, both (n,), by shared seed in the same order.
        margins: For each pair the largest difference that does not matter.
        higher_is_better: The direction of the numbers.
        folds: For each pair the folds of its numbers in cross-validation, empty where they are of seeds.
    """
    of_pairs = folds or [()] * len(pairs)
    differences = [np.asarray(variant, dtype=float) - np.asarray(baseline, dtype=float) for variant, baseline in pairs]
    p_values = [p_of(difference, of_pair) for difference, of_pair in zip(differences, of_pairs, strict=True)]
    corrected = holm(p_values)
    comparisons = []
    for (variant, baseline), difference, p, p_holm, margin, of_pair in zip(
        pairs, differences, p_values, corrected, margins, of_pairs, strict=True
    ):
        comparisons.append(
            _compare_one(variant, baseline, difference, p, float(p_holm), margin, len(pairs), higher_is_better, of_pair)
        )
    return comparisons


def _compare_one(
    variant: np.ndarray,
    baseline: np.ndarray,
    differences: np.ndarray,
    p: float,
    p_holm: float,
    margin: float,
    pairs: int,
    higher_is_better: bool,
    folds: Sequence[Fold],
) -> Comparison:
    n = len(differences)
    mean = float(differences.mean()) if n else float("nan")
    sd = float(differences.std(ddof=1)) if n > 1 else float("nan")
    if n > 1 and np.ptp(differences) == 0:
        mean, sd = float(differences[0]), 0.0
    interval = interval_of(differences, folds, 1 - ALPHA / pairs)
    equivalence_interval = interval_of(differences, folds, 1 - 2 * ALPHA / pairs)
    replicate: Replicate = "fold" if folds else "seed"
    superiority = probability_of_superiority(variant, baseline)
    word, needed, notes = verdict(
        n,
        pairs,
        mean,
        sd,
        interval,
        equivalence_interval,
        p_holm,
        margin,
        higher_is_better=higher_is_better,
        replicate=replicate,
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
        replicate=replicate,
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
    replicate: Replicate = "seed",
) -> tuple[Word, int | None, tuple[str, ...]]:
    """Return the verdict, the paired seeds that would suffice (or None), and notes.

    The first rule that applies:

    1. too few seeds: pairs * 2 / 2^n > 0.05, so no outcome could have decided; too few folds: below 4;
    2. equivalent: the t-interval at level 1 - 2 * 0.05 / pairs is inside the margin (two one-sided tests, Schuirmann
       1987);
    3. better or worse, by the sign: Holm's p <= 0.05;
    4. undecided.
    """
    fewest = fewest_seeds(pairs) if replicate == "seed" else FEWEST
    if n < fewest or interval is None or equivalence_interval is None:
        return ("too few seeds" if replicate == "seed" else "too few folds"), fewest, ()
    significant = p_holm <= ALPHA
    notes = _disagreement(interval, p_holm) if replicate == "seed" else ()
    if equivalence_interval.inside(margin):
        if significant:
            notes = ("the difference is real, but smaller than the margin", *notes)
        return "equivalent", None, notes
    if significant:
        return ("better" if (mean > 0) == higher_is_better else "worse"), None, notes
    needed = seeds_for_difference(mean, sd, pairs) if replicate == "seed" else None
    return "undecided", None if needed is None else max(needed, n + 1), notes


def _disagreement(interval: Interval, p_holm: float) -> tuple[str, ...]:
    excludes_zero = interval.low > 0 or interval.high < 0
    if excludes_zero and p_holm > ALPHA:
        return (f"the interval leaves out zero but the permutation test does not (p = {p_holm:.3f}); the test decides",)
    if not excludes_zero and p_holm <= ALPHA:
        return (f"the interval includes zero but the permutation test does not (p = {p_holm:.3f}); the test decides",)
    return ()
