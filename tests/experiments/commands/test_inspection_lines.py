"""What the inspection of the data found is printed once, however many data sets have it."""

import pytest

from keras_suite.data_pipeline.inspection.findings import Finding, Inspection
from keras_suite.experiments.commands.inspection_lines import print_findings

COPIES, LAYOUT = Finding("copies", "2 copies"), Finding("read_as", "read as a folder", is_warning=False)


def test_a_line_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    said = print_findings(Inspection("", {}, (COPIES, LAYOUT)))
    more = Finding("copies", "3 copies")
    printed = print_findings(Inspection("", {}, (COPIES, more, LAYOUT)), said=said)
    assert printed == {more.in_words()}
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Warning: 2 copies", "Data: read as a folder", "Warning: 3 copies"]


def test_findings_that_are_said_elsewhere_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_findings(Inspection("", {}, (COPIES, LAYOUT)), besides=("read_as",)) == {COPIES.in_words()}
    assert capsys.readouterr().out == "Warning: 2 copies\n"
