"""The style of all figures, which are created without pyplot's global state.

Text, grids and axes have fixed shades, series a colour-blind-safe palette (after Okabe and Ito, 2008);
reports/figures/svg.py replaces them by the page's colours, light or dark. Each figure is narrow enough for a phone.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, RULE, PAPER = "#1b1b1a", "#6f6e6b", "#dcdbd7", "#fefefd"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#b8649a", "#c98a00", "#3a9bd1", "#7a6a53", "#5d5fb3")
WIDTH = 4.6  # inches

_STYLE: Any = {  # matplotlib's own type lists all its 300 keys
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "text.color": INK,
    "text.parse_math": False,  # a class named $x is text
    "axes.labelcolor": GREY,
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": GREY,
    "ytick.labelcolor": GREY,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "figure.facecolor": PAPER,
    "figure.dpi": 100,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",  # text stays text: searchable, and in the reader's own font
}


@contextlib.contextmanager
def drawing(width: float = WIDTH, height: float = 2.9) -> Iterator["Figure"]:
    """Yield a new Figure, `width` x `height` inches, in the report's style; draw on it inside the block."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


def colour(position: int) -> str:
    """Return the colour of the variant at this position; after eight they repeat."""
    return SERIES[position % len(SERIES)]


def shortened(name: str, most: int) -> str:
    """Return the name on one line of at most `most` characters."""
    name = " ".join(name.split())
    return name if len(name) <= most else name[: most - 1] + "…"


def abbreviated(value: float) -> str:
    """Return a number for an axis: 1,200,000 as "1.2M", 3,000 as "3k"."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def rows_height(rows: int) -> float:
    """Return the height in inches of a figure with so many named rows."""
    return 0.75 + 0.42 * rows


def name_rows(axes: "Axes", names: Sequence[str], most: int = 22) -> None:
    """Label the rows 0, 1, ... of the y axis, from the top down."""
    axes.set_yticks(range(len(names)), [shortened(name, most) for name in names])
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)
