"""Thumbnails with two arrows from the centre: the true direction and the one that was given."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import SERIES, drawing
from keras_suite.reports.page.thumbnails import as_seen
from keras_suite.tasks.angle import degrees_off, upright

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRUE, GIVEN = SERIES[2], SERIES[1]
LONG = 0.42  # of the shorter side
MOST = 12  # thumbnails


def directions_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, scores: np.ndarray, names: Sequence[str] = ()
) -> "Figure":
    """Plot the images with the largest errors and arrows in the directions (n, 2) of target and prediction."""
    return arrows_figure(images, targets, predictions)


def angles_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, scores: np.ndarray, names: Sequence[str] = ()
) -> "Figure":
    """Plot the images with the largest errors and arrows that point where their top would be, by angles (n, 1)."""
    return arrows_figure(images, upright(targets), upright(predictions))


def arrows_figure(
    images: np.ndarray, true: np.ndarray, given: np.ndarray, columns: int = 4, most: int = MOST
) -> "Figure":
    """The images uint8 (n, h, w, c) that are furthest off, worst first, each with the size of its error.

    `true` and `given` are directions (n, 2), x to the right and y up, of any length; `upright` makes
    them of angles.
    """
    off = np.abs(degrees_off(true, given))
    shown = np.argsort(-off, kind="stable")[:most]
    rows = -(-len(shown) // columns)
    with drawing(height=0.3 + 1.28 * rows) as figure:
        for position, row in enumerate(shown):
            axes = figure.add_subplot(rows, columns, position + 1)
            axes.imshow(as_seen(images[row]), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_axis_off()
            _arrow(axes, images.shape[1:3], true[row], TRUE)
            _arrow(axes, images.shape[1:3], given[row], GIVEN)
            axes.set_title(f"{off[row]:.3g}° off", fontsize=7.5, loc="center")
        lines = [axes.plot([], [], color=shade)[0] for shade in (TRUE, GIVEN)]
        figure.legend(lines, ["true", "given"], loc="outside upper left", ncols=2)
    return figure


def _arrow(axes: "Axes", shape: tuple[int, int], direction: np.ndarray, shade: str) -> None:
    """An arrow of one length from the centre, black around it: it is seen on any picture. None for (0, 0)."""
    length = float(np.hypot(*direction))
    if length == 0:
        return
    centre = ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    x, y = LONG * min(shape) * np.asarray(direction, np.float64) / length
    for black in (True, False):
        axes.annotate(
            "",
            (centre[0] + x, centre[1] - y),
            centre,
            arrowprops={
                "arrowstyle": "-|>,head_width=0.22,head_length=0.42",
                "color": "#000000" if black else shade,
                "linewidth": 3.4 if black else 1.6,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
