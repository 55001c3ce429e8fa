"""The numbers behind the page's figures, as JSON for its script: variants, pairs, runs, curves and wrong images.

Every value comes with the text that the page's tables have for it, so that what the script shows is what they say.
"""

import json
import math
from collections.abc import Callable
from typing import Any

import markupsafe

from keras_suite.reports.figures.style import SERIES
from keras_suite.reports.page.interactive.curves import curves_of
from keras_suite.reports.page.interactive.wrong_images import wrong_images_of
from keras_suite.reports.page.recommended import run_folder
from keras_suite.reports.page.tables import SYMBOLS
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.wording import number
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import duration

JSON = dict[str, Any]


def embedded(data: JSON) -> markupsafe.Markup:
    """Return JSON that can stand in a <script> element: no name in it ends the element or begins a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":  # only strings can hold any of these
        text = text.replace(character, f"\\u{ord(character):04x}")
    return markupsafe.Markup(text)


def page_data(numbers: Numbers) -> JSON | None:
    """Return what the script may show of these variants; None where no run has anything to plot.

    Args:
        numbers: What the figures show, see `most_relevant`.
    """
    runs = numbers.runs()
    if not any(run.test_score is not None or (run.source and run.source.history) for run in runs):
        return None
    metric, places = numbers.metric, {variant.name: k for k, variant in enumerate(numbers.variants)}
    return {
        "replicate": numbers.replicate,
        "metric": {"name": metric.key, "label": metric.label, "axis": metric.axis_label, "digits": metric.digits},
        "difference": f"difference from {numbers.baseline}, {metric.short_difference}"
        if numbers.one_baseline()
        else f"difference, {metric.short_difference}",
        "variants": [_variant(variant, k) for k, variant in enumerate(numbers.variants)],
        "pairs": [_pair(numbers, pair, places) for pair in numbers.pairs if pair.comparison.n],
        "facts": [what for what, _ in _facts(runs[0])],
        "runs": [_run(run, places[run.variant], numbers) for run in runs],
        "curves": curves_of(numbers),
        **wrong_images_of(numbers),
    }


def _variant(variant: VariantNumbers, position: int) -> JSON:
    score, metric = variant.test_score, variant.metric
    return {
        "name": variant.name,
        "colour": position % len(SERIES),
        "score": _measured(metric, score.mean, score.interval),
        "text": metric.format(score.mean),
        "interval": metric.format_interval(score.interval),
        "n": score.n,
    }


def _measured(metric: Metric, mean: float, interval: Interval | None) -> list[float | None]:
    """Return a mean and the two ends of its interval, in the unit of the axis."""
    ends = (interval.low, interval.high) if interval else (None, None)
    return [_scaled(metric, value) for value in (mean, *ends)]


def _scaled(metric: Metric, value: float | None) -> float | None:
    known = value is not None and math.isfinite(value)
    return round(metric.scale * value, metric.digits + 2) if known else None  # type: ignore[operator]


def _pair(numbers: Numbers, pair: Pair, places: dict[str, int]) -> JSON:
    metric, comparison = numbers.metric, pair.comparison
    sides = [numbers.variant(name).completed() for name in (pair.variant, pair.against)]
    shared = sorted(sides[0].keys() & sides[1].keys())
    differences = [(sides[0][seed].test_score or 0.0) - (sides[1][seed].test_score or 0.0) for seed in shared]
    return {
        "variant": places[pair.variant],
        "against": places[pair.against],
        "word": f"{SYMBOLS[comparison.word]} {comparison.word}",
        "difference": _measured(metric, comparison.mean, comparison.interval),
        "text": metric.format_difference(comparison.mean),
        "interval": metric.format_difference_interval(comparison.interval),
        "margin": _scaled(metric, comparison.margin) or 0.0,
        "seeds": shared,
        "values": [_scaled(metric, value) for value in differences],
        "texts": [metric.format_difference(value) for value in differences],
    }


def _run(run: RunNumbers, variant: int, numbers: Numbers) -> JSON:
    """Return a run; what it lacks is left out."""
    known = {
        "score": _scaled(run.metric, run.test_score) if run.status == "completed" else None,
        "seconds": run.seconds,
        "parameters": run.parameters,
    }
    return {
        "variant": variant,
        "seed": run.seed,
        "status": run.status,
        "trained": len(run.source.history) if run.source else 0,
        "reason": run.reason or "",
        "folder": None if numbers.elsewhere or run.is_repeat or run.status != "completed" else run_folder(run),
        **{key: value for key, value in known.items() if value is not None and math.isfinite(value)},
        "facts": [text for _, text in _facts(run)],
    }


def _facts(run: RunNumbers) -> list[tuple[str, str | None]]:
    """Return what is told of a run, the text None where the run has no such number."""

    def known(value: float | None, text: Callable[[float], str]) -> str | None:
        return None if value is None else text(value)

    return [
        (run.metric.score_label, known(run.test_score, run.metric.format)),
        (f"validation {run.metric.in_history.label}", known(run.validation_score, run.metric.format)),
        ("test loss", known(run.test_loss, number)),
        ("epochs", known(run.epochs or None, number)),
        ("epoch of the saved model", known(run.model_epoch, number)),
        ("training time", known(run.seconds, duration)),
        ("parameters", known(run.parameters, number)),
    ]
