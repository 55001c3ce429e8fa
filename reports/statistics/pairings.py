"""What is known of two variants, and the tests of their difference at one look. Pure functions on arrays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.cross_validation import Fold, interval_of, p_of
from keras_suite.reports.statistics.image_noise import ImageNoise
from keras_suite.reports.statistics.intervals import ALPHA, FEWEST, Interval, worst_rank_p
from keras_suite.reports.statistics.looks import nominal_level, p_over_looks
from keras_suite.reports.statistics.planning import looks_that_count


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
class LookTest:
    """The tests of one pair at this look: see `verdicts.Comparison`; both p over looks are of this comparison alone.

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


def look_test(pairing: Pairing, count: int, higher_is_better: bool) -> LookTest:
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
    return LookTest(differences, looks, enough, tuple(intervals), tuple(here), p, *over)


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


def _looks(pairing: Pairing, count: int) -> tuple[int, ...]:
    """Return the looks at which a verdict was possible, the present one last if it is one of them."""
    n = len(pairing.variant)
    earlier = range(n) if pairing.earlier is None else [look for look in pairing.earlier if look < n]
    if pairing.folds:
        return tuple(look for look in sorted({*earlier, n}) if look >= FEWEST)
    return looks_that_count([*earlier, n], count)
