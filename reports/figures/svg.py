"""Figures as SVG and PNG files, and as SVG inside a page, in whose colours it appears."""

import io
import itertools
import re
import warnings
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from keras_suite.reports.figures.readable import SERIES as SERIES_ID
from keras_suite.reports.figures.readable import readable_axes
from keras_suite.reports.figures.style import GREY, INK, PAPER, RULE, SERIES
from keras_suite.tasks.atomic_files import replacing, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_IN_PAGE = {INK: "currentColor", GREY: "var(--grey)", RULE: "var(--rule)", PAPER: "var(--paper)"} | {
    colour: f"var(--series-{position})" for position, colour in enumerate(SERIES)
}

PNG_DPI = 200


def svg_text(figure: "Figure", name: str) -> str:
    """Return the text of an SVG file: the same bytes for the same figure, without a date."""
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the reader's font may well have it
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def settle(figure: "Figure") -> None:
    """Compute the layout once: it takes longer than rendering, and each file would repeat it twice."""
    engine = figure.get_layout_engine()
    if engine is not None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            engine.execute(figure)
    # set_layout_engine("none") leaves a placeholder, for whose sake each file would be drawn twice.
    figure._layout_engine = None  # type: ignore[attr-defined]


def write_figure(figure: "Figure", folder: Path, name: str, pdf_folder: Path | None = None) -> tuple[str, list[Path]]:
    """Write name.svg and name.png (PNG_DPI) in `folder`, and name.pdf in `pdf_folder`, atomically.

    Returns:
        The SVG text, and the paths.
    """
    settle(figure)
    text = svg_text(figure, name)
    write_text(folder / f"{name}.svg", text)
    with replacing(folder / f"{name}.png") as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(temporary, format="png", dpi=PNG_DPI, metadata={"Software": None})
    paths = [folder / f"{name}.svg", folder / f"{name}.png"]
    if pdf_folder is not None:
        _write_pdf(figure, pdf_folder / f"{name}.pdf")
        paths.append(pdf_folder / f"{name}.pdf")
    return text, paths


def _write_pdf(figure: "Figure", path: Path) -> None:
    import matplotlib

    with (
        replacing(path) as temporary,
        matplotlib.rc_context({"pdf.fonttype": 42, "savefig.facecolor": "none"}),  # TrueType: text can be searched
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(temporary, format="pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})


def for_page(svg: str, name: str, description: str, adapt: bool = True, axes: str = "") -> str:
    """Return an SVG for use inside an HTML page, as wide as its container.

    Args:
        svg: The text of an SVG file.
        name: A prefix for its ids, unique in the page.
        description: What screen readers read out.
        adapt: Replace the colours of style.py by the page's, light or dark; otherwise keep all colours.
        axes: What `readable_axes` says of the figure, for the page's script.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    opening, _, body = svg.partition(">")
    box = re.search(r'viewBox="[^"]*"', opening)
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f"{box.group() if box else ''} "
        f'role="img" aria-label="{escape(description)}"' + (f' data-axes="{escape(axes)}"' if axes else "")
    )
    body = compact(body)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{name}-", body)
    if adapt:
        body = re.sub("|".join(_IN_PAGE), lambda match: _IN_PAGE[match.group()], body)
    return f"{opening}>{body}".strip()


_NUMBERS = re.compile(r'\b(d|x|y|points)="([^"]*)"')
_MARKERS = re.compile(r"<g([^>]*)>((?:<use [^>]*/>){2,})</g>")


def compact(body: str) -> str:
    """Return what is inside an SVG in fewer bytes, with nothing that can be seen in a page changed.

    Ids that nothing refers to, line breaks between elements, fonts (the page has its own), and what is finer than
    0.01 pt go; ids become short, and a style that all markers of a series share stands once.
    """
    used = {name: f"{k:x}" for k, name in enumerate(dict.fromkeys(re.findall(r'(?:href="|url\()#([^")]+)', body)))}
    body = re.sub(rf' id="{SERIES_ID}(\d+)"', r' data-series="\1"', body)
    body = re.sub(r' id="matplotlib\.axis_\d+"', ' data-axis=""', body)
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{used[found[1]]}"' if found[1] in used else "", body)
    body = re.sub(r'(href="|url\()#([^")]+)', lambda found: f"{found[1]}#{used[found[2]]}", body)
    body = re.sub(r">\s*\n\s*<", "><", body)
    body = re.sub(r'style="([^"]*)"', lambda found: f'style="{_shorter_style(found[1])}"', body)
    body = _MARKERS.sub(_one_style, body)
    return _NUMBERS.sub(lambda found: f'{found[1]}="{_shorter(found[2])}"', body)


def _shorter(numbers: str) -> str:
    rounded = re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found.group()):.2f}".rstrip("0").rstrip("."), numbers)
    return re.sub(r"\s*\n\s*", "", re.sub(r"(?<=[MLCQHVz]) ", "", rounded)).strip()


def _shorter_style(style: str) -> str:
    return re.sub(r"([:;]) ", r"\1", re.sub(r"font-family: [^;]*;? ?", "", style))


def _one_style(found: re.Match[str]) -> str:
    styles = set(re.findall(r' style="([^"]*)"', found[2]))
    if len(styles) != 1 or "style=" in found[1]:
        return found.group()
    bare = re.sub(r' style="[^"]*"', "", found[2])
    return f'<g{found[1]} style="{styles.pop()}">{bare}</g>'


@dataclass(frozen=True)
class Picture:
    """A figure in the page: its file name without ending, its title, a description in words, and its SVG."""

    name: str
    title: str
    description: str
    svg: str


@dataclass(frozen=True)
class OwnFigures:
    """The figures of an experiment file's own `draw`.

    Attributes:
        pictures: Those that were written.
        paths: Their files.
        problems: A line for whatever could not be drawn.
    """

    pictures: tuple[Picture, ...] = ()
    paths: tuple[Path, ...] = ()
    problems: tuple[str, ...] = ()


class Pictures:
    """Writes figures into a folder, and as PDF into another one if given, and keeps their paths."""

    def __init__(self, folder: Path, pdf_folder: Path | None = None) -> None:
        self.folder, self._pdf_folder = folder, pdf_folder
        self.paths: list[Path] = []
        self._names: set[str] = set()

    def add(self, name: str, title: str, description: str, figure: "Figure", adapt: bool = True) -> Picture:
        """Write the figure as SVG and PNG under a name like `name`; `adapt` as in `for_page`."""
        stem = re.sub(r"[^A-Za-z0-9_.+-]+", "-", name)[:80].strip("-.")
        # Shortened names may be equal; names that differ only in case are one file on some disks.
        names = itertools.chain([stem], (f"{stem}-{k}" for k in itertools.count(2)))
        name = next(name for name in names if name.lower() not in self._names)
        self._names.add(name.lower())
        settle(figure)
        axes = readable_axes(figure)
        svg, paths = write_figure(figure, self.folder, name, self._pdf_folder)
        self.paths += paths
        return Picture(name, title, description, for_page(svg, name, description, adapt, axes))
