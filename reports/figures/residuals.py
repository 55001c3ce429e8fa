"""Errors of angles and directions: given against true, how errors are spread, and which classes are hard.

`answers` maps a variant's name to what was true and what was given, all its runs one after the other: (n, 1) angles in
radians, or (n, 2) directions, x to the right and y up. `colours` are at least as many as there are variants.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, INK, PAPER, colour, drawing, shortened
from keras_suite.tasks.angle import degrees_off

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS = 600  # of one variant; of more answers every k-th is drawn
BINS = 12  # of the true angle, for the line of medians
BARS = 41
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45, 90, 180)  # degrees

Answers = Mapping[str, tuple[np.ndarray, np.ndarray]]


def residuals_figure(answers: Answers, colours: Sequence[str] | None = None) -> "Figure":
    """A row for each variant of angles: given against true, and how many answers are how far off to which side.

    Dots are every k-th answer in order of the true angle; on the diagonal an answer is right. The line goes through the
    medians of all answers in 12 equal ranges of the true angle. Bars have one scale; what is beyond it, less than
    1 % of all answers, stands in the outermost bars.
    """
    shades = colours or [colour(position) for position in range(len(answers))]
    off = {name: degrees_off(true, given) for name, (true, given) in answers.items()}
    reach = max(float(np.percentile(np.abs(np.concatenate(list(off.values()))), 99)), 1e-3)
    edges = np.linspace(-reach, reach, BARS + 1)
    with drawing(height=0.3 + 1.9 * len(answers)) as figure:
        panels = figure.subplots(len(answers), 2, squeeze=False, width_ratios=(1, 1.15))
        for (left, right), (name, (true, given)), shade in zip(panels, answers.items(), shades, strict=False):
            _against_true(left, np.rad2deg(true[:, 0]), np.rad2deg(given[:, 0]), shade)
            left.set_title(shortened(name, 24))
            counts, _ = np.histogram(np.clip(off[name], -reach, reach), edges)
            right.stairs(100 * counts / len(off[name]), edges, fill=True, color=shade, alpha=0.75)
            right.axvline(0, color=GREY, linewidth=0.9)
            right.set_title(f"{np.abs(off[name]).mean():.2g}° off, {_side(off[name].mean())}", fontsize=8.5)
            right.grid(False, axis="x")
        for column in panels.T:
            limits = np.array([axes.get_ylim() for axes in column])
            for axes in column:
                axes.set_ylim(limits[:, 0].min(), limits[:, 1].max())
        panels[-1, 0].set(xlabel="true angle, degrees", ylabel="given")
        panels[-1, 1].set(xlabel="given − true, degrees", ylabel="% of answers")
    return figure


def _side(mean: float) -> str:
    """The mean of signed errors, in words."""
    return "to neither side" if abs(mean) < 0.05 else f"{mean:+.1f}° in the mean".replace("-", "−")


def _against_true(axes: "Axes", true: np.ndarray, given: np.ndarray, shade: str) -> None:
    order = np.argsort(true, kind="stable")
    drawn = order[:: -(-len(order) // DOTS)]
    low, high = float(true.min()), float(true.max())
    axes.plot([low, high], [low, high], color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
    axes.plot(true[drawn], given[drawn], "o", color=shade, markersize=2.4, alpha=0.35, markeredgewidth=0)
    edges = np.linspace(low, high, BINS + 1)
    inside = np.clip(np.searchsorted(edges, true, side="right") - 1, 0, BINS - 1)
    filled = [k for k in range(BINS) if (inside == k).any()]
    medians = [float(np.median(given[inside == k])) for k in filled]
    axes.plot([(edges[k] + edges[k + 1]) / 2 for k in filled], medians, color=INK, linewidth=1.1)


def errors_figure(answers: Answers, colours: Sequence[str] | None = None) -> "Figure":
    """Which share of the answers is at most so far off: a line for each variant; the higher, the better.

    Where it crosses 50 % is the median. For directions a dashed line shows those drawn at random.
    """
    off = {name: np.sort(np.abs(degrees_off(true, given))) for name, (true, given) in answers.items()}
    everything = np.concatenate(list(off.values()))
    low = max(float(np.percentile(everything, 2)), TICKS[0])
    high = max(float(everything.max()), 2 * low)
    with drawing() as figure:
        axes = figure.add_subplot()
        if all(true.shape[1] == 2 for true, _ in answers.values()):
            far = np.geomspace(low, 180, 100)
            axes.plot(far, far / 1.8, color=GREY, linewidth=0.9, linestyle=(0, (2, 2)), label="at random")
            high = 180.0
        axes.axhline(50, color=GREY, linewidth=0.6)
        shares = np.linspace(0, 100, 201)
        for position, (name, sizes) in enumerate(off.items()):
            shade = colours[position] if colours else colour(position)
            axes.plot(np.maximum(np.percentile(sizes, shares), low), shares, color=shade, label=shortened(name, 26))
        ticks = [tick for tick in TICKS if low <= tick <= high]
        axes.set_xscale("log")
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.set(xlim=(low, high), ylim=(0, 102), xlabel="at most so many degrees off", ylabel="% of answers")
        axes.legend(loc="upper left")
    return figure


def errors_by_class(
    off: Mapping[str, tuple[np.ndarray, np.ndarray]],
    class_names: Sequence[str],
    colours: Sequence[str] | None = None,
) -> "Figure":
    """The mean error of each class's images, a row for each class and a mark for each variant.

    `off` maps a variant's name to its answers' errors (n,), of any sign and in degrees, and their labels (n,).
    """
    with drawing(height=0.9 + 0.24 * len(class_names)) as figure:
        axes = figure.add_subplot()
        for position, (name, (errors, labels)) in enumerate(off.items()):
            shift = 0.16 * (position - (len(off) - 1) / 2)
            rows = np.unique(labels)
            axes.plot(
                [np.abs(errors[labels == row]).mean() for row in rows],
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
        if len(off) > 1:
            figure.legend(loc="outside upper left", ncols=2)
    return figure
