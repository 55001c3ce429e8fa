"""What is known of two variants, and the tests of their difference at one look. Pure functions on arrays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
        before: This pairing as it was at those of the earlier looks whose seeds are known.
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
    before: Sequence["Pairing"] = ()
    same: bool = False
    not_comparable: str | None = None
    largest: float = math.inf
    failed: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class LookTest:
    """The tests of one pair: see `verdicts.Comparison`; both p over looks are of this comparison alone.

    Attributes:
        enough: Whether a verdict is possible at this look, or was at an earlier one.
        intervals: That of the difference and that of equivalence, for other test images where they are known.
        on_these_images: The same for these alone.
        p: Of this look.
        p_over_looks: The smallest of this look and the earlier ones.
        seeds_of_p: At how many seeds it was the smallest.
        alone: The tests of this look without the earlier ones; None where these add nothing.
    """

    differences: np.ndarray
    looks: tuple[int, ...]
    enough: bool
    intervals: tuple[Interval | None, ...]
    on_these_images: tuple[Interval | None, ...]
    p: float
    p_over_looks: float
    p_on_these_images: float
    seeds_of_p: int
    alone: "LookTest | None" = None


def look_test(pairing: Pairing, count: int, higher_is_better: bool) -> LookTest:
    """Test a pair at this look and at the earlier ones.

    All looks together are wrong with the error rate, so what one of them ruled out stays ruled out: the p is the
    smallest (Liu and Anderson's sequential p, 2008), and the interval what all of them left over (Jennison and
    Turnbull's repeated intervals, 1989). Where the mean has the other sign now, or lies outside an earlier interval,
    that look is not heard.
    """
    now = _at_one_look(pairing, count, higher_is_better)
    if pairing.not_comparable is not None or not pairing.before:
        return now
    mean = float(now.differences.mean())
    earlier = [_at_one_look(replace(each, failed=pairing.failed), count, higher_is_better) for each in pairing.before]
    looks = [look for look in (now, *earlier) if look.enough]
    if not looks:
        return now
    agreeing = [look for look in looks if look.differences.mean() * mean > 0] or [now]
    first = min(agreeing, key=lambda look: look.p_over_looks)
    return replace(
        now,
        enough=True,
        intervals=tuple(_left_over([look.intervals[k] for look in looks], mean, now.intervals[k]) for k in (0, 1)),
        on_these_images=tuple(
            _left_over([look.on_these_images[k] for look in looks], mean, now.on_these_images[k]) for k in (0, 1)
        ),
        p_over_looks=first.p_over_looks,
        p_on_these_images=min(look.p_on_these_images for look in agreeing),
        seeds_of_p=first.seeds_of_p,
        alone=now,
    )


def _at_one_look(pairing: Pairing, count: int, higher_is_better: bool) -> LookTest:
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
    over, over_here = (p_over_looks(each, looks) if enough else 1.0 for each in (p, p_here))
    return LookTest(differences, looks, enough, tuple(intervals), tuple(here), p, over, over_here, seeds_of_p=n)


def _left_over(intervals: Sequence[Interval | None], mean: float, now: Interval | None) -> Interval | None:
    """Return what is in all of the intervals that hold the mean; that of now where none does."""
    holding = [each for each in intervals if each is not None and each.low <= mean <= each.high]
    if not holding:
        return now
    low, high = max(each.low for each in holding), min(each.high for each in holding)
    return Interval(low, high, max(each.level for each in holding))


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
