"""The picture of what better scores cost shows each trial once, and the front as steps that never fall."""

import matplotlib.pyplot as plt
import numpy as np

from keras_suite.reports.figures.sweep.front import scores_by_cost
from keras_suite.reports.sweep.pareto import fronts
from tests.reports.sweep.conftest import MakeSweep, make_sweep
from tests.reports.sweep.test_pareto import SCORES, costing

__all__ = ["make_sweep"]  # a fixture


def test_the_front_rises_with_the_cost_and_all_trials_are_there(make_sweep: MakeSweep) -> None:
    sweep = costing(make_sweep(5, scores=SCORES))
    figure = scores_by_cost(sweep, fronts(sweep)[0])
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    x, y = map(np.asarray, lines["no other is better and cheaper"].get_data())
    assert (np.diff(x) >= 0).all() and (np.diff(y) >= 0).all()
    assert set(x) == {300, 1200, 5000, 6000} and set(y) == {70.0, 89.0, 90.0}
    dots = [point for name in ("trial", "best") for point in np.ravel(lines[name].get_xdata())]
    assert sorted(set(dots)) == [300, 800, 1200, 5000, 6000]
    assert figure.axes[0].get_xscale() == "log"
    plt.close(figure)
