"""The loss around the weights of networks, as contours side by side (Li et al. 2018)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import GREY, INK, drawing, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Surface:
    """Losses float64 (n, n) at the weights plus `steps[column]` of one direction and `steps[row]` of the other."""

    name: str
    images: int
    steps: np.ndarray
    losses: np.ndarray

    @property
    def middle(self) -> float:
        """The loss at the run's own weights."""
        return float(self.losses[len(self.steps) // 2, len(self.steps) // 2])


def draw_surfaces(surfaces: Sequence[Surface], heading: str) -> "Figure":
    """Plot contours of all surfaces side by side, on one logarithmic scale; a cross marks the run's own weights."""
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import LogLocator, NullFormatter

    losses = np.concatenate([each.losses.ravel() for each in surfaces])
    losses = losses[np.isfinite(losses) & (losses > 0)]
    if not len(losses):
        raise ValueError("no loss on the grid is a number above 0: give a smaller --reach")
    low, high = losses.min(), max(losses.max(), 1.01 * losses.min())
    norm = LogNorm(low, high)
    with drawing(7.0, 4.3) as figure:
        figure.suptitle(heading, x=0.01, ha="left", fontsize=9, color=GREY)
        panels = figure.subplots(1, len(surfaces), sharex=True, sharey=True)
        for axes, each in zip(panels, surfaces, strict=True):
            levels = np.geomspace(low, high, 22)
            shown = np.ma.masked_invalid(np.clip(each.losses, low, high))
            filled = axes.contourf(each.steps, each.steps, shown, levels, norm=norm, cmap="viridis")
            axes.contour(each.steps, each.steps, shown, levels[::3], norm=norm, colors="white", linewidths=0.5)
            axes.plot(0, 0, "+", color="white", markersize=9, markeredgewidth=1.6)
            axes.set_title(f"{shortened(each.name, 30)}\nloss {each.middle:.3g} on {each.images} images", color=INK)
            axes.set_aspect("equal")
            axes.grid(False)
        bar = figure.colorbar(filled, ax=list(panels), location="bottom", shrink=0.6, aspect=40, pad=0.04)
        bar.ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        bar.ax.xaxis.set_major_formatter("{x:g}")
        bar.ax.xaxis.set_minor_formatter(NullFormatter())
        bar.set_label("loss without penalties")
        bar.outline.set_visible(False)
    return figure
