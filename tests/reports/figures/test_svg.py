"""Pictures are the same bytes for the same figure, and in a page take its colours and clash with no other picture."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from keras_suite.reports.figures import svg
from keras_suite.reports.figures.style import GREY, INK, PAPER, RULE, SERIES, drawing
from keras_suite.reports.figures.svg import for_page, svg_text, write_figure
from tests.conftest import PNG_DPI

FOREIGN = "#123456"


def drawn(label: str = "first") -> Figure:
    """A picture with clipped lines, markers and text, in the report's shades and in one that is not."""
    with drawing(height=2.0) as figure:
        axes = figure.add_subplot()
        axes.plot([0, 1, 2], [0, 2, 1], "o-", color=SERIES[0], label=label)
        axes.plot([0, 2], [1, 1], color=FOREIGN)
        axes.set_xlabel(label)
        axes.legend()
    return figure


def test_the_same_figure_is_the_same_bytes() -> None:
    assert svg_text(drawn(), "one") == svg_text(drawn(), "one")
    assert "<dc:date>" not in svg_text(drawn(), "one")


def test_both_files_are_the_figure_at_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "PNG_DPI", PNG_DPI)
    text, paths = write_figure(drawn(), tmp_path / "figures", "one")
    assert [path.name for path in paths] == ["one.svg", "one.png"]
    assert paths[0].read_text(encoding="utf-8") == text
    with Image.open(paths[1]) as image:
        assert image.size == (920, 400)  # 4.6 by 2 inches at 200 dots each
        assert len(np.unique(np.asarray(image))) > 10
        assert "Software" not in image.info
    assert sorted((tmp_path / "figures").iterdir()) == sorted(paths)


def test_each_file_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw, calls = Figure.draw, []
    monkeypatch.setattr(Figure, "draw", lambda figure, renderer: calls.append(figure) or draw(figure, renderer))
    write_figure(drawn(), tmp_path, "one")
    assert len(calls) == 2


def test_text_stays_text_and_markup_in_it_is_escaped() -> None:
    page = for_page(svg_text(drawn("<b>bold & $x$</b>"), "one"), "one", 'says "<b>"')
    root = ElementTree.fromstring(page)
    assert root.get("aria-label") == 'says "<b>"'
    assert any(text == "<b>bold & $x$</b>" for text in root.itertext())


def test_two_pictures_in_one_page_share_no_id_and_each_refers_to_its_own() -> None:
    ids = {}
    for name in ("one", "two"):
        page = for_page(svg_text(drawn(), name), name, name)
        ids[name] = set(re.findall(r'\bid="([^"]+)"', page))
        referred = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
        assert referred
        assert referred <= ids[name]
    assert not ids["one"] & ids["two"]


def test_the_reports_shades_become_the_pages_and_others_stay() -> None:
    text = svg_text(drawn(), "one")
    adapted, kept = for_page(text, "one", "d"), for_page(text, "one", "d", adapt=False)
    for shade in (INK, GREY, RULE, SERIES[0]):
        assert shade in kept
        assert shade not in adapted
    assert PAPER not in adapted
    assert FOREIGN in adapted
    for place in ("currentColor", "var(--grey)", "var(--rule)", "var(--paper)", "var(--series-0)"):
        assert place in adapted
        assert place not in kept


def test_in_a_page_the_picture_is_as_wide_as_its_place() -> None:
    text = svg_text(drawn(), "one")
    root, whole = ElementTree.fromstring(for_page(text, "one", "d")), ElementTree.fromstring(text)
    assert (root.get("width"), root.get("height")) == (None, None)
    assert root.get("viewBox") == whole.get("viewBox") is not None
    assert root.get("role") == "img"
    assert "metadata" not in for_page(text, "one", "d")


def test_a_picture_in_a_page_is_smaller_and_looks_the_same() -> None:
    with drawing() as figure:
        figure.add_subplot().plot(np.linspace(0, 30, 60), np.sin(np.linspace(0, 30, 60)), "o-", label="-1.23456 z")
        figure.axes[0].legend()
    whole = svg_text(figure, "one")
    small = for_page(whole, "one", "d", adapt=False)
    assert len(small) < 0.8 * len(whole)
    numbers = [
        [float(each) for path in re.findall(r'\bd="([^"]*)"', text) for each in re.findall(r"-?\d+(?:\.\d+)?", path)]
        for text in (whole, small)
    ]
    np.testing.assert_allclose(numbers[1], numbers[0], atol=0.0051)
    assert "-1.23456 z" in small, "what is written is no coordinate"
