"""The tables of a sweep's report."""

from keras_suite.reports.sweep.tables import best_rows, failures, rung_rows, trial_rows
from tests.reports.sweep.conftest import MakeSweep


def test_the_best_five_and_the_base_are_shown(make_sweep: MakeSweep) -> None:
    assert len(best_rows(make_sweep(9))) == 6


def test_every_run_has_a_row_and_every_failure_its_reason(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(4, failed={2: "loss became nan"})
    assert len(trial_rows(sweep)) == 5
    assert any("loss became nan" in " ".join(line) for line in failures(sweep))


def test_only_hyperband_has_rungs(make_sweep: MakeSweep) -> None:
    assert rung_rows(make_sweep(3)) == []
