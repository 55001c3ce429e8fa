"""Importances stand in their order, and what is not shown to matter looks so."""

from keras_suite.reports.figures.sweep.importance import importance_of_hyperparameters
from keras_suite.reports.sweep.importance import Importance, Importances
from tests.reports.sweep.conftest import make_sweep

__all__ = ["make_sweep"]  # a fixture


def test_importances_stand_in_their_order_and_those_not_shown_are_grey() -> None:
    ranked = (Importance("rate", 0.4, 0.2, 0.6), Importance("units", 0.05, -0.1, 0.2))
    axes = importance_of_hyperparameters(Importances(30, 0.5, ranked, None)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["rate", "units"]
    colours = [line.get_color() for line in axes.lines if line.get_marker() == "D"]
    assert colours[0] != colours[1]
