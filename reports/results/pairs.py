"""Which variants are compared with which, the result of each pair, and what the finite test set means for it."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory.looks import Looks
from keras_suite.reports.statistics.image_noise import ImageNoise, image_noise
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.planning import looks_that_count
from keras_suite.reports.statistics.verdicts import Comparison, compare
from keras_suite.tasks.task import MARGIN, Metric
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.quantities import counted, listed

Names = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """A variant and the one that it is compared with over `seeds`; differences are variant minus `against`."""

    variant: str
    against: str
    seeds: tuple[int, ...]
    comparison: Comparison
    images: ImageNoise | None


def chosen_pairs(
    variants: Sequence[str], baseline: str, against: Sequence[str] = (), all_pairs: bool = False
) -> tuple[str, tuple[Names, ...]]:
    """Return the baseline, and the (variant, against) pairs to compare.

    By default every variant is compared with the baseline. `against` names another baseline ("b"), or just the pairs
    that are of interest ("c=b", "d=a"). With `all_pairs` each variant is compared with all that stand before it. The
    correction is for as many pairs as are shown.
    """
    if all_pairs and against:
        raise ValueError("--against and --all-pairs are two ways to choose the pairs: give one of them")
    singles = [name for name in against if "=" not in name]
    if singles and len(against) > 1:
        raise ValueError(
            f"--against {' --against '.join(against)} is not possible: give one variant for all others to be compared "
            "with, or pairs such as --against c=b --against d=a"
        )
    pairs = [(name.partition("=")[0], name.partition("=")[2]) for name in against if "=" in name]
    for name in itertools.chain(singles, *pairs):
        _check_name(name, variants)
    for pair in pairs:
        if pair[0] == pair[1] or pairs.count(pair) > 1 or (pair[1], pair[0]) in pairs:
            raise ValueError(f"--against {pair[0]}={pair[1]} is not possible: give two different variants, and once")
    if pairs:
        return baseline, tuple(pairs)
    first = singles[0] if singles else baseline
    ordered = sorted(variants, key=lambda name: name != first)
    if all_pairs:
        return first, tuple((later, earlier) for earlier, later in itertools.combinations(ordered, 2))
    return first, tuple((name, first) for name in ordered[1:])


def _check_name(name: str, variants: Sequence[str]) -> None:
    if name not in variants:
        raise ValueError(unknown("variant", name, variants))


def compared(
    variants: Mapping[str, VariantNumbers],
    pairs: Sequence[Names],
    margin: float | None,
    looks: Looks | None = None,
    directories: Mapping[str, str] | None = None,
    removed: int = 0,
) -> tuple[Pair, ...]:
    """Return each pair over the seeds that both sides completed.

    Args:
        variants: The variants by name.
        pairs: Which are compared.
        margin: The largest difference that does not matter; None: the measure's, and one test image at least.
        looks: At which seeds they were looked at before; None where nobody knows.
        directories: The variants' directories, by which `looks` names them; by default their names.
        removed: The number of variants whose runs are there, and which are no longer compared.
    """
    looks, of = looks or Looks(), directories or {name: name for name in variants}
    shared = [_paired_runs(variants[variant], variants[against]) for variant, against in pairs]
    now = [(of[variant], of[against]) for variant, against in pairs]
    count = looks.comparisons(now, [of[name] for name in variants], removed)
    pairings = [
        replace(
            _pairing(runs, margin, looks, names),
            before=_before(runs, margin, looks, names, count),
            failed=_failed_alone(variants[variant], variants[against]),
        )
        for (variant, against), runs, names in zip(pairs, shared, now, strict=True)
    ]
    rising = all(variant.metric.higher_is_better for variant in variants.values())
    comparisons = compare(pairings, rising, count) if pairs else []
    return tuple(
        Pair(variant, against, tuple(one.seed for one, _ in runs), comparison, pairing.images)
        for (variant, against), comparison, pairing, runs in zip(pairs, comparisons, pairings, shared, strict=True)
    )


def _paired_runs(variant: VariantNumbers, other: VariantNumbers) -> list[tuple[RunNumbers, RunNumbers]]:
    ours, theirs = variant.completed(), other.completed()
    return [(ours[seed], theirs[seed]) for seed in sorted(ours.keys() & theirs.keys())]


def _failed_alone(variant: VariantNumbers, other: VariantNumbers) -> tuple[int, int]:
    """Return at how many seeds that the other completed a variant failed, for both."""

    def failures(one: VariantNumbers, of: VariantNumbers) -> int:
        return sum(run.status == "failed" and run.seed in of.completed() for run in one.runs)

    return failures(variant, other), failures(other, variant)


def _pairing(
    runs: Sequence[tuple[RunNumbers, RunNumbers]], margin: float | None, looks: Looks, directories: Names
) -> Pairing:
    seeds = [run.seed for run, _ in runs]
    metric = runs[0][1].metric if runs else None
    return Pairing(
        variant=_scores(runs, 0),
        against=_scores(runs, 1),
        margin=_margin(runs) if margin is None else margin,
        folds=[run.fold for run, _ in runs if run.fold],
        images=_images(runs),
        earlier=looks.earlier(*directories, seeds),
        same=_same(runs),
        not_comparable=_not_comparable(runs, looks.gone(*directories, seeds)),
        largest=metric.bounds[1] - metric.bounds[0] if metric else float("inf"),
    )


def _before(
    runs: Sequence[tuple[RunNumbers, RunNumbers]], margin: float | None, looks: Looks, directories: Names, count: int
) -> list[Pairing]:
    """Return the pairing at each earlier look that could decide one of `count` comparisons."""
    recorded = looks.at(*directories, [run.seed for run, _ in runs])
    counted_looks = looks_that_count([len(seeds) for seeds in recorded], count)
    return [
        replace(
            _pairing([pair for pair in runs if pair[0].seed in seeds], margin, looks, directories),
            not_comparable=None,  # the seeds of later looks are not gone
        )
        for seeds in recorded
        if len(seeds) in counted_looks
    ]


def _scores(runs: Sequence[tuple[RunNumbers, RunNumbers]], side: int) -> np.ndarray:
    return np.array([pair[side].test_score for pair in runs], dtype=float)


def _margin(runs: Sequence[tuple[RunNumbers, RunNumbers]]) -> float:
    """Return the measure's own; where images are right or wrong, one of them if that is more: of all folds that are
    paired.
    """
    least = runs[0][1].metric.margin if runs else MARGIN
    tests = [other.places for _, other in runs if other.places is not None and other.metric.binary]
    if tests and runs[0][1].fold:
        return max(least, 1 / np.unique(np.concatenate(tests)).size)
    return max([least, *(1 / len(test) for test in tests)])


def _images(runs: Sequence[tuple[RunNumbers, RunNumbers]]) -> ImageNoise | None:
    """Compute the noise of the test images; None without predictions, or on different images, as of folds."""
    sides = [run for pair in runs for run in pair]
    scores = [run.scores for run in sides if run.scores is not None and not run.fold]
    if not sides or len(scores) < len(sides) or len({run.test_set for run in sides}) > 1:
        return None
    metric = sides[0].metric
    noise = image_noise(np.stack(scores[::2]), np.stack(scores[1::2]), metric.higher_is_better)
    return replace(noise, only_variant=math.nan, only_other=math.nan) if noise and metric.of_parts else noise


def _same(runs: Sequence[tuple[RunNumbers, RunNumbers]]) -> bool:
    """Return whether the two sides of each pair went through the same epochs to the same predictions, bit by bit."""
    return bool(runs) and all(one.outcome() is not None and one.outcome() == other.outcome() for one, other in runs)


def _not_comparable(runs: Sequence[tuple[RunNumbers, RunNumbers]], gone: Sequence[int]) -> str | None:
    tests = {run.test_set for pair in runs for run in pair if run.test_set is not None and not run.fold}
    unlike = [one for one, other in runs if one.fold and one.test_set != other.test_set]
    if len(tests) > 1 or unlike:
        return "the runs were scored on different test images: score them on the same ones"
    if gone:
        which = f"seed {gone[0]}" if len(gone) == 1 else f"seeds {listed([str(seed) for seed in gone])}"
        return (
            f"{which} had been looked at, and the runs are gone or unreadable: restore them, or train them again, to "
            "the same bits"
        )
    return None


def image_rows(pairs: Sequence[Pair], metric: Metric) -> list[dict[str, Any]]:
    """Return one row for each pair whose runs answered the same test images."""
    return [
        {
            "variant": pair.variant,
            "against": pair.against,
            "difference": metric.format_difference(pair.comparison.mean),
            "only_variant": f"{pair.images.only_variant:,.1f}",
            "only_other": f"{pair.images.only_other:,.1f}",
            "mcnemar": f"{pair.images.runs_that_differ()} of {counted(len(pair.images.mcnemar), 'pair')}",
            "noise": f"±{metric.format_difference(pair.images.noise, sign=False)}",
            "interval": metric.format_difference_interval(pair.comparison.on_these_images),
            "images": pair.images.images,
            "raw": {
                "difference": pair.comparison.mean,
                "only_variant": pair.images.only_variant,
                "only_other": pair.images.only_other,
                "mcnemar": pair.images.runs_that_differ(),
                "noise": pair.images.noise,
                "interval": pair.comparison.on_these_images.low if pair.comparison.on_these_images else None,
            },
        }
        for pair in pairs
        if pair.images is not None
    ]
