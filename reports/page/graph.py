"""The page and picture of a computational graph: values forward, gradients backward, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_suite.reports.figures.graph_drawing import GraphNode, drawing, steps
from keras_suite.reports.page.rendering import render
from keras_suite.tasks.atomic_files import write_text


@dataclass(frozen=True)
class GraphPage:
    """A graph and what is said about it; `variables` are rows by heading, of which the first is the name."""

    title: str
    text: str
    answer: str
    source: str
    nodes: Sequence[GraphNode]
    variables: Sequence[dict[str, str]]


def write_graph(page: GraphPage, folder: Path) -> tuple[Path, Path]:
    """Write graph.html and graph.svg, each atomically, and return their paths."""
    drawn = drawing(page.nodes)
    view = {
        "question": page.title,
        "page": page,
        "drawing": drawn,
        "is_alone": False,
        "steps": steps(page.nodes),
    }
    html, svg = folder / "graph.html", folder / "graph.svg"
    texts = {html: render("graph.html", view), svg: render("graph.svg.html", {"drawing": drawn, "is_alone": True})}
    for path, text in texts.items():
        write_text(path, text)
    return html, svg
