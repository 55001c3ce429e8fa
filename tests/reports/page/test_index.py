"""The page over several experiments: every question with its answer, and a link that leads to its report."""

import re
import urllib.parse
from pathlib import Path

from keras_suite.reports.page.index import write_index
from keras_suite.reports.page.report import write_report
from tests.reports.conftest import MakeRuns


def test_each_experiment_is_listed_with_its_answer_and_its_link(make_runs: MakeRuns, tmp_path: Path) -> None:
    written = []
    for name, question in (("second", "Is <script> text?"), ("first", "Is it so?")):
        runs = make_runs(seeds=2, name=name, question=question)
        written.append(write_report(runs, runs.folder))
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
    written = write_report(runs, runs.folder)
    page = write_index([written], tmp_path, {"torn": f"{tmp_path}/torn/experiment.json is damaged"})
    assert "torn has no report: …/experiment.json is damaged" in page.read_text(encoding="utf-8")
