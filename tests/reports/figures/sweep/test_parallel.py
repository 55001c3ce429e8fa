"""A line for each trial through all hyperparameters, active or not."""

from keras_suite.reports.figures.sweep.parallel import INACTIVE, parallel_coordinates
from tests.reports.sweep.conftest import MakeSweep, make_sweep

__all__ = ["make_sweep"]  # a fixture


def test_lines_of_inactive_hyperparameters_pass_outside_of_their_range(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(8)
    figure = parallel_coordinates(sweep)
    assert figure is not None
    rows = [each.name for each in sweep.space]
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == len(rows) + 1]
    assert len(lines) == 8
    outside = sum(line.get_xdata()[rows.index("momentum")] == INACTIVE for line in lines)
    assert outside == sum("momentum" not in trial.values for trial in sweep.trials) > 0
    assert parallel_coordinates(make_sweep(1)) is None
