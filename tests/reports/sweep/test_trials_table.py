"""The table of trials: a row for each run, hyperparameters as columns."""

import csv
from pathlib import Path

from keras_suite.reports.sweep.trials_table import rows, write_table
from tests.reports.sweep.conftest import MakeSweep


def test_each_run_has_a_row_with_the_settings_of_its_trial_and_the_base_comes_first(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, failed={1: "loss became nan"}, running=1)
    table = rows(sweep.events)
    assert table[0]["trial"] == "base"
    assert {row["status"] for row in table} == {"completed", "failed", "not ended"}
    assert all(row["learning_rate"] != "" for row in table[1:])


def test_numbers_are_written_with_all_their_digits(make_sweep: MakeSweep, tmp_path: Path) -> None:
    sweep = make_sweep(2)
    write_table(tmp_path / "trials.csv", sweep.events)
    with (tmp_path / "trials.csv").open(encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [float(row["mean_score"]) for row in written[1:]] == [trial.score for trial in sweep.trials]
