"""What the finite test set means for a pair, in words: the note beside a verdict, the sentence in the answer."""

from collections.abc import Sequence
from typing import Any

from keras_suite.reports.results.pairs import Pair
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import counted, listed


def images_matter(pair: Pair) -> bool:
    """Whether other test images alone could make as much of a difference as the verdict is about.

    That is the difference itself, or for "equivalent" the margin. Nothing is said of pairs without enough seeds.
    """
    found = pair.comparison
    if pair.images is None or found.too_few or pair.images.noise == 0:
        return False
    return pair.images.noise >= (found.margin if found.word == "equivalent" else abs(found.mean))


def image_note(pair: Pair, metric: Metric) -> str | None:
    """The note beside the verdict; None where the test images are many enough."""
    if pair.images is None or not images_matter(pair):
        return None
    noise = f"{metric.format_difference(pair.images.noise, sign=False)} {metric.short_difference}"
    if pair.comparison.word == "equivalent":
        return f"on other test images ({pair.images.images:,} here) they could differ by {noise}, more than the margin"
    return f"other test images ({pair.images.images:,} here) could move it by {noise}, as much as the difference itself"


def image_sentence(pairs: Sequence[Pair]) -> str | None:
    """The answer's sentence on decided pairs for which the test images are too few; None if there are none."""
    decided = [
        pair for pair in pairs if pair.comparison.word in ("better", "worse", "equivalent") and images_matter(pair)
    ]
    if not decided:
        return None
    images = f"{max(pair.images.images for pair in decided if pair.images):,} test images"
    if len(pairs) == 1:
        return f"Mind the {images}: by chance alone, others could make as large a difference."
    names = listed([f"{pair.variant!r} with {pair.against!r}" for pair in decided[:3]])
    names = f"{names} and {len(decided) - 3} more" if len(decided) > 3 else names
    return f"Mind the {images}: by chance alone, others could make as large a difference ({names})."


def image_rows(pairs: Sequence[Pair], metric: Metric) -> list[dict[str, Any]]:
    """One row for each pair whose runs answered the same test images."""
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
