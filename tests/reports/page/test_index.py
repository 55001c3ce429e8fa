"""The page over several experiments: every question with its answer, and a link that leads to its report."""

import re
import urllib.parse
from pathlib import Path

import pytest

from keras_suite.reports.page.index import entry_of, write_index
from keras_suite.reports.page.rendering import render
from keras_suite.reports.page.report import write_report
from tests.browser import Page
from tests.reports.conftest import MakeRuns


def test_each_experiment_is_listed_with_its_answer_and_its_link(make_runs: MakeRuns, tmp_path: Path) -> None:
    written = []
    for name, question in (("second", "Is <script> text?"), ("first", "Is it so?")):
        runs = make_runs(seeds=2, name=name, question=question)
        written.append(entry_of(write_report(runs, runs.folder)))
    page = write_index(written, tmp_path / "runs").read_text(encoding="utf-8")
    assert "2 experiments" in page
    assert page.index("Is it so?") < page.index("Is &lt;script&gt; text?")
    assert page.count("Too few seeds to say") == 2
    links = re.findall(r'href="([^"]+)"', page)
    assert links == ["first/report.html", "second/report.html"]
    assert all((tmp_path / "runs" / urllib.parse.unquote(link)).exists() for link in links)
    assert str(tmp_path) not in page


def test_what_could_not_be_read_is_named_without_its_path(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=1)
    written = entry_of(write_report(runs, runs.folder))
    page = write_index([written], tmp_path, {"torn": f"{tmp_path}/torn/experiment.json is damaged"})
    assert "torn has no report: …/experiment.json is damaged" in page.read_text(encoding="utf-8")


@pytest.mark.needs_chromium
def test_of_a_long_table_the_first_rows_are_shown_in_any_order(page: Page, tmp_path: Path) -> None:
    row = {"question": "", "answer": "yes", "link": "x.html", "seconds": "1 s", "total_seconds": 1.0, "started": ""}
    studies = [row | {"name": f"study {k}"} for k in range(60)]
    view = {
        "experiments": [],
        "sweeps": [],
        "studies": studies,
        "unread": [],
        "question": "Experiments",
        "lectures": "",
    }
    (tmp_path / "index.html").write_text(render("index.html", view), encoding="utf-8")
    page.open(tmp_path / "index.html")
    shown = "[...document.querySelectorAll('tbody tr')].filter((row) => row.checkVisibility()).map((r) => r.innerText)"
    assert len(page.evaluate(shown)) == 24
    heading = "document.querySelector('thead button')"
    page.evaluate(f"{heading}.click()")
    page.evaluate(f"{heading}.click()")
    assert page.evaluate(shown)[0].startswith("study 59")
    page.evaluate("document.querySelector('.filter input').focus()")
    page.call("Input.insertText", text="study 3")
    assert len(page.evaluate(shown)) == 15, "what is searched is searched in all rows"
    page.evaluate("document.querySelector('.filter input').value = ''")
    page.evaluate("document.querySelector('.filter input').dispatchEvent(new Event('input'))")
    page.evaluate("document.querySelector('.unfold').click()")
    assert len(page.evaluate(shown)) == 60
    page.call("Emulation.setEmulatedMedia", media="print")
    page.evaluate("document.querySelector('.unfold').click()")
    assert len(page.evaluate(shown)) == 60, "on paper all are there"
