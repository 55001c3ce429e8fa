"""Test scores of all runs: by seed, as paired differences, and against their cost."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import (
    GREY,
    INK,
    PAPER,
    RULE,
    abbreviated,
    colour,
    drawing,
    name_rows,
    rows_height,
    shortened,
)
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.statistics.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def scores_by_seed(numbers: Numbers) -> "Figure":
    """Plot the test score of every run as a dot, and each variant's mean with its 95 % t-interval."""
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
        _fewer_ticks(axes, numbers)
    return figure


def differences_by_seed(numbers: Numbers) -> "Figure | None":
    """Plot each paired difference as a dot, the mean with its adjusted interval, and the margin shaded, a row per pair.

    Returns:
        The figure, or None where no pair shares a completed seed.
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
            axes.set_xlabel(f"difference from {numbers.baseline}, {unit}")
            name_rows(axes, [pair.variant for pair in pairs])
        else:
            axes.set_xlabel(f"difference, {unit}")
            name_rows(axes, [f"{shortened(p.variant, 12)} − {shortened(p.against, 12)}" for p in pairs], most=27)
        _fewer_ticks(axes, numbers)
    return figure


def _fewer_ticks(axes: "Axes", numbers: Numbers) -> None:
    """Leave room between numbers of many decimals."""
    if numbers.metric.digits > 2:
        axes.locator_params(axis="x", nbins=4)


def _score(run: RunNumbers) -> float:
    return run.test_score if run.test_score is not None else float("nan")


def _dots(axes: "Axes", values: np.ndarray, row: int, colour: str) -> None:
    """Plot dots above each other where values are close, so that equal ones can be counted."""
    if not values.size:
        return
    step = max(float(np.ptp(values)) / 45, 1e-9)
    counts: dict[int, int] = {}
    levels = []
    for value in values:
        cell = round(float(value - values.min()) / step)
        levels.append(counts.get(cell, 0))
        counts[cell] = levels[-1] + 1
    spacing = min(0.075, 0.3 / max(*levels, 1))  # no higher than the row
    axes.plot(
        values, row - 0.17 - spacing * np.array(levels), "o", color=colour, markersize=3.6, alpha=0.6, markeredgewidth=0
    )


def _mean_and_interval(
    axes: "Axes", mean: float, interval: Interval | None, scale: float, row: int, colour: str
) -> None:
    if interval is not None:
        axes.plot([scale * interval.low, scale * interval.high], [row + 0.12] * 2, color=colour, linewidth=2.2)
    axes.plot(
        [scale * mean], [row + 0.12], "D", color=colour, markersize=5.5, markeredgecolor=PAPER, markeredgewidth=0.8
    )


Point = tuple[float, float, str, str]  # x, y, colour, name


def score_against_time(numbers: Numbers) -> "Figure | None":
    """Plot test scores against training times, runs and means; None with fewer than two such variants."""
    return _against(numbers, "training time per run, s", lambda variant: [run.seconds for run in _runs(variant)])


def score_against_parameters(numbers: Numbers) -> "Figure | None":
    """Plot test scores against numbers of parameters; None where these differ by less than 5 %."""
    known = [variant.parameters for variant in numbers.variants if variant.parameters]
    if not known or max(known) < 1.05 * min(known):
        return None
    return _against(numbers, "parameters", lambda variant: [run.parameters for run in _runs(variant)])


def _runs(variant: VariantNumbers) -> list[RunNumbers]:
    return list(variant.completed().values())


def _against(
    numbers: Numbers, label: str, cost_of: Callable[[VariantNumbers], Sequence[float | None]]
) -> "Figure | None":
    points: list[Point] = []
    with drawing(height=2.9) as figure:
        axes = figure.add_axes((0.12, 0.17, 0.62, 0.79))
        figure.set_layout_engine("none")
        for position, variant in enumerate(numbers.variants):
            known = [
                (cost, numbers.metric.scale * (run.test_score or 0.0))
                for run, cost in zip(_runs(variant), cost_of(variant), strict=True)
                if cost
            ]
            if not known:
                continue
            x, y = np.array(known, dtype=float).T
            axes.plot(x, y, "o", color=colour(position), markersize=3, alpha=0.4, markeredgewidth=0)
            points.append((float(x.mean()), float(y.mean()), colour(position), variant.name))
        if len(points) < 2:
            return None
        for x, y, shade, _ in points:
            axes.plot([x], [y], "D", color=shade, markersize=6, markeredgecolor=PAPER, markeredgewidth=0.8)
        _cost_axis(axes, [point[0] for point in points])
        axes.set_xlabel(label)
        axes.set_ylabel(numbers.metric.axis_label)
        _names_at_the_right(axes, points)
    return figure


def _cost_axis(axes: "Axes", costs: Sequence[float]) -> None:
    """Scale the axis logarithmically from a factor of five on, with k and M at the ticks."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    if max(costs) / min(costs) >= 5:
        axes.set_xscale("log")
        if max(costs) / min(costs) < 100:
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: abbreviated(value)))


def _names_at_the_right(axes: "Axes", points: Sequence[Point]) -> None:
    """Write each name beside the plot at the height of its point, moved up or down so that none overlap."""
    low, high = axes.get_ylim()
    distance = min(0.075, 1 / len(points))
    labels = sorted(((y - low) / (high - low), x, y, shade, name) for x, y, shade, name in points)
    heights = spaced([height for height, *_ in labels], distance)
    for height, (_, x, y, shade, name) in zip(heights, labels, strict=True):
        axes.annotate(
            shortened(name, 15),
            xy=(x, y),
            xytext=(1.05, height),
            textcoords="axes fraction",
            color=INK,
            fontsize=8.5 if len(points) <= 12 else 7,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": shade, "linewidth": 0.6, "alpha": 0.6, "shrinkA": 1, "shrinkB": 3},
        )
    axes.grid(True, color=RULE)
    axes.tick_params(labelcolor=GREY)


def spaced(heights: Sequence[float], distance: float) -> list[float]:
    """Return ascending heights from 0 to 1, moved so that neighbours are at least `distance` apart."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + distance if placed else 0.0))
    top = 1.0
    for k in range(len(placed) - 1, -1, -1):
        placed[k] = min(placed[k], top)
        top = placed[k] - distance
    return placed
