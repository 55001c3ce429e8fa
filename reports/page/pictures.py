"""Figures as the page and the Markdown show them: written as files, and as SVG to stand in the page."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keras_suite.reports.figures.svg import for_page, write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A figure as it stands in the page: its SVG, its file name without ending, and what it shows, in words."""

    name: str
    title: str
    description: str
    svg: str


class Pictures:
    """Writes figures into a folder and remembers their paths."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: list[Path] = []
        self._taken: set[str] = set()

    def add(self, name: str, title: str, description: str, figure: "Figure", adapt: bool = True) -> Picture:
        """Writes the figure as SVG and PNG; `adapt` lets the page's colours replace the report's own."""
        stem = re.sub(r"[^A-Za-z0-9_.+-]+", "-", name)[:80].strip("-.")
        # Long names may begin alike; names that differ in case only are one file on some disks.
        names = itertools.chain([stem], (f"{stem}-{k}" for k in itertools.count(2)))
        name = next(name for name in names if name.lower() not in self._taken)
        self._taken.add(name.lower())
        svg, paths = write_figure(figure, self.folder, name)
        self.paths += paths
        return Picture(name, title, description, for_page(svg, name, description, adapt))
