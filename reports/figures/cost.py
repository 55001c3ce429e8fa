"""What a test score costs: against training time and parameters, each variant's mean with its runs around it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, INK, PAPER, RULE, colour, drawing, shortened
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import VariantNumbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float, str, str]  # x, y, colour, name


def score_against_time(numbers: Numbers) -> "Figure | None":
    """Each run's test score against its training time, and each variant's means; None without two such variants."""
    return _against(numbers, "training time of a run, s", lambda variant: [run.seconds for run in _runs(variant)])


def score_against_parameters(numbers: Numbers) -> "Figure | None":
    """The same against the number of parameters; None where all variants have as many to within 5 %."""
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
    """Logarithmic from a factor of five on; plain numbers with k and M at the ticks."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    if max(costs) / min(costs) >= 5:
        axes.set_xscale("log")
        if max(costs) / min(costs) < 100:
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def short(value: float) -> str:
    """1,200,000 as "1.2M", 3,000 as "3k"."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _names_at_the_right(axes: "Axes", points: Sequence[Point]) -> None:
    """Each name beside the plot at the height of its point, moved up or down so that all can be read."""
    low, high = axes.get_ylim()
    apart = min(0.075, 1 / len(points))
    wanted = sorted(((y - low) / (high - low), x, y, shade, name) for x, y, shade, name in points)
    heights = spaced([each[0] for each in wanted], apart)
    for height, (_, x, y, shade, name) in zip(heights, wanted, strict=True):
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


def spaced(heights: Sequence[float], apart: float) -> list[float]:
    """Ascending heights from 0 to 1, moved as little as may be so that neighbours are at least `apart`."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + apart if placed else 0.0))
    top = 1.0
    for k in range(len(placed) - 1, -1, -1):
        placed[k] = min(placed[k], top)
        top = placed[k] - apart
    return placed
