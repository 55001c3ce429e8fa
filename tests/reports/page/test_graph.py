"""The page of a graph: stepped through by buttons and keys, whole without script, and a picture of its own."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.reports.figures.graph_drawing import GraphNode
from keras_suite.reports.page.graph import GraphPage, write_graph
from tests.browser import Page

PAGE = GraphPage(
    title="A <b>product</b>",
    text="f = x * x",
    answer="f = 9.",
    source="a test",
    nodes=[
        GraphNode("", "x<y", (), "3", "6"),
        GraphNode("×", "f", (0, 0), "9", "1", ("3", "3"), "f = x × x = 9", "x gets 3"),
    ],
    variables=[{"variable": "x", "value": "3"}],
)


@pytest.mark.needs_chromium
def test_steps_are_shown_one_by_one(page: Page, tmp_path: Path) -> None:
    html, _ = write_graph(PAGE, tmp_path)
    page.open(html)
    hidden = "document.querySelectorAll('svg .not-yet').length"
    said = "document.getElementById('said').textContent"
    assert page.evaluate(hidden) == 0
    page.evaluate("document.getElementById('first').click()")
    assert page.evaluate(hidden) == 5, "all but the variable's own value on its two edges"
    page.press("ArrowRight")
    assert page.evaluate(said) == "f = x × x = 9"
    assert page.evaluate("document.querySelectorAll('svg .node.current').length") == 1
    page.press("ArrowRight")
    assert page.evaluate(said) == "The gradient of f with respect to itself is 1."
    page.evaluate("document.getElementById('all').click()")
    assert page.evaluate(hidden) == 0
    assert page.errors == []
    assert page.evaluate("document.querySelector('h1').textContent") == "A <b>product</b>"


@pytest.mark.needs_chromium
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_page(width: int, page: Page, tmp_path: Path) -> None:
    html, _ = write_graph(PAGE, tmp_path)
    page.open(html, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.needs_chromium
def test_a_long_graph_fits_a_desktops_page_and_is_scrolled_on_a_phone(page: Page, tmp_path: Path) -> None:
    squares = [GraphNode("²", f"x{k}", (k - 1,), "1", "1", ("1",), "squared", "back") for k in range(1, 12)]
    html, _ = write_graph(replace(PAGE, nodes=[PAGE.nodes[0], *squares]), tmp_path)
    widths = "[...document.querySelectorAll('svg')].map((svg) => [svg.viewBox.baseVal.width, svg.clientWidth])[0]"
    page.open(html, 1440)
    drawn, shown = page.evaluate(widths)
    assert shown < 1440 < drawn < 2240
    page.open(html, 390)
    assert page.evaluate(widths) == [drawn, drawn]


def test_the_picture_is_an_svg_of_its_own(tmp_path: Path) -> None:
    _, svg = write_graph(PAGE, tmp_path)
    root = ElementTree.parse(svg).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"x<y", "×", "9", "1", "3"} <= set(texts)
