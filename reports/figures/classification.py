"""Classification errors: confusion matrix, and accuracy by class."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, INK, PAPER, SERIES, WIDTH, drawing, shortened
from keras_suite.reports.results.classification import ClassScores, class_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 30  # classes in accuracy_by_class; more are easier to read in the table


def confusion_figure(counts: np.ndarray, class_names: Sequence[str]) -> "Figure":
    """Plot a confusion matrix, true classes in rows and predictions in columns.

    Shades are shares of the row: correct predictions in blue, errors in orange on a scale of their own, so that rare
    ones are visible. Up to 12 classes show their counts; up to 30 are named, of more every tenth.

    Args:
        counts: Integers (classes, classes), summed over runs.
        class_names: Names by class number; missing ones show the number.
    """
    classes = len(counts)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = share * ~np.eye(classes, dtype=bool)
    most = wrong.max() if wrong.max() > 0 else 1.0
    colours = np.zeros((classes, classes, 4))
    colours[..., :3] = _rgb(SERIES[1])
    colours[..., 3] = 0.9 * np.sqrt(wrong / most)
    diagonal = np.arange(classes)
    colours[diagonal, diagonal, :3] = _rgb(SERIES[0])
    colours[diagonal, diagonal, 3] = 0.75 * np.diag(share)
    with drawing(height=WIDTH * 0.92) as figure:
        axes = figure.add_subplot()
        axes.imshow(colours, interpolation="none", aspect="equal")
        axes.grid(False)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        shown = diagonal if classes <= 30 else diagonal[::10]
        names = [shortened(class_names[k] if k < len(class_names) else str(k), 12) for k in shown]
        crowded = classes > 12 or max(len(name) for name in names) > 3
        axes.set_xticks(shown, names, rotation=90 if crowded else 0)
        axes.set_yticks(shown, names)
        axes.tick_params(length=0, labelsize=8.5 if classes <= 20 else 7)
        for spine in axes.spines.values():
            spine.set_visible(False)
        if classes <= 12:
            size = 8.5 if counts.max() < 10_000 else 7
            for row, column in np.argwhere(counts > 0):
                text = "#ffffff" if colours[row, column, 3] > 0.6 else INK
                axes.text(column, row, f"{counts[row, column]}", ha="center", va="center", fontsize=size, color=text)
    return figure


def _rgb(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def accuracy_by_class(
    variants: Mapping[str, Sequence[ClassScores]], class_names: Sequence[str], first_colour: str
) -> "Figure | None":
    """Plot each class as a row, with the mean recall and 95 % interval of each variant.

    Args:
        variants: Variant name -> results by class; the first is plotted in `first_colour`, others in grey.
        class_names: Names by class number.
        first_colour: The colour of the first variant.

    Returns:
        The figure, or None for no classes or more than 30.
    """
    count = max((len(rows) for rows in variants.values()), default=0)
    if not 0 < count <= MOST:
        return None
    with drawing(height=0.9 + 0.26 * count) as figure:
        axes = figure.add_subplot()
        for place, (name, rows) in enumerate(variants.items()):
            shade = GREY if place else first_colour
            shift = 0.24 * (place - (len(variants) - 1) / 2)
            for row, result in enumerate(rows):
                interval = result.recall.interval
                if interval is not None:
                    ends = [100 * interval.low, 100 * interval.high]
                    axes.plot(ends, [row + shift] * 2, color=shade, linewidth=1.8)
            axes.plot(
                [100 * result.recall.mean for result in rows],
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
        axes.set_xlabel("recall, %")
        if len(variants) > 1:
            figure.legend(loc="outside upper left", ncols=2)
    return figure
