"""Every trial is drawn, failed ones too, and what was best at each point."""

import math

import pytest

from keras_suite.reports.figures.sweep.over_trials import best_so_far, scores_over_trials
from keras_suite.reports.figures.sweep.scores import drawn, left_undrawn
from tests.reports.figures.sweep.lines import labelled
from tests.reports.sweep.conftest import MakeSweep, make_sweep
from tests.reports.sweep.conftest import drawn as drawn_values

__all__ = ["make_sweep"]  # a fixture


def test_the_best_so_far_never_gets_worse_and_failures_leave_it() -> None:
    assert best_so_far([0.5, None, 0.4, 0.7], "max") == [0.5, 0.5, 0.5, 0.7]
    assert best_so_far([0.5, None, 0.4, 0.7], "min") == [0.5, 0.5, 0.4, 0.4]
    assert math.isnan(best_so_far([None, 0.2], "max")[0])


@pytest.mark.parametrize("base", [0.6, None])
def test_trials_the_best_the_base_and_failures_are_drawn_apart(base: float | None, make_sweep: MakeSweep) -> None:
    sweep = make_sweep(4, scores={0: 0.5, 2: 0.4, 3: 0.7}, failed={1: "nan"}, base=base)
    found = labelled(scores_over_trials(sweep).axes[0])
    assert list(found["a trial"].get_xdata()) == [0, 2, 3]
    assert list(found["the best"].get_xdata()) == [3]
    assert list(found["failed"].get_xdata()) == [1]
    assert list(found["best so far"].get_ydata()) == [50, 50, 50, 70]
    assert ("the base" in found) == (base is not None)


def test_of_very_many_trials_the_best_are_drawn_and_others_evenly(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(values=[drawn_values(k) for k in range(300)])
    some = drawn(sweep, 100)
    assert len(some) <= 100
    assert {trial.number for trial in sweep.best()[:10]} <= {trial.number for trial in some}
    assert left_undrawn(sweep) == (
        "Of 300 trials the pictures show at most 200 as lines: the best tenth of so many, and others evenly; the "
        "table holds all."
    )
    assert left_undrawn(make_sweep(4, name="few")) is None
