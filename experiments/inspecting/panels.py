"""Images in rows and columns on one figure, in the report's style."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, drawing, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Panel:
    """One image: uint8 (h, w, 1 or 3), or numbers (h, w) from `least` to `most` in the colours of `colours`."""

    pixels: np.ndarray
    title: str = ""
    label: str = ""
    colours: str = "gray"
    least: float = 0.0
    most: float = 255.0


def draw_pairs(pairs: Sequence[tuple[Panel, Panel]], heading: str, bar: str = "") -> "Figure":
    """An image and what was found in it beside each other, two such pairs in a row where there are several."""
    across = min(2, len(pairs))
    rows = [
        [panel for pair in pairs[first : first + across] for panel in pair] for first in range(0, len(pairs), across)
    ]
    return draw_panels(rows, heading, 3.5 * across, (0.9 if bar else 0.3) + 2.1 * len(rows), bar)


def draw_panels(
    panels: Sequence[Sequence[Panel]], heading: str, width: float, height: float, bar: str = ""
) -> "Figure":
    """A row of equal images for each sequence, under a heading; a panel's label stands at its left.

    `bar` is what the last panel's colours say: a scale for them is drawn beneath.
    """
    columns = max(len(row) for row in panels)
    with drawing(width, height) as figure:
        figure.suptitle(heading, x=0.01, ha="left", fontsize=9, color=GREY)
        for line, row in enumerate(panels):
            for place, panel in enumerate(row):
                axes = figure.add_subplot(len(panels), columns, line * columns + place + 1)
                _show(axes, panel)
                if panel.title:
                    characters = round(14 * width / len(row))
                    lines = [shortened(text, characters) for text in panel.title.split("\n")]
                    axes.set_title("\n".join(lines), fontsize=7.5, loc="left", pad=3)
        if bar:
            scale = figure.colorbar(axes.images[0], ax=figure.axes, location="bottom", shrink=0.6, aspect=40, pad=0.02)
            scale.set_label(bar)
            scale.outline.set_visible(False)
    return figure


def _show(axes: "Axes", panel: Panel) -> None:
    """The panel's image on these axes, without ticks."""
    pixels = panel.pixels[..., 0] if panel.pixels.ndim == 3 and panel.pixels.shape[-1] == 1 else panel.pixels
    small = max(pixels.shape[:2]) <= 64  # few pixels are shown as the squares that they are
    axes.imshow(
        pixels,
        cmap=panel.colours,
        vmin=panel.least,
        vmax=panel.most,
        interpolation="nearest" if small else "antialiased",
    )
    axes.set_anchor("NW")  # titles of a row stand at one height, labels keep their distance
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if panel.label:
        axes.set_ylabel(panel.label, rotation=0, ha="right", va="center", fontsize=7.5)
