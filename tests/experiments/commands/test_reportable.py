"""What can be reported at a path: an experiment, all in a runs folder, a table; else the answer says so."""

from pathlib import Path

import pytest

from keras_suite.experiments.commands.reportable import reportables
from tests.reports.conftest import MakeRuns, make_runs

__all__ = ["make_runs"]  # a fixture


def test_a_runs_folder_holds_its_experiments_and_one_of_them_itself(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=1, name="one").folder.parent
    [found] = reportables(runs / "one", None)
    assert (found.kind, found.name, found.home) == ("experiment", "one", runs.resolve())
    assert [each.name for each in reportables(runs, None)] == ["one"]


def test_the_report_on_a_table_lies_beside_it_or_in_the_runs_folder(tmp_path: Path) -> None:
    table = tmp_path / "scores.csv"
    table.write_text("variant,seed,score\na,1,0.5\n")
    [beside] = reportables(table, None)
    [elsewhere] = reportables(table, tmp_path / "runs")
    assert (beside.kind, beside.folder, beside.table) == ("table", tmp_path / "scores", table)
    assert elsewhere.folder == tmp_path / "runs" / "scores"


def test_a_folder_with_nothing_to_report_is_answered_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no experiment's runs and no sweep: give a folder that `run`"):
        reportables(tmp_path, None)
