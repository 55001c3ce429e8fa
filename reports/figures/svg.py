"""A matplotlib Figure as files (SVG and PNG), and as SVG that takes the colours of the page it stands in."""

import io
import re
import warnings
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from keras_suite.reports.figures.style import GREY, INK, PAPER, RULE, SERIES
from keras_suite.tasks.atomic_files import replacing, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_IN_PAGE = {INK: "currentColor", GREY: "var(--grey)", RULE: "var(--rule)", PAPER: "var(--paper)"} | {
    colour: f"var(--series-{position})" for position, colour in enumerate(SERIES)
}


def svg_text(figure: "Figure", name: str) -> str:
    """The figure as an SVG file: the same bytes for the same figure, without a date."""
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the reader's font may well have it
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def settle(figure: "Figure") -> None:
    """Works out the layout once: it takes longer than the drawing, and each file would do it twice again."""
    engine = figure.get_layout_engine()
    if engine is not None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            engine.execute(figure)
    figure.set_layout_engine("none")


def write_figure(figure: "Figure", folder: Path, name: str) -> tuple[str, list[Path]]:
    """Writes name.svg and name.png (200 dpi) in `folder`, atomically; gives the SVG text and both paths."""
    settle(figure)
    text = svg_text(figure, name)
    write_text(folder / f"{name}.svg", text)
    with replacing(folder / f"{name}.png") as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(temporary, format="png", dpi=200, metadata={"Software": None})
    return text, [folder / f"{name}.svg", folder / f"{name}.png"]


def for_page(svg: str, name: str, description: str, adapt: bool = True) -> str:
    """The SVG to stand inside an HTML page: as wide as its place, with ids of its own, read out as `description`.

    With `adapt` the report's own shades become the page's (light or dark); a figure drawn elsewhere keeps its colours.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    opening, _, body = svg.partition(">")
    box = re.search(r'viewBox="[^"]*"', opening)
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f"{box.group() if box else ''} "
        f'role="img" aria-label="{escape(description)}"'
    )
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{name}-", body)
    if adapt:
        body = re.sub("|".join(_IN_PAGE), lambda match: _IN_PAGE[match.group()], body)
    return f"{opening}>{body}".strip()
