"""The section on what to look at next, where there is nothing to say."""

from pathlib import Path

from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.advice import advice
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns


def test_runs_from_before_the_diagnosis_are_given_no_advice(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=2)
    assert advice(experiment_numbers(runs)) == []
    written = write_report(runs, tmp_path)
    for name in ("report.html", "report.md"):
        assert "Suggestions" not in (tmp_path / name).read_text(encoding="utf-8")
    assert written.html.exists()
