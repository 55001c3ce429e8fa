"""Progress of a sweep: all trials, the best so far, the expected best, and all learning curves."""

import math

import pytest

from keras_suite.reports.figures.sweep.progress import (
    best_so_far,
    expected_best_of_trials,
    scores_over_trials,
    trial_curves,
)
from keras_suite.reports.figures.sweep.scores import left_out_of_figures, shown_trials
from keras_suite.reports.sweep.expected_best import expected_best
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
    lines = labelled(scores_over_trials(sweep).axes[0])
    assert list(lines["trial"].get_xdata()) == [0, 2, 3]
    assert list(lines["best"].get_xdata()) == [3]
    assert list(lines["failed"].get_xdata()) == [1]
    assert list(lines["best so far"].get_ydata()) == [50, 50, 50, 70]
    assert ("base" in lines) == (base is not None)


def test_of_very_many_trials_the_best_are_drawn_and_others_evenly(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(values=[drawn_values(k) for k in range(300)])
    some = shown_trials(sweep, 100)
    assert len(some) <= 100
    assert {trial.number for trial in sweep.best()[:10]} <= {trial.number for trial in some}
    assert left_out_of_figures(sweep) == (
        "Of 300 trials the figures show at most 200 as lines: the best, a tenth of these, and evenly spaced others; "
        "the table lists all."
    )
    assert left_out_of_figures(make_sweep(4, name="few")) is None


def test_the_expected_best_ends_at_the_best_and_its_band_opens(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(20)
    figure = expected_best_of_trials(sweep, expected_best([trial.score for trial in sweep.trials], "max"))
    lines = labelled(figure.axes[0])
    best = 100 * (sweep.best()[0].score or 0)
    assert lines["expected best"].get_ydata()[-1] == pytest.approx(best)
    assert len(figure.axes[0].patches) == 20, "a column of the band for each number of trials"


def test_every_run_has_its_curve(make_sweep: MakeSweep) -> None:
    figure = trial_curves(make_sweep(3, with_runs=True, seeds=2))
    assert figure is not None
    assert len(figure.axes[0].lines) == 8, "three trials and the base, two seeds each"
    assert trial_curves(make_sweep(3, name="without_histories")) is None
