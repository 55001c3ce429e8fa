"""The verdict on pairs of variants: better, worse, equivalent, undecided, or why there is none. Pure functions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from keras_suite.reports.statistics.cross_validation import Fold, interval_of, p_of
from keras_suite.reports.statistics.image_noise import ImageNoise
from keras_suite.reports.statistics.intervals import (
    ALPHA,
    FEWEST,
    Interval,
    holm,
    probability_of_superiority,
    sign_flip_p,
)
from keras_suite.reports.statistics.looks import nominal_level, p_over_looks
from keras_suite.reports.statistics.planning import Plan, fewest_seeds, looks_that_count, plan

Word = Literal[
    "better", "worse", "equivalent", "undecided", "too few seeds", "too few folds", "same runs", "not comparable"
]
Replicate = Literal["seed", "fold"]
DECIDED: tuple[Word, ...] = ("better", "worse", "equivalent", "same runs")


@dataclass(frozen=True)
class Pairing:
    """What is known of a variant and of the one that it is compared with.

    Attributes:
        variant: The variant's scores (n,), by shared seed (or fold).
        against: Those of the other one, in the same order.
        margin: The largest difference that does not matter.
        folds: The folds of the scores in cross-validation; empty where they are of seeds.
        images: The scores of single test images; None where they are unknown, or each fold has its own.
        earlier: The numbers of seeds at which the verdict was looked at before; None where that is not known, and each
            number up to this one counts.
        same: Whether the two differ in no bit of their outcomes.
        not_comparable: Why there can be no verdict; None where there can.
        largest: The largest possible difference.
        failed: Of the seeds that only one of the two completed, those at which the variant failed, and those at which
            the other one did.
    """

    variant: np.ndarray
    against: np.ndarray
    margin: float
    folds: Sequence[Fold] = ()
    images: ImageNoise | None = None
    earlier: Sequence[int] | None = ()
    same: bool = False
    not_comparable: str | None = None
    largest: float = math.inf
    failed: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Comparison:
    """One variant compared with the baseline; differences are variant minus baseline.

    Attributes:
        n: The seeds that both have, or the folds.
        pairs: The number m of comparisons that the correction is for.
        looks: The numbers of seeds at which a verdict was possible and looked at, this one included.
        interval: Over all looks and comparisons at 95 %, for other seeds and, where they are known, other test images;
            None below two seeds, and where it would be as wide as all possible scores.
        equivalence_interval: That of two one-sided tests at 5 %.
        on_these_images: As `interval`, for other seeds alone.
        p: The p of this look and comparison alone: the larger of the sign-flip test's and, where the test images are
            known, that of seeds and images together.
        p_holm: `p` over all looks, after Holm's correction over the m comparisons.
        superiority: The probability that a random run of the variant is better than one of the baseline.
        margin: The largest difference that does not matter.
        word: For other test images like these, where they are known.
        word_on_these_images: For these alone.
        seeds_needed: The paired seeds that would suffice, for "too few seeds" and "undecided"; None where no number
            would or none is needed.
        plan: More on that, where the pair is undecided.
        notes: What else to say of the verdict.
        replicate: "fold" in cross-validation: the intervals and p are then those of cross_validation.py, and no number
            of folds is named for "undecided", as more folds of the same images would hardly say more.
    """

    n: int
    pairs: int
    looks: tuple[int, ...]
    mean: float
    sd: float
    interval: Interval | None
    equivalence_interval: Interval | None
    on_these_images: Interval | None
    p: float
    p_holm: float
    superiority: float
    margin: float
    word: Word
    word_on_these_images: Word
    seeds_needed: int | None
    plan: Plan | None
    notes: tuple[str, ...]
    replicate: Replicate = "seed"

    @property
    def too_few(self) -> bool:
        """Whether no outcome of so few seeds or folds could have decided."""
        return self.word in ("too few seeds", "too few folds")

    @property
    def open(self) -> bool:
        """Whether more seeds might decide."""
        return self.word not in DECIDED and self.word != "not comparable"


def compare(
    pairings: Sequence[Pairing], higher_is_better: bool = True, comparisons: int | None = None
) -> list[Comparison]:
    """Compare pairs of variants and return a comparison for each.

    Every probability of error is 5 % over all comparisons, looks, seeds and test images together.

    Args:
        pairings: The pairs.
        higher_is_better: The direction of the scores.
        comparisons: The number of comparisons that were ever looked at, at least that of the pairs; by default that.

    Raises:
        ValueError: For scores that are not numbers, or are not paired.
    """
    count = max(comparisons or 0, len(pairings), 1)
    tested = [_test(pairing, count, higher_is_better) for pairing in pairings]
    others = [1.0] * (count - len(tested))
    corrected = holm([test.p_over_looks for test in tested] + others)
    corrected_here = holm([test.p_on_these_images for test in tested] + others)
    return [
        _concluded(pairing, test, count, higher_is_better, float(p), float(p_here))
        for pairing, test, p, p_here in zip(pairings, tested, corrected, corrected_here, strict=False)
    ]


@dataclass(frozen=True)
class _Test:
    """The tests of one pair at this look: see `Comparison`; both p over looks are of this comparison alone.

    `intervals` are that of the difference and that of equivalence, for other test images where they are known;
    `on_these_images` are the same for these alone.
    """

    differences: np.ndarray
    looks: tuple[int, ...]
    enough: bool
    intervals: tuple[Interval | None, ...]
    on_these_images: tuple[Interval | None, ...]
    p: float
    p_over_looks: float
    p_on_these_images: float


def _test(pairing: Pairing, count: int, higher_is_better: bool) -> _Test:
    differences, n = _differences(pairing), len(pairing.variant)
    looks = _looks(pairing, count)
    enough = bool(looks) and looks[-1] == n and pairing.not_comparable is None
    levels = [1 - nominal_level(looks or (max(n, 1),), rate / count) for rate in (ALPHA, 2 * ALPHA)]
    here = [interval_of(differences, pairing.folds, level) for level in levels]
    intervals, evidence = here, pairing.images.evidence if pairing.images else None
    p_here = p_of(differences, pairing.folds)
    p = p_here
    if evidence is not None and not pairing.folds:
        intervals = [evidence.interval(level) for level in levels]
        p = max(p_here, evidence.p())
    if any(pairing.failed):
        with_failures = worst_rank_p(differences, pairing.failed, higher_is_better)
        p, p_here = max(p, with_failures), max(p_here, with_failures)
    over = [p_over_looks(each, looks) if enough else 1.0 for each in (p, p_here)]
    return _Test(differences, looks, enough, tuple(intervals), tuple(here), p, *over)


def _differences(pairing: Pairing) -> np.ndarray:
    variant, against = np.asarray(pairing.variant, dtype=float), np.asarray(pairing.against, dtype=float)
    if variant.shape != against.shape or variant.ndim != 1:
        raise ValueError(
            f"scores of shapes {variant.shape} and {against.shape} are not paired: give one number for each shared "
            "seed, in the same order"
        )
    if not (np.isfinite(variant).all() and np.isfinite(against).all()):
        raise ValueError("a score is no number (NaN or infinite): leave that seed out, and say so")
    return np.subtract(variant, against)


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


def _looks(pairing: Pairing, count: int) -> tuple[int, ...]:
    """Return the looks at which a verdict was possible, the present one last if it is one of them."""
    n = len(pairing.variant)
    earlier = range(n) if pairing.earlier is None else [look for look in pairing.earlier if look < n]
    if pairing.folds:
        return tuple(look for look in sorted({*earlier, n}) if look >= FEWEST)
    return looks_that_count([*earlier, n], count)


def _concluded(
    pairing: Pairing, test: _Test, count: int, higher_is_better: bool, p_holm: float, p_holm_here: float
) -> Comparison:
    differences, n = test.differences, len(test.differences)
    mean = float(differences.mean()) if n else float("nan")
    sd = float(differences.std(ddof=1)) if n > 1 else float("nan")
    if n > 1 and np.ptp(differences) == 0:
        mean, sd = float(differences[0]), 0.0
    replicate: Replicate = "fold" if pairing.folds else "seed"
    rises = (mean > 0) == higher_is_better
    word = _word(pairing, test, test.intervals[1], p_holm, rises)
    here = _word(pairing, test, test.on_these_images[1], p_holm_here, rises)
    needed, further = _needed(pairing, test, word, count, mean, sd)
    superiority = probability_of_superiority(pairing.variant, pairing.against)
    return Comparison(
        n=n,
        pairs=count,
        looks=test.looks,
        mean=mean,
        sd=sd,
        interval=_shown(test.intervals[0], pairing.largest),
        equivalence_interval=_shown(test.intervals[1], pairing.largest),
        on_these_images=_shown(test.on_these_images[0], pairing.largest),
        p=test.p,
        p_holm=p_holm,
        superiority=superiority if higher_is_better else 1 - superiority,
        margin=pairing.margin,
        word=word,
        word_on_these_images=here,
        seeds_needed=needed,
        plan=further,
        notes=_notes(pairing, test, word, p_holm),
        replicate=replicate,
    )


def _shown(interval: Interval | None, largest: float) -> Interval | None:
    """Return the interval cut to what is possible; None where it says nothing, being as wide as all scores are."""
    if interval is None or interval.high - interval.low >= largest:
        return None
    return Interval(max(interval.low, -largest), min(interval.high, largest), interval.level)


def _word(pairing: Pairing, test: _Test, equivalence_interval: Interval | None, p_holm: float, improves: bool) -> Word:
    """Return the verdict, by the first rule that applies.

    1. not comparable: the runs say so; same runs: no bit differs;
    2. too few seeds: 2 / 2^n is above the level of this look and comparison, so no outcome could have decided; too few
       folds: below 4;
    3. undecided: the difference is the same at each seed and single images are unknown, so nothing shows its scatter;
    4. equivalent: the interval of two one-sided tests (Schuirmann, 1987) is inside the margin, and as many runs of one
       failed as of the other;
    5. better or worse, by the sign: Holm's p over all looks <= 0.05;
    6. undecided.
    """
    if pairing.not_comparable is not None:
        return "not comparable"
    if pairing.same and len(pairing.variant) >= 2:
        return "same runs"
    if not test.enough or equivalence_interval is None:
        return "too few folds" if pairing.folds else "too few seeds"
    if _without_scatter(pairing, test):
        return "undecided"
    if equivalence_interval.inside(pairing.margin) and pairing.failed[0] == pairing.failed[1]:
        return "equivalent"
    if p_holm <= ALPHA:
        return "better" if improves else "worse"
    return "undecided"


def _without_scatter(pairing: Pairing, test: _Test) -> bool:
    return pairing.images is None and len(test.differences) > 1 and bool(np.ptp(test.differences) == 0)


def _needed(
    pairing: Pairing, test: _Test, word: Word, count: int, mean: float, sd: float
) -> tuple[int | None, Plan | None]:
    """Return the paired seeds that would suffice, and more on that where the pair is undecided."""
    n = len(test.differences)
    if word == "too few folds":
        return FEWEST, None
    if word == "too few seeds":
        return fewest_seeds(count, [look for look in test.looks if look < n]), None
    if word != "undecided" or pairing.folds:
        return None, None
    images = pairing.images
    further = plan(
        n,
        mean,
        sd,
        pairing.margin,
        count,
        test.looks,
        images.images if images else None,
        images.evidence.image_error if images else 0.0,
    )
    return (further.seeds if further and further.images is None else None), further  # else seeds alone do not suffice


def _notes(pairing: Pairing, test: _Test, word: Word, p_holm: float) -> tuple[str, ...]:
    if word == "not comparable":
        return (str(pairing.not_comparable),)
    interval = test.intervals[0]
    if word not in ("better", "worse", "equivalent", "undecided") or interval is None:
        return ()
    if _without_scatter(pairing, test):
        replicate = "fold" if pairing.folds else "seed"
        return (f"the difference is the same at each {replicate}: without scatter it cannot be judged",)
    notes = []
    if word == "equivalent" and p_holm <= ALPHA:
        notes.append("the difference is real, but smaller than the margin")
    if not pairing.folds:
        excludes_zero = interval.low > 0 or interval.high < 0
        if excludes_zero and p_holm > ALPHA:
            notes.append(f"the interval leaves out zero but the test does not (p = {p_holm:.3f}); the test decides")
        elif not excludes_zero and p_holm <= ALPHA:
            notes.append(f"the interval includes zero but the test does not (p = {p_holm:.3f}); the test decides")
    return tuple(notes)
