"""Importances, parallel coordinates, and scores on the scale of each hyperparameter."""

import numpy as np

from keras_suite.reports.figures.sweep.hyperparameters import (
    INACTIVE,
    importance_of_hyperparameters,
    parallel_coordinates,
    scores_by_value,
)
from keras_suite.reports.sweep.importance import Importance, Importances
from tests.reports.figures.sweep.lines import labelled
from tests.reports.sweep.conftest import MakeSweep, make_sweep

__all__ = ["make_sweep"]  # a fixture


def test_a_logarithmic_hyperparameter_has_a_logarithmic_axis_and_inactive_trials_a_strip(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(12)
    rate, optimizer, momentum, batch = sweep.space
    assert scores_by_value(sweep, rate).axes[0].get_xscale() == "log"
    with_strip = scores_by_value(sweep, momentum).axes
    assert [label.get_text() for label in with_strip[1].get_xticklabels()] == ["inactive"]
    dots = sum(len(labelled(axes)["trial"].get_xdata()) for axes in with_strip)
    assert dots == 12
    (strips,) = scores_by_value(sweep, optimizer).axes
    assert [label.get_text() for label in strips.get_xticklabels()] == ["adam", "momentum"]
    places = np.round(labelled(scores_by_value(sweep, batch).axes[0])["trial"].get_xdata())
    assert list(places) == [[16, 32, 64].index(trial.values["batch_size"]) for trial in sweep.trials]


def test_importances_are_in_order_and_those_not_significant_grey() -> None:
    ranked = (Importance("rate", 0.4, 0.2, 0.6), Importance("units", 0.05, -0.1, 0.2))
    axes = importance_of_hyperparameters(Importances(30, 0.5, ranked, None)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["rate", "units"]
    colours = [line.get_color() for line in axes.lines if line.get_marker() == "D"]
    assert colours[0] != colours[1]


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
