"""Which variants are compared with which, the result of each pair, and what the finite test set means for it."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.statistics.image_noise import ImageNoise, image_noise
from keras_suite.reports.statistics.intervals import ALPHA
from keras_suite.reports.statistics.verdicts import Comparison, compare
from keras_suite.tasks.task import MARGIN, Metric
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.quantities import counted, listed

Names = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """A variant and the one that it is compared with; differences are variant minus `against`."""

    variant: str
    against: str
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


def compared(variants: Mapping[str, VariantNumbers], pairs: Sequence[Names], margin: float | None) -> tuple[Pair, ...]:
    """Return each pair over the seeds that both sides completed; `margin` None: the measure's, and one test image at
    least.
    """
    shared = [_paired_runs(variants[variant], variants[against]) for variant, against in pairs]
    margins = [_margin(runs) if margin is None else margin for runs in shared]
    scores = [(_scores(runs, 0), _scores(runs, 1)) for runs in shared]
    folds = [[run.fold for run, _ in runs if run.fold] for runs in shared]
    rising = all(variant.metric.higher_is_better for variant in variants.values())
    comparisons = compare(scores, margins, rising, folds=folds) if pairs else []
    level = 1 - ALPHA / max(len(pairs), 1)
    return tuple(
        Pair(variant, against, comparison, _images(runs, level))
        for (variant, against), comparison, runs in zip(pairs, comparisons, shared, strict=True)
    )


def _paired_runs(variant: VariantNumbers, other: VariantNumbers) -> list[tuple[RunNumbers, RunNumbers]]:
    ours, theirs = variant.completed(), other.completed()
    return [(ours[seed], theirs[seed]) for seed in sorted(ours.keys() & theirs.keys())]


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


def _images(runs: Sequence[tuple[RunNumbers, RunNumbers]], level: float) -> ImageNoise | None:
    """Compute the noise of the test images; None without predictions, or on different images, as of folds."""
    sides = [run for pair in runs for run in pair]
    scores = [run.scores for run in sides if run.scores is not None and not run.fold]
    if not sides or len(scores) < len(sides) or len({run.test_set for run in sides}) > 1:
        return None
    return image_noise(np.stack(scores[::2]), np.stack(scores[1::2]), level, sides[0].metric.higher_is_better)


def images_matter(pair: Pair) -> bool:
    """Return whether other test images alone could make as much of a difference as the verdict is about.

    That is the difference itself, or for "equivalent" the margin. Nothing is said of pairs without enough seeds.
    """
    comparison = pair.comparison
    if pair.images is None or comparison.too_few or pair.images.noise == 0:
        return False
    return pair.images.noise >= (comparison.margin if comparison.word == "equivalent" else abs(comparison.mean))


def image_note(pair: Pair, metric: Metric) -> str | None:
    """Return the note beside the verdict; None where the test images are many enough."""
    if pair.images is None or not images_matter(pair):
        return None
    noise = f"{metric.format_difference(pair.images.noise, sign=False)} {metric.short_difference}"
    if pair.comparison.word == "equivalent":
        return f"on other test images ({pair.images.images:,} here) they could differ by {noise}, more than the margin"
    return f"other test images ({pair.images.images:,} here) could move it by {noise}, as much as the difference itself"


def image_sentence(pairs: Sequence[Pair]) -> str | None:
    """Return the answer's sentence on decided pairs for which the test images are too few; None if there are none."""
    decided = [
        pair for pair in pairs if pair.comparison.word in ("better", "worse", "equivalent") and images_matter(pair)
    ]
    if not decided:
        return None
    images = f"{max(pair.images.images for pair in decided if pair.images):,} test images"
    if len(pairs) == 1:
        return f"There are only {images}: by chance alone, others could make as large a difference."
    names = listed([f"{pair.variant!r} with {pair.against!r}" for pair in decided[:3]])
    names = f"{names} and {len(decided) - 3} more" if len(decided) > 3 else names
    return f"There are only {images}: by chance alone, others could make as large a difference ({names})."


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
            "interval": metric.format_difference_interval(pair.images.interval),
            "images": pair.images.images,
            "raw": {
                "difference": pair.comparison.mean,
                "only_variant": pair.images.only_variant,
                "only_other": pair.images.only_other,
                "mcnemar": pair.images.runs_that_differ(),
                "noise": pair.images.noise,
                "interval": pair.images.interval.low if pair.images.interval else None,
            },
        }
        for pair in pairs
        if pair.images is not None
    ]
