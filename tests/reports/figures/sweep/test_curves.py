"""Every run of every trial has its curve."""

from keras_suite.reports.figures.sweep.curves import trial_curves
from tests.reports.sweep.conftest import MakeSweep, make_sweep

__all__ = ["make_sweep"]  # a fixture


def test_every_run_has_its_curve(make_sweep: MakeSweep) -> None:
    figure = trial_curves(make_sweep(3, with_runs=True, seeds=2))
    assert figure is not None
    assert len(figure.axes[0].lines) == 8, "three trials and the base, two seeds each"
    assert trial_curves(make_sweep(3, name="without_histories")) is None
