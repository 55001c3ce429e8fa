"""Accuracy class by class, with intervals, of a few variants beside each other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from keras_suite.reports.figures.style import GREY, INK, PAPER, drawing, shortened
from keras_suite.reports.results.classes import OfClass
from keras_suite.reports.results.mistakes import class_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 30  # classes; more are read better in the table


def accuracy_by_class(
    variants: Mapping[str, Sequence[OfClass]], class_names: Sequence[str], colour: str
) -> "Figure | None":
    """Each class a row, each variant a mean with its 95 % interval: the first in its colour, others in grey.

    None for more than 30 classes.
    """
    count = max((len(rows) for rows in variants.values()), default=0)
    if not 0 < count <= MOST:
        return None
    with drawing(height=0.9 + 0.26 * count) as figure:
        axes = figure.add_subplot()
        for place, (name, rows) in enumerate(variants.items()):
            shade = GREY if place else colour
            shift = 0.24 * (place - (len(variants) - 1) / 2)
            for row, found in enumerate(rows):
                interval = found.recall.interval
                if interval is not None:
                    ends = [100 * interval.low, 100 * interval.high]
                    axes.plot(ends, [row + shift] * 2, color=shade, linewidth=1.8)
            axes.plot(
                [100 * found.recall.mean for found in rows],
                [row + shift for row in range(len(rows))],
                "D",
                color=shade,
                markersize=4.5,
                markeredgecolor=PAPER,
                markeredgewidth=0.6,
                label=shortened(name, 26),
            )
        axes.set_yticks(range(count), [shortened(class_name(class_names, k), 16) for k in range(count)])
        axes.set_ylim(count - 0.4, -0.6)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.grid(False, axis="y")
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("right answers among the images of the class, %")
        if len(variants) > 1:
            figure.legend(loc="outside upper left", ncols=2)
    return figure
