"""Each hyperparameter is drawn on its own scale."""

import numpy as np

from keras_suite.reports.figures.sweep.hyperparameter import scores_by_value
from tests.reports.figures.sweep.lines import labelled
from tests.reports.sweep.conftest import MakeSweep, make_sweep

__all__ = ["make_sweep"]  # a fixture


def test_a_logarithmic_hyperparameter_has_a_logarithmic_axis_and_inactive_trials_a_strip(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(12)
    rate, optimizer, momentum, batch = sweep.space
    assert scores_by_value(sweep, rate).axes[0].get_xscale() == "log"
    with_strip = scores_by_value(sweep, momentum).axes
    assert [label.get_text() for label in with_strip[1].get_xticklabels()] == ["inactive"]
    dots = sum(len(labelled(axes)["a trial"].get_xdata()) for axes in with_strip)
    assert dots == 12
    (strips,) = scores_by_value(sweep, optimizer).axes
    assert [label.get_text() for label in strips.get_xticklabels()] == ["adam", "momentum"]
    places = np.round(labelled(scores_by_value(sweep, batch).axes[0])["a trial"].get_xdata())
    assert list(places) == [[16, 32, 64].index(trial.values["batch_size"]) for trial in sweep.trials]
