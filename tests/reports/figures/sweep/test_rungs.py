"""Hyperband's trials stand on their rungs."""

from reports.figures.sweep.rungs import scores_by_rung
from tests.reports.sweep.conftest import MakeSweep, make_sweep
from tests.reports.sweep.test_rungs import hyperband

__all__ = ["make_sweep"]  # a fixture


def test_promoted_trials_are_joined_to_their_parents(make_sweep: MakeSweep) -> None:
    figure = scores_by_rung(make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9))
    assert figure is not None
    joined = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [3, 9]]
    assert len(joined) == 2
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["3", "9"]
    assert scores_by_rung(make_sweep(3)) is None
