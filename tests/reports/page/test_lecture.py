"""A lecture's page: stepped through by buttons and keys, whole without script and on paper; the index is searched."""

from dataclasses import replace
from pathlib import Path

import pytest

from keras_suite.reports.page.lecture import (
    Animation,
    Frame,
    Grid,
    Lecture,
    Numbers,
    Recorded,
    write_lecture,
    write_lecture_index,
)
from tests.browser import Page

pytestmark = pytest.mark.needs_chromium

FRAMES = tuple(
    Frame(f"step {k} <b>", (Grid("x", [["1", "2"]], frozenset({(0, k)})), Grid("y", [["3"]]))) for k in range(2)
)
LECTURE = Lecture(
    "one",
    "A chapter",
    "A <script>title</script>",
    ("An idea about kernels.", "A second sentence.", "A third."),
    (Animation("Sliding", FRAMES), Numbers("A table", [{"what": "a", "count": 1234}])),
    commands={"keras-suite list": "the catalog"},
    code=("models/",),
)
OTHER = Lecture("two", "Another chapter", "Epochs", ("Steps and batches.", "", ""), ())


VISIBLE = """[...document.querySelectorAll('.frames > li')]
    .filter((frame) => frame.offsetHeight).map((frame) => frame.querySelector('p').textContent)"""
SEARCH = """((input) => { input.value = 'kernels sliding'; input.dispatchEvent(new Event('input')); })
    (document.getElementById('search'))"""


def test_steps_are_shown_one_at_a_time(page: Page, tmp_path: Path) -> None:
    page.open(write_lecture(LECTURE, tmp_path))
    assert page.evaluate(VISIBLE) == ["step 0 <b>"]
    page.evaluate("document.querySelector('[data-by=\"1\"]').click()")
    assert page.evaluate(VISIBLE) == ["step 1 <b>"]
    page.evaluate("document.querySelector('[data-by=\"1\"]').focus()")
    page.press("ArrowLeft")
    assert page.evaluate(VISIBLE) == ["step 0 <b>"]
    assert page.errors == []
    assert len(page.requests) == 1


def test_on_paper_all_steps_are_there_side_by_side(page: Page, tmp_path: Path) -> None:
    page.open(write_lecture(LECTURE, tmp_path), 760)  # about A4
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate(VISIBLE) == ["step 0 <b>", "step 1 <b>"]
    first, second = page.evaluate("[...document.querySelectorAll('.frames > li')].map((step) => step.offsetTop)")
    assert first == second


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_page(width: int, page: Page, tmp_path: Path) -> None:
    picture = '<svg viewBox="0 0 900 90"><rect width="900" height="90"/></svg>'
    recorded = [Recorded("digits_demo", "an experiment", "3", "Measured: " + "long " * 40, picture)]
    wide = Numbers("Six columns", [{f"a long heading {k}": "1,234 x 5,678 = 7,006,652" for k in range(6)}])
    lecture = replace(LECTURE, exhibits=(*LECTURE.exhibits, wide))
    page.open(write_lecture(lecture, tmp_path, recorded, [("one", "One"), ("two", "Two")]), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ends = page.evaluate("[...document.querySelectorAll('table')].map((table) => table.getBoundingClientRect().right)")
    assert len(ends) == 6 and max(ends) <= width
    shown = page.evaluate("document.querySelector('dd svg').getBoundingClientRect().width")
    assert 300 <= shown <= 560, "as wide as a phone, and no wider than a figure of a report"
    assert page.evaluate("document.querySelector('nav').textContent") == "Two"


def test_the_index_is_searched_by_words(page: Page, tmp_path: Path) -> None:
    page.open(write_lecture_index([LECTURE, OTHER], tmp_path))
    topics = "[...document.querySelectorAll('.topic')].filter((topic) => topic.offsetHeight).length"
    assert page.evaluate(topics) == 2
    page.evaluate(SEARCH)
    assert page.evaluate(topics) == 1
    assert page.evaluate("document.getElementById('count').textContent") == "1 topic"
