"""The terminal gets the same answer and numbers as the page, as plain text."""

import re
from typing import Any

from keras_suite.reports.export.console import comparison_table, summary_text
from keras_suite.reports.page.next_command import next_command
from keras_suite.reports.page.tables import overview_rows, verdict_rows
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


def test_the_summary_has_the_answer_the_next_command_warnings_and_the_table(make_runs: MakeRuns) -> None:
    changes: dict[tuple[str, int], dict[str, Any]] = {("weak", 1): FAILED, ("weak", 2): {"commit": "b" * 40}}
    numbers = experiment_numbers(make_runs(seeds=3, changes=changes))
    lines = summary_text(numbers, width=400).splitlines()
    assert lines[0] == answer(numbers)
    assert lines[1] == f"Next: {next_command(numbers)}"
    assert lines[2] == f"Warning: {numbers.problems[0]}"
    assert lines[3] == ""
    assert len(lines) == 7  # a heading and two variants


def test_a_verdict_that_alone_would_mislead_has_its_note(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "other": {}}, strength={"other": 1e-5})
    assert "Note on" not in summary_text(experiment_numbers(runs), width=400)
    lines = summary_text(experiment_numbers(runs, 0.2), width=400).splitlines()
    assert "Note on 'other' and 'base': the difference is real, but smaller than the margin" in lines


def test_the_table_has_the_numbers_of_the_page(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=8, changes={("weak", 1): FAILED}))
    table = comparison_table(numbers)
    headings = [str(column.header) for column in table.columns]
    rows = [
        dict(zip(headings, map(str, cells), strict=True))
        for cells in zip(*(c.cells for c in table.columns), strict=True)
    ]
    [verdict], [strong, weak] = verdict_rows(numbers), overview_rows(numbers)
    assert [(row["variant"], row["verdict"]) for row in rows] == [("strong", "baseline"), ("weak", verdict["word"])]
    assert [(row["test accuracy"], row["95 % interval"]) for row in rows] == [
        (each["score"], each["interval"]) for each in (strong, weak)
    ]
    assert [row["difference"] for row in rows] == ["", verdict["difference"]]
    assert [(row["seeds"], row["failed"]) for row in rows] == [("8", "0"), ("7", "1")]
    assert [row["test loss"] for row in rows] == [strong["loss"], weak["loss"]]


def test_names_that_look_like_markup_are_printed_as_they_are(make_runs: MakeRuns) -> None:
    name = "[red]fast[/red]:smile:"
    said = summary_text(experiment_numbers(make_runs({"base": {}, name: {}}, seeds=1)), width=200)
    assert len(re.findall(re.escape(name), said)) == 1


def test_no_line_is_wider_than_the_terminal(make_runs: MakeRuns) -> None:
    said = summary_text(experiment_numbers(make_runs(seeds=2)), width=60)
    assert max(len(line) for line in said.splitlines()) <= 60
    assert "strong" in said and "weak" in said
