"""comparison.csv: the numbers of the report, unrounded, for programs."""

import math
from typing import Any

from keras_suite.reports.csv_text import csv_text
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.results.run_numbers import RunNumbers, other_metrics
from keras_suite.reports.results.variant_numbers import Spread, VariantNumbers
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.tasks.task import Task


def comparison_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """Return a row for each pair, and one for each variant that is compared with nothing.

    Numbers are unrounded (fractions from 0 to 1, seconds, bytes), and None where unknown. Columns of scores are named
    after the metric, as test_accuracy_mean; those of the validation images after the metric in history.csv.
    """
    rows = []
    for variant in numbers.variants:
        pairs = [pair for pair in numbers.pairs if pair.variant == variant.name]
        rows += [_row(numbers, variant, pair) for pair in pairs] or [_row(numbers, variant, None)]
    return rows


def score_columns(task: Task, numbers: RunNumbers | VariantNumbers | None = None) -> dict[str, Any]:
    """Return the columns of a task's scores and losses with a run's values or a variant's spreads, None without."""
    metric, others = task.score, numbers.test_metrics if numbers else {}
    return {
        f"test_{metric.key}": numbers and numbers.test_score,
        **{f"test_{other.key}": others.get(other.key) for other in other_metrics(task)},
        "test_loss": numbers and numbers.test_loss,
        f"validation_{metric.in_history.name}": numbers and numbers.validation_score,
        "validation_loss": numbers and numbers.validation_loss,
    }


def comparison_csv(numbers: Numbers) -> str:
    """Return the rows as the text of a CSV file, empty where unknown."""
    return csv_text(comparison_rows(numbers))


def _row(numbers: Numbers, variant: VariantNumbers, pair: Pair | None) -> dict[str, Any]:
    comparison, images = (pair.comparison, pair.images) if pair else (None, None)
    unpaired = "baseline" if variant.name == numbers.baseline else "not compared"
    row: dict[str, Any] = {"variant": variant.name, "verdict": comparison.word if comparison else unpaired}
    row["against"] = pair.against if pair else None
    row |= {f"runs_{status}": variant.count(status) for status in ("completed", "failed", "interrupted", "running")}
    for name, spread in score_columns(variant.task, variant).items():
        row |= _spread_columns(name, spread)
    for name in ("best_epoch", "seconds", "peak_memory_bytes"):
        row[f"{name}_mean"] = _known(getattr(variant, name).mean)
    row["parameters"] = _known(variant.parameters)
    row["loss"] = variant.loss
    row["difference_n"] = comparison.n if comparison else None
    row["difference_mean"] = _known(comparison.mean) if comparison else None
    row["difference_sd"] = _known(comparison.sd) if comparison else None
    row |= _interval_columns("difference", comparison.interval if comparison else None)
    row |= _interval_columns("equivalence", comparison.equivalence_interval if comparison else None)
    for name in ("p", "p_holm", "superiority", "margin", "seeds_needed"):
        row[name] = _known(getattr(comparison, name)) if comparison else None
    for name in ("images", "only_variant", "only_other", "noise"):
        row[f"test_images_{name}".replace("images_images", "images")] = (
            _known(getattr(images, name)) if images else None
        )
    row["test_images_mcnemar_below_0.05"] = images.runs_that_differ() if images else None
    row |= _interval_columns("on_these_images", comparison.on_these_images if comparison else None)
    row["verdict_on_these_images"] = comparison.word_on_these_images if comparison else None
    row["comparisons"] = comparison.pairs if comparison else None
    row["looks"] = " ".join(map(str, comparison.looks)) if comparison else None
    return row


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _interval_columns(name: str, interval: Interval | None) -> dict[str, Any]:
    ends = (interval.low, interval.high, interval.level) if interval else (None, None, None)
    return dict(zip((f"{name}_low", f"{name}_high", f"{name}_level"), ends, strict=True))


def _spread_columns(name: str, spread: Spread) -> dict[str, Any]:
    columns = {f"{name}_n": spread.n, f"{name}_mean": _known(spread.mean), f"{name}_sd": _known(spread.sd)}
    return columns | {
        key: value for key, value in _interval_columns(name, spread.interval).items() if "level" not in key
    }
