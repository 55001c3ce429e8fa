"""ROC curves, and curves of precision and recall: a line for each variant or class, its area in the legend."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from keras_suite.reports.figures.style import GREY, drawing, shortened
from keras_suite.reports.results.class_balance import MeanCurve
from keras_suite.reports.results.variant_numbers import Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Line(NamedTuple):
    """A curve by its name in the legend."""

    name: str
    colour: str
    curve: MeanCurve


def roc_figure(lines: Sequence[Line]) -> "Figure":
    """Plot the true positive rate against the false positive rate; bands are one sd over runs."""
    with drawing(height=3.6) as figure:
        axes = figure.add_subplot()
        axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
        for line in lines:
            _plot(axes, line, from_zero=True)
        _finish(axes, "false positive rate, %", "true positive rate, %", "lower right")
    return figure


def precision_recall_figure(lines: Sequence[Line], share: float | None = None) -> "Figure":
    """Plot precision against recall; bands are one sd over runs.

    Args:
        lines: The curves.
        share: The precision of a network that knows nothing, dotted.
    """
    with drawing(height=3.6) as figure:
        axes = figure.add_subplot()
        if share is not None:
            axes.plot([0, 100], [100 * share] * 2, color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
        for line in lines:
            _plot(axes, line, from_zero=False)
        _finish(axes, "recall, %", "precision, %", "lower left", share if share is not None and share < 0.5 else 0)
    return figure


def with_area(name: str, area: Spread) -> str:
    """Return a name for the legend with the mean area and its sd over runs: "weighted: 0.9812 (sd 0.0031)"."""
    sd = "" if math.isnan(area.sd) else f" (sd {area.sd:.4f})"
    return f"{shortened(name, 26)}: {area.mean:.4f}{sd}"


def _plot(axes: "Axes", line: Line, from_zero: bool) -> None:
    curve = line.curve
    x, mean = (np.insert(each, 0, 0) if from_zero else each for each in (100 * curve.x, 100 * curve.mean))
    axes.plot(x, mean, color=line.colour, linewidth=1.4, label=with_area(line.name, curve.area))
    if curve.sd.any():
        low, high = (np.clip(curve.mean + sign * curve.sd, 0, 1) for sign in (-1, 1))
        axes.fill_between(100 * curve.x, 100 * low, 100 * high, color=line.colour, alpha=0.16, linewidth=0)


def _finish(axes: "Axes", x: str, y: str, legend: Literal["lower left", "lower right"], above: float = 0) -> None:
    axes.set_xlim(-1, 101)
    axes.set_ylim(-1, 103)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.legend(loc=legend, bbox_to_anchor=(0, above, 1, 1 - above))  # of the axes: no line crosses the words
