"""The figure of a sweep shows every trial, failed ones too, and what was best at each point."""

import math

import pytest

from reports.figures.sweep import best_so_far, scores_over_trials


def test_the_best_so_far_never_gets_worse_and_failures_leave_it() -> None:
    assert best_so_far([0.5, None, 0.4, 0.7], "max") == [0.5, 0.5, 0.5, 0.7]
    assert best_so_far([0.5, None, 0.4, 0.7], "min") == [0.5, 0.5, 0.4, 0.4]
    assert math.isnan(best_so_far([None, 0.2], "max")[0])


@pytest.mark.parametrize("base", [0.6, None])
def test_trials_the_best_the_base_and_failures_are_drawn_apart(base: float | None) -> None:
    figure = scores_over_trials([0.5, None, 0.4, 0.7], base, "max", "validation accuracy")
    (axes,) = figure.axes
    labels = {line.get_label(): line for line in axes.lines}
    assert list(labels["a trial"].get_xdata()) == [0, 2, 3]
    assert list(labels["failed"].get_xdata()) == [1]
    assert list(labels["best so far"].get_ydata()) == [0.5, 0.5, 0.5, 0.7]
    assert ("base" in labels) == (base is not None)


def test_a_sweep_in_which_all_failed_can_be_drawn() -> None:
    figure = scores_over_trials([None, None], None, "max", "validation accuracy")
    assert [line.get_label() for line in figure.axes[0].lines if line.get_label() == "failed"] == ["failed"]
