"""What is drawn in a picture, by its label."""

from typing import Any

from matplotlib.axes import Axes


def labelled(axes: Axes) -> dict[str, Any]:
    """The lines of the axes by the labels that the legend gives them."""
    return {str(line.get_label()): line for line in axes.lines}
