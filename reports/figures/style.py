"""One look for all pictures, and Figures made without pyplot's global state.

Ink, grey and rules are drawn in fixed shades and series in a colour-blind-safe palette (after Okabe and Ito, 2008);
reports/figures/svg.py turns them into the page's own colours, light or dark. Each figure is narrow enough for a phone.
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    """A new Figure (inches) in the report's style, for what is drawn inside the block."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure


def colour(position: int) -> str:
    """The colour of the variant at this position; they come round again after eight."""
    return SERIES[position % len(SERIES)]


def shortened(name: str, most: int) -> str:
    """The name on one line of at most `most` characters."""
    name = " ".join(name.split())
    return name if len(name) <= most else name[: most - 1] + "…"
