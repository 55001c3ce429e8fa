"""A sweep's page in Chromium with the network off: on a phone, on a desk, dark and light, on paper."""

import base64
from pathlib import Path
from typing import Any

import pytest

from keras_suite.reports.page.index import entry_of, write_index
from keras_suite.reports.sweep.page import SweepReport, write_sweep_report
from tests.browser import Page
from tests.reports.sweep.conftest import SPACE, choice, drawn, sweeps_in
from tests.reports.sweep.test_rungs import hyperband

pytestmark = pytest.mark.needs_chromium

LONG = "a_hyperparameter_with_a_name_that_is_longer_than_anyone_would_like_to_read_on_a_phone"
KINDS = ["<script>alert(1)</script>", "another_kind_of_the_same_thing", "c", "d", "e"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> SweepReport:
    values: list[dict[str, Any]] = [{**drawn(k), LONG: KINDS[k % 5]} for k in range(30)]
    failed = {4: "seed 1: NonFiniteLoss: loss became NaN in epoch 2 " + "a" * 200}
    make = sweeps_in(tmp_path_factory.mktemp("sweep"))
    sweep = make(values=values, failed=failed, with_runs=True, space=[*SPACE, choice(LONG, KINDS)])
    return write_sweep_report(sweep)


def nothing_overflows(page: Page, width: int) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    outside = page.evaluate(
        """[...document.querySelectorAll('main *')]
        .filter((each) => !each.closest('.scroll > *') && !each.closest('svg'))
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => each.outerHTML.slice(0, 100))"""
    )
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    written = page.evaluate(
        """[...document.querySelectorAll('figure svg')]
        .filter((svg) => [...svg.querySelectorAll('text')].some((text) => {
            const place = text.getBoundingClientRect(), box = svg.getBoundingClientRect();
            return place.width && (place.right > box.right + 4 || place.left < box.left - 4);
        })).map((svg) => svg.getAttribute('aria-label'))"""
    )
    assert written == [], "text is cut off in a picture"


def test_it_opens_without_an_error_and_without_the_network(page: Page, report: SweepReport) -> None:
    page.open(report.html)
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith("data:")] == [report.html.resolve().as_uri()]
    assert page.evaluate("[...document.querySelectorAll('svg')].every((svg) => svg.getBBox().width > 100)")
    assert page.evaluate("[...document.querySelectorAll('figure svg')].every((svg) => svg.ariaLabel.length > 20)")
    assert page.evaluate("document.querySelectorAll('script').length") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_overflows(width: int, scheme: str, page: Page, report: SweepReport) -> None:
    page.open(report.html, width, prefers_color_scheme=scheme)
    nothing_overflows(page, width)


def test_nothing_overflows_in_hyperbands(page: Page, tmp_path: Path) -> None:
    sweep = sweeps_in(tmp_path)(tuner="hyperband", values=hyperband(), max_epochs=9, seeds=2)
    written = write_sweep_report(sweep)
    for width in (390, 1440):
        page.open(written.html, width)
        assert page.errors == []
        nothing_overflows(page, width)


def test_the_trials_sort_and_filter(page: Page, report: SweepReport) -> None:
    page.open(report.html)
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    column = """(() => {
        const table = document.querySelector('table[data-name="Trials"]');
        const k = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent === "HEADING");
        return [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.cells[k].textContent);
    })()"""
    press = """[...document.querySelectorAll('table[data-name="Trials"] thead button')]
        .find((button) => button.textContent === "momentum").click()"""
    page.evaluate(press)
    shown = page.evaluate(column.replace("HEADING", "momentum"))
    known = [float(text) for text in shown if text != "–"]
    assert known == sorted(known) and shown[len(known) :] == ["–"] * (len(shown) - len(known))
    page.evaluate("document.querySelector('#trials ~ details input').focus()")
    page.call("Input.insertText", text="failed")
    assert page.evaluate(column.replace("HEADING", "trial")) == ["4"]


def test_it_prints(page: Page, report: SweepReport) -> None:
    page.open(report.html)
    printed = base64.b64decode(page.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
    assert printed.startswith(b"%PDF")
    page.call("Emulation.setDeviceMetricsOverride", width=794, height=1123, deviceScaleFactor=1, mobile=False)
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 794


@pytest.mark.parametrize("width", [390, 1440])
def test_the_index_of_sweeps_overflows_nowhere(width: int, page: Page, report: SweepReport, tmp_path: Path) -> None:
    page.open(write_index([entry_of(report)], tmp_path), width)
    assert page.errors == []
    nothing_overflows(page, width)
