"""What lies beside a sweep of its winners' fresh seeds."""

from keras_suite.reports.sweep.confirmation import confirmation, confirmation_name
from tests.reports.sweep.conftest import MakeSweep


def test_a_sweep_without_confirming_runs_has_no_confirmation_and_no_problem(make_sweep: MakeSweep) -> None:
    assert confirmation(make_sweep(3)) == (None, ())


def test_a_damaged_confirmation_is_a_line_and_no_error(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3)
    folder = sweep.folder.resolve().parents[1] / confirmation_name(sweep.experiment, sweep.tuner)
    folder.mkdir()
    (folder / "experiment.json").write_text("{", encoding="utf-8")
    read, lines = confirmation(sweep)
    assert read is None and len(lines) == 1 and "could not be read" in lines[0]
