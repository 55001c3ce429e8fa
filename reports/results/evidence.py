"""What a verdict rests on, and what an open one lacks, in words."""

from collections.abc import Sequence

from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.statistics.planning import Plan
from keras_suite.reports.statistics.verdicts import Comparison
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import counted, listed


def would_take(comparison: Comparison) -> str:
    """Return how many seeds, or images, would decide an undecided comparison."""
    plan = comparison.plan
    if comparison.replicate == "fold":
        return "more folds of the same images would hardly settle it, more images might"
    if plan is None:
        return "no number of seeds can be named that would settle it"
    aim = "to show a difference of that size" if plan.aim == "difference" else "to show that they are equivalent"
    if plan.images is not None:
        beside = f" and about {counted(plan.seeds, 'seed')}" if plan.seeds is not None else ""
        return f"{aim}, more seeds alone will not do: it would take about {plan.images:,} test images{beside}"
    if plan.seeds is None:
        return f"{aim} would take more seeds, or test images, than can be named"
    return f"{aim} would take about {counted(plan.seeds, 'seed')}{_range(plan)}"


def _range(plan: Plan) -> str:
    if plan.seeds is None or plan.low is None or (plan.low == plan.seeds == plan.high):
        return ""
    return f" ({plan.low} or more)" if plan.high is None else f" ({plan.low} to {plan.high})"


def looks_in_words(comparison: Comparison) -> str:
    """Return over how many comparisons and looks a verdict holds: " over all 3 comparisons and 2 looks"; or ""."""
    parts = [f"{comparison.pairs} comparisons"] if comparison.pairs > 1 else []
    parts += [f"{len(comparison.looks)} looks"] if len(comparison.looks) > 1 else []
    return f" over all {listed(parts)}" if parts else ""


def images_decide(pair: Pair) -> bool:
    """Return whether the verdict for other test images is another one than for these alone."""
    return pair.comparison.word != pair.comparison.word_on_these_images


def image_note(pair: Pair, metric: Metric) -> str | None:
    """Return the note beside the verdict; None where the test images are many enough."""
    if pair.images is None or not images_decide(pair):
        return None
    noise = f"{metric.format_difference(pair.images.noise, sign=False)} {metric.short_difference}"
    return (
        f"{pair.comparison.word_on_these_images} on these {pair.images.images:,} test images; others like them could "
        f"move it by {noise}"
    )


def image_sentence(pairs: Sequence[Pair]) -> str | None:
    """Return the answer's sentence on pairs whose verdict holds for these test images only; None if there are none."""
    shaky = [pair for pair in pairs if pair.images is not None and images_decide(pair)]
    if not shaky:
        return None
    images = f"{max(pair.images.images for pair in shaky if pair.images):,} test images"
    if len(pairs) == 1:
        word = shaky[0].comparison.word_on_these_images
        return f"On these {images} alone it is {word}; others like them could say otherwise."
    names = listed([f"{pair.variant!r} is {_on_these(pair)} {pair.against!r}" for pair in shaky[:3]])
    names = f"{names}, and {len(shaky) - 3} more are decided" if len(shaky) > 3 else names
    return f"On these {images} alone {names}; others like them could say otherwise."


def _on_these(pair: Pair) -> str:
    word = pair.comparison.word_on_these_images
    return {"better": "better than", "worse": "worse than", "equivalent": "equivalent to"}.get(word, word)
