"""Every seed as a dot, with means and intervals: test scores, and differences of the pairs compared."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, INK, PAPER, RULE, colour, drawing, shortened
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.statistics.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def scores_by_seed(numbers: Numbers) -> "Figure":
    """Test score of every run as a dot, and each variant's mean with its 95 % t-interval."""
    variants, scale = numbers.variants, numbers.metric.scale
    with drawing(height=rows_height(len(variants))) as figure:
        axes = figure.add_subplot()
        for row, variant in enumerate(variants):
            shade = colour(row)
            values = scale * np.array([run.test_score for run in variant.completed().values()], dtype=float)
            _dots(axes, values, row, shade)
            if variant.test_score.n:
                _mean_and_interval(axes, variant.test_score.mean, variant.test_score.interval, scale, row, shade)
        axes.set_xlabel(numbers.metric.axis_label)
        name_rows(axes, [variant.name for variant in variants])
    return figure


def differences_by_seed(numbers: Numbers) -> "Figure | None":
    """Each paired difference as a dot, the mean with its adjusted interval, and the margin shaded; a row for each pair.

    None where no pair shares a completed seed.
    """
    pairs = [pair for pair in numbers.pairs if pair.comparison.n]
    scale, unit = numbers.metric.scale, numbers.metric.short_difference
    if not pairs:
        return None
    with drawing(height=rows_height(len(pairs))) as figure:
        axes = figure.add_subplot()
        margin = scale * max(pair.comparison.margin for pair in pairs)
        axes.axvspan(-margin, margin, color=RULE, alpha=0.55, linewidth=0)
        axes.axvline(0, color=GREY, linewidth=0.9)
        for row, pair in enumerate(pairs):
            shade = colour(numbers.position(pair.variant))
            runs, others = (numbers.variant(name).completed() for name in (pair.variant, pair.against))
            shared = sorted(runs.keys() & others.keys())
            _dots(axes, np.array([scale * (_score(runs[s]) - _score(others[s])) for s in shared]), row, shade)
            _mean_and_interval(axes, pair.comparison.mean, pair.comparison.interval, scale, row, shade)
        if numbers.one_baseline():
            axes.set_xlabel(f"{unit} above or below {numbers.baseline}, {numbers.replicate} by {numbers.replicate}")
            name_rows(axes, [pair.variant for pair in pairs])
        else:
            axes.set_xlabel(f"{unit} above or below, {numbers.replicate} by {numbers.replicate}")
            name_rows(axes, [f"{shortened(p.variant, 12)} − {shortened(p.against, 12)}" for p in pairs], most=27)
    return figure


def _score(run: RunNumbers) -> float:
    return run.test_score if run.test_score is not None else float("nan")


def rows_height(rows: int) -> float:
    """Inches that a picture with so many rows needs."""
    return 0.75 + 0.42 * rows


def name_rows(axes: "Axes", names: Sequence[str], most: int = 22) -> None:
    """The rows from the top down, with their names at the left."""
    axes.set_yticks(range(len(names)), [shortened(name, most) for name in names])
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)


def _dots(axes: "Axes", values: np.ndarray, row: int, colour: str) -> None:
    """Dots above each other where values are close, so that equal ones can be counted."""
    if not values.size:
        return
    step = max(float(np.ptp(values)) / 45, 1e-9)
    taken: dict[int, int] = {}
    places = []
    for value in values:
        cell = round(float(value - values.min()) / step)
        places.append(taken.get(cell, 0))
        taken[cell] = places[-1] + 1
    apart = min(0.075, 0.3 / max(*places, 1))  # no higher than the row
    axes.plot(
        values, row - 0.17 - apart * np.array(places), "o", color=colour, markersize=3.6, alpha=0.6, markeredgewidth=0
    )


def _mean_and_interval(
    axes: "Axes", mean: float, interval: Interval | None, scale: float, row: int, colour: str
) -> None:
    if interval is not None:
        axes.plot([scale * interval.low, scale * interval.high], [row + 0.12] * 2, color=colour, linewidth=2.2)
    axes.plot(
        [scale * mean], [row + 0.12], "D", color=colour, markersize=5.5, markeredgecolor=PAPER, markeredgewidth=0.8
    )
