"""Which hyperparameters made the difference: a row for each, with what the resamples leave open."""

from typing import TYPE_CHECKING

from keras_suite.reports.figures.seeds import name_rows, rows_height
from keras_suite.reports.figures.style import GREY, PAPER, colour, drawing
from keras_suite.reports.sweep.importance import Importances

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 20


def importance_of_hyperparameters(found: Importances) -> "Figure":
    """The mean over resamples as a diamond and the middle 90 % of them as a line, the most important first."""
    rows = found.ranked[:MOST_ROWS]
    with drawing(height=rows_height(len(rows))) as figure:
        axes = figure.add_subplot()
        axes.axvline(0, color=GREY, linewidth=0.9)
        for row, each in enumerate(rows):
            shade = colour(0) if each.low > 0 else GREY
            axes.plot([100 * each.low, 100 * each.high], [row, row], color=shade, linewidth=2.2)
            axes.plot([100 * each.mean], [row], "D", color=shade, markersize=5.5, markeredgecolor=PAPER)
        axes.set_xlabel("of the differences in rank, %")
        name_rows(axes, [each.name for each in rows])
    return figure
