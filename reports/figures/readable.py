"""What a page's script must know of a figure to say the value under the pointer: where its axes lie, and their ends.

The points and curves themselves are in the SVG; with its axes each of their places is a value.
"""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

SERIES = "series-"  # begins the id of what has a label, in the SVG


def readable_axes(figure: "Figure") -> str:
    """Return JSON of a figure whose layout is settled, and mark what has a label in its legend.

    Returns:
        A list with, for each axes in which values can be read, its `box` (left, top, right, bottom, in points from the
        top left, as in the SVG), and `x` and `y`: `ends`, `log`, `label`, and `names` of places where the ticks have
        names; and `series`, the labels by the number in an id. Empty where there are no such axes.
    """
    readable = [axes for axes in figure.get_axes() if axes.get_visible() and axes.axison and not axes.images]
    labels: list[str] = []
    for axes in readable:
        for artist in [*axes.get_lines(), *axes.collections]:
            label = str(artist.get_label())
            if label and not label.startswith("_") and artist.get_gid() is None:
                artist.set_gid(f"{SERIES}{len(labels)}")
                labels.append(label)
    if not readable:
        return ""
    told = [_axes(figure, axes) for axes in readable]
    return json.dumps({"axes": told, "series": labels}, ensure_ascii=False, separators=(",", ":"))


def _axes(figure: "Figure", axes: "Axes") -> dict[str, Any]:
    width, height = (72 * inches for inches in figure.get_size_inches())
    place = axes.get_position()
    box = (place.x0 * width, (1 - place.y1) * height, place.x1 * width, (1 - place.y0) * height)
    shared = {"x": figure.get_supxlabel(), "y": figure.get_supylabel()}
    return {
        "box": [round(float(edge), 2) for edge in box],
        "title": axes.get_title(loc="left"),
        "x": _axis(axes.xaxis, axes.get_xlim(), axes.get_xscale(), axes.get_xlabel() or shared["x"]),
        "y": _axis(axes.yaxis, axes.get_ylim(), axes.get_yscale(), axes.get_ylabel() or shared["y"]),
    }


def _axis(axis: "Axis", ends: tuple[float, float], scale: str, label: str) -> dict[str, Any]:
    from matplotlib.ticker import FixedLocator, ScalarFormatter

    told: dict[str, Any] = {"ends": [float(f"{end:.8g}") for end in ends], "log": scale == "log", "label": label}
    formatter = axis.get_major_formatter()
    if isinstance(axis.get_major_locator(), FixedLocator) and not isinstance(formatter, ScalarFormatter):
        names = formatter.format_ticks(list(axis.get_majorticklocs()))
        if not all(_is_number(name) for name in names):
            told["names"] = [[float(place), name] for place, name in zip(axis.get_majorticklocs(), names, strict=True)]
    return told


def _is_number(text: str) -> bool:
    try:
        float(text.replace("\u2212", "-").rstrip("kMG"))
    except ValueError:
        return False
    return True
