"""Errors of angles and directions: predictions against targets, residuals, distribution of errors, and by class.

`answers` maps a variant's name to targets and predictions of all its runs, concatenated: (n, 1) angles in radians, or
(n, 2) directions, x to the right and y up. `colours` are at least as many as there are variants.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, INK, PAPER, colour, drawing, shortened
from keras_suite.tasks.angle import degrees_off

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS = 600  # of one variant; of more predictions every k-th is plotted
BINS = 12  # of the true angle, for the line of medians
BARS = 41
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45, 90, 180)  # degrees

Answers = Mapping[str, tuple[np.ndarray, np.ndarray]]


def residuals_figure(answers: Answers, colours: Sequence[str] | None = None) -> "Figure":
    """Plot a row for each variant of angles: predictions against targets, and a histogram of the residuals.

    Dots are every k-th prediction in order of the target; correct ones lie on the diagonal. The line joins the medians
    of the predictions in 12 equal ranges of the target. All histograms have the same scale; the outermost bars include
    what is beyond it, less than 1 % of the predictions.
    """
    shades = colours or [colour(position) for position in range(len(answers))]
    residuals = {name: degrees_off(targets, predictions) for name, (targets, predictions) in answers.items()}
    reach = max(float(np.percentile(np.abs(np.concatenate(list(residuals.values()))), 99)), 1e-3)
    edges = np.linspace(-reach, reach, BARS + 1)
    with drawing(height=0.3 + 1.9 * len(answers)) as figure:
        panels = figure.subplots(len(answers), 2, squeeze=False, width_ratios=(1, 1.15))
        for (left, right), (name, (targets, predictions)), shade in zip(panels, answers.items(), shades, strict=False):
            _against_target(left, np.rad2deg(targets[:, 0]), np.rad2deg(predictions[:, 0]), shade)
            left.set_title(shortened(name, 24))
            counts, _ = np.histogram(np.clip(residuals[name], -reach, reach), edges)
            right.stairs(100 * counts / len(residuals[name]), edges, fill=True, color=shade, alpha=0.75)
            right.axvline(0, color=GREY, linewidth=0.9)
            right.set_title(
                f"mean error {np.abs(residuals[name]).mean():.2g}°, {_bias(residuals[name].mean())}", fontsize=8.5
            )
            right.grid(False, axis="x")
        for column in panels.T:
            limits = np.array([axes.get_ylim() for axes in column])
            for axes in column:
                axes.set_ylim(limits[:, 0].min(), limits[:, 1].max())
        panels[-1, 0].set(xlabel="target, degrees", ylabel="prediction")
        panels[-1, 1].set(xlabel="prediction − target, degrees", ylabel="% of predictions")
    return figure


def _bias(mean: float) -> str:
    """Return the mean of signed errors, in words."""
    return "no bias" if abs(mean) < 0.05 else f"bias {mean:+.1f}°".replace("-", "−")


def _against_target(axes: "Axes", targets: np.ndarray, predictions: np.ndarray, shade: str) -> None:
    order = np.argsort(targets, kind="stable")
    plotted = order[:: -(-len(order) // DOTS)]
    low, high = float(targets.min()), float(targets.max())
    axes.plot([low, high], [low, high], color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
    axes.plot(targets[plotted], predictions[plotted], "o", color=shade, markersize=2.4, alpha=0.35, markeredgewidth=0)
    edges = np.linspace(low, high, BINS + 1)
    bins = np.clip(np.searchsorted(edges, targets, side="right") - 1, 0, BINS - 1)
    filled = [k for k in range(BINS) if (bins == k).any()]
    medians = [float(np.median(predictions[bins == k])) for k in filled]
    axes.plot([(edges[k] + edges[k + 1]) / 2 for k in filled], medians, color=INK, linewidth=1.1)


def errors_figure(answers: Answers, colours: Sequence[str] | None = None) -> "Figure":
    """Plot the cumulative distribution of the errors, a line for each variant; the higher, the better.

    A line crosses 50 % at the median. For directions a dashed line shows uniformly random ones.
    """
    errors = {name: np.abs(degrees_off(targets, predictions)) for name, (targets, predictions) in answers.items()}
    everything = np.concatenate(list(errors.values()))
    low = max(float(np.percentile(everything, 2)), TICKS[0])
    high = max(float(everything.max()), 2 * low)
    with drawing() as figure:
        axes = figure.add_subplot()
        if all(targets.shape[1] == 2 for targets, _ in answers.values()):
            far = np.geomspace(low, 180, 100)
            axes.plot(far, far / 1.8, color=GREY, linewidth=0.9, linestyle=(0, (2, 2)), label="at random")
            high = 180.0
        axes.axhline(50, color=GREY, linewidth=0.6)
        shares = np.linspace(0, 100, 201)
        for position, (name, sizes) in enumerate(errors.items()):
            shade = colours[position] if colours else colour(position)
            axes.plot(np.maximum(np.percentile(sizes, shares), low), shares, color=shade, label=shortened(name, 26))
        ticks = [tick for tick in TICKS if low <= tick <= high]
        axes.set_xscale("log")
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.set(
            xlim=(low, high), ylim=(0, 102), xlabel="error, degrees", ylabel="% of predictions with at most this error"
        )
        axes.legend(loc="upper left")
    return figure


def errors_by_class(
    errors: Mapping[str, tuple[np.ndarray, np.ndarray]],
    class_names: Sequence[str],
    colours: Sequence[str] | None = None,
) -> "Figure":
    """Plot the mean error of each class's images, a row for each class and a mark for each variant.

    Args:
        errors: Variant name -> signed errors (n,) in degrees, and class labels (n,).
        class_names: Names by label.
        colours: A colour for each variant.
    """
    with drawing(height=0.9 + 0.24 * len(class_names)) as figure:
        axes = figure.add_subplot()
        for position, (name, (degrees, labels)) in enumerate(errors.items()):
            shift = 0.16 * (position - (len(errors) - 1) / 2)
            rows = np.unique(labels)
            axes.plot(
                [np.abs(degrees[labels == row]).mean() for row in rows],
                rows + shift,
                "D",
                color=colours[position] if colours else colour(position),
                markersize=4.5,
                markeredgecolor=PAPER,
                markeredgewidth=0.6,
                label=shortened(name, 26),
            )
        axes.set_yticks(range(len(class_names)), [shortened(name, 16) for name in class_names])
        axes.set_ylim(len(class_names) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.grid(False, axis="y")
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("mean error, degrees")
        if len(errors) > 1:
            figure.legend(loc="outside upper left", ncols=2)
    return figure
