"""What confidence is worth: reliability diagram, and error rate against coverage."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, drawing, shortened
from keras_suite.reports.results.probabilities import RunProbabilities
from keras_suite.reports.statistics.calibration import binned
from keras_suite.reports.statistics.selective import error_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEWEST = 20  # predictions in a bin of a reliability diagram; fewer say little
POINTS = 100  # of a line of error rate against coverage

Plotted = Mapping[str, tuple[Sequence[RunProbabilities], str]]  # a variant's runs and colour


def reliability_diagram(variants: Plotted) -> "Figure | None":
    """Plot accuracy against confidence, both binned over all runs, dashed with their temperatures.

    Returns:
        The figure, or None without predictions.
    """
    if not any(runs for runs, _ in variants.values()):
        return None
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
        for name, (runs, shade) in variants.items():
            if not runs:
                continue
            right = np.concatenate([run.right for run in runs])
            _plot_bins(axes, np.concatenate([run.confidence for run in runs]), right, shade, "o-", name)
            scaled = [(run.scaled_confidence, run.right) for run in runs if run.scaled_confidence is not None]
            if scaled:
                sure, right = (np.concatenate(of_runs) for of_runs in zip(*scaled, strict=True))
                _plot_bins(axes, sure, right, shade, "--", None)
        axes.set_xlim(0, 102)
        axes.set_ylim(0, 102)
        axes.set_xlabel("confidence, %")
        axes.set_ylabel("accuracy, %")
        axes.legend(loc="upper left")
    return figure


def _plot_bins(
    axes: "Axes", confidence: np.ndarray, right: np.ndarray, shade: str, line: str, name: str | None
) -> None:
    bins = binned(confidence, right)
    shown = bins.counts >= FEWEST
    axes.plot(
        100 * bins.confidence[shown],
        100 * bins.accuracy[shown],
        line,
        color=shade,
        markersize=3.5,
        linewidth=1.4 if name else 1.0,
        label=None if name is None else shortened(name, 26),
    )


def risk_coverage_figure(variants: Plotted) -> "Figure | None":
    """Plot the error rate of the surest answers against the share of images that is answered, means over runs.

    Returns:
        The figure, or None where no answer is wrong.
    """
    if all(run.right.all() for runs, _ in variants.values() for run in runs):
        return None
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        coverages = np.linspace(1 / POINTS, 1, POINTS)
        for name, (runs, shade) in variants.items():
            errors = [
                error_at(
                    run.confidence if run.scaled_confidence is None else run.scaled_confidence, run.right, coverages
                )
                for run in runs
            ]
            if errors:
                mean = 100 * np.mean(errors, axis=0)
                axes.plot(100 * coverages, mean, color=shade, linewidth=1.4, label=shortened(name, 26))
        axes.set_xlim(0, 102)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("images answered, %")
        axes.set_ylabel("wrong answers, %")
        axes.legend(loc="upper left")
    return figure
