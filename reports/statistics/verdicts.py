"""The verdict on pairs of variants: better, worse, equivalent, undecided, or why there is none. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from keras_suite.reports.statistics.intervals import ALPHA, FEWEST, Interval, holm, probability_of_superiority
from keras_suite.reports.statistics.pairings import LookTest, Pairing, look_test
from keras_suite.reports.statistics.planning import Plan, fewest_seeds, plan

Word = Literal[
    "better", "worse", "equivalent", "undecided", "too few seeds", "too few folds", "same runs", "not comparable"
]
Replicate = Literal["seed", "fold"]
FEWEST_FOR_SKEWNESS = 8
DECIDED: tuple[Word, ...] = ("better", "worse", "equivalent", "same runs")


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
        median: Of the differences; NaN without any.
        skewed: Whether few seeds make the mean: D'Agostino's test of skewness (1970), which takes 8, is below 5 %, and
            it lies 0.75 standard errors or more from the median; so it does in 2 to 3 % of normal ones (8 to 48 seeds).
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
    median: float = float("nan")
    skewed: bool = False
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
    found = _compared(pairings, higher_is_better, count)
    if count == max(len(pairings), 1) or not any(each.open for each in found):
        return found
    alone = _compared(pairings, higher_is_better, len(pairings))
    return [
        replace(each, notes=(*each.notes, _of_others(other.word, len(pairings), count)))
        if each.open and other.word in DECIDED
        else each
        for each, other in zip(found, alone, strict=True)
    ]


def _of_others(word: Word, here: int, count: int) -> str:
    """Say what other comparisons cost, which somebody looked at on another page, or before a variant was removed."""
    alone = "this comparison" if here == 1 else f"the {here} comparisons here"
    shared = f"all {count} that were or may have been looked at share the error rate"
    return f"with {alone} alone it would be {word!r}: {shared}"


def _compared(pairings: Sequence[Pairing], higher_is_better: bool, count: int) -> list[Comparison]:
    tested = [look_test(pairing, count, higher_is_better) for pairing in pairings]
    others = [1.0] * (count - len(tested))
    corrected = holm([test.p_over_looks for test in tested] + others)
    corrected_here = holm([test.p_on_these_images for test in tested] + others)
    corrected_alone = holm([(test.alone or test).p_over_looks for test in tested] + others)
    return [
        _concluded(pairing, test, count, higher_is_better, *map(float, p_values))
        for pairing, test, *p_values in zip(pairings, tested, corrected, corrected_here, corrected_alone, strict=False)
    ]


def _concluded(
    pairing: Pairing,
    test: LookTest,
    count: int,
    higher_is_better: bool,
    p_holm: float,
    p_holm_here: float,
    p_holm_alone: float,
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
        notes=(*_notes(pairing, test, word, p_holm), *_of_earlier_looks(pairing, test, word, p_holm_alone, rises)),
        median=float(np.median(differences)) if n else float("nan"),
        skewed=_skewed(differences),
        replicate=replicate,
    )


def _skewed(differences: np.ndarray) -> bool:
    from scipy import stats

    if len(differences) < FEWEST_FOR_SKEWNESS or np.ptp(differences) == 0:
        return False
    apart = abs(differences.mean() - np.median(differences)) / stats.sem(differences)
    return bool(apart >= 0.75 and stats.skewtest(differences).pvalue < ALPHA)


def _shown(interval: Interval | None, largest: float) -> Interval | None:
    """Return the interval cut to what is possible; None where it says nothing, being as wide as all scores are."""
    if interval is None or interval.high - interval.low >= largest:
        return None
    return Interval(max(interval.low, -largest), min(interval.high, largest), interval.level)


def _word(
    pairing: Pairing, test: LookTest, equivalence_interval: Interval | None, p_holm: float, improves: bool
) -> Word:
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


def _without_scatter(pairing: Pairing, test: LookTest) -> bool:
    return pairing.images is None and len(test.differences) > 1 and bool(np.ptp(test.differences) == 0)


def _needed(
    pairing: Pairing, test: LookTest, word: Word, count: int, mean: float, sd: float
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


def _notes(pairing: Pairing, test: LookTest, word: Word, p_holm: float) -> tuple[str, ...]:
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


def _of_earlier_looks(pairing: Pairing, test: LookTest, word: Word, p_holm_alone: float, rises: bool) -> list[str]:
    """Say that an earlier look decided what the present one would not."""
    if test.alone is None or word not in DECIDED or word == "same runs":
        return []
    if _word(pairing, test.alone, test.alone.intervals[1], p_holm_alone, rises) == word:
        return []
    when = f"with {test.seeds_of_p} of these {len(test.differences)} seeds"
    return [f"decided {'at an earlier look' if word == 'equivalent' else when}: more seeds take no decision back"]
