"""Accuracy against confidence: on the diagonal a model is as often right as it says."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, colour, drawing, shortened
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.statistics.calibration import binned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST = 20  # answers in a bin; fewer say little


def calibration_curves(numbers: Numbers, names: Sequence[str], grey: str | None = None) -> "Figure | None":
    """A line for each of the named variants over the bins of all its runs' answers; None without predictions.

    `grey`: the one that the others are to be seen beside, whose colour another may have.
    """
    drawn = False
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
        for position, variant in enumerate(numbers.variants):
            answers = [found for run in variant.completed().values() if (found := run.answers())]
            if variant.name not in names or not answers:
                continue
            confidence = np.concatenate([said.confidence for said in answers])
            bins = binned(confidence, np.concatenate([said.labels == said.predicted for said in answers]))
            shown = bins.counts >= FEWEST
            axes.plot(
                100 * bins.confidence[shown],
                100 * bins.accuracy[shown],
                "o-",
                color=GREY if variant.name == grey else colour(position),
                markersize=3.5,
                linewidth=1.4,
                label=shortened(variant.name, 26),
            )
            drawn = True
        axes.set_xlim(0, 102)
        axes.set_ylim(0, 102)
        axes.set_xlabel("how sure the answers were, %")
        axes.set_ylabel("how many were right, %")
        if drawn:
            axes.legend(loc="upper left")
    return figure if drawn else None
