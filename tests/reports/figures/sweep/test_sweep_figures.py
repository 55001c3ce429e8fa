"""Pictures of a sweep: nothing is drawn twice, left out or out of place."""

import math
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from reports.figures.sweep.curves import trial_curves
from reports.figures.sweep.expected_best import expected_best_of_trials
from reports.figures.sweep.hyperparameter import scores_by_value
from reports.figures.sweep.importance import importance_of_hyperparameters
from reports.figures.sweep.over_trials import best_so_far, scores_over_trials
from reports.figures.sweep.parallel import INACTIVE, parallel_coordinates
from reports.figures.sweep.rungs import scores_by_rung
from reports.figures.sweep.scores import drawn, view
from reports.sweep.expected_best import expected_best
from reports.sweep.importance import Importance, Importances
from tests.reports.sweep.conftest import MakeSweep, make_sweep
from tests.reports.sweep.conftest import drawn as drawn_values
from tests.reports.sweep.test_rungs import hyperband

__all__ = ["make_sweep"]  # a fixture


def labelled(axes: Axes) -> dict[str, Any]:
    return {str(line.get_label()): line for line in axes.lines}


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


def test_small_dots_are_the_seeds_of_a_trial(make_sweep: MakeSweep) -> None:
    found = labelled(scores_over_trials(make_sweep(3, seeds=2)).axes[0])
    assert len(found["a seed"].get_xdata()) == 6
    assert len(found["a trial"].get_xdata()) == 3


def test_a_trial_gone_wrong_does_not_squeeze_the_others(make_sweep: MakeSweep) -> None:
    scores = {k: 0.90 + 0.005 * k for k in range(9)} | {9: 0.1}
    sweep = make_sweep(10, scores=scores, base=0.93)
    seen = view(sweep)
    assert 75 < seen.low < 90 and 94 < seen.high < 96
    found = labelled(scores_over_trials(sweep).axes[0])
    assert list(found["a trial out of view"].get_xdata()) == [9]
    losses = make_sweep(10, objective="val_unpenalised_loss", scores={k: 0.1 + 0.01 * k for k in range(9)} | {9: 1e30})
    assert view(losses).high < 1 and view(losses).outside(1e30)


def test_the_base_and_all_seeds_are_in_view(make_sweep: MakeSweep) -> None:
    seen = view(make_sweep(5, scores=dict.fromkeys(range(5), 0.9), base=0.2))
    assert seen.low < 20 and seen.high > 90


def test_the_expected_best_ends_at_the_best_and_its_band_opens(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(20)
    figure = expected_best_of_trials(sweep, expected_best([trial.score for trial in sweep.trials], "max"))
    found = labelled(figure.axes[0])
    best = 100 * (sweep.best()[0].score or 0)
    assert found["expected best"].get_ydata()[-1] == pytest.approx(best)
    assert len(figure.axes[0].patches) == 20, "a column of the band for each number of trials"


def test_importances_stand_in_their_order_and_those_not_shown_are_grey() -> None:
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


def test_promoted_trials_are_joined_to_their_parents(make_sweep: MakeSweep) -> None:
    figure = scores_by_rung(make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9))
    assert figure is not None
    joined = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [3, 9]]
    assert len(joined) == 2
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["3", "9"]
    assert scores_by_rung(make_sweep(3)) is None


def test_pale_dots_were_not_trained_to_the_last_epoch(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9)
    found = labelled(scores_over_trials(sweep).axes[0])
    assert len(found["a trial, not to the last epoch"].get_xdata()) == 6
    assert len(found["a trial"].get_xdata()) == 4


def test_every_run_has_its_curve(make_sweep: MakeSweep) -> None:
    figure = trial_curves(make_sweep(3, with_runs=True, seeds=2))
    assert figure is not None
    assert len(figure.axes[0].lines) == 8, "three trials and the base, two seeds each"
    assert trial_curves(make_sweep(3, name="without_histories")) is None


def test_of_very_many_trials_the_best_are_drawn_and_others_evenly(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(values=[drawn_values(k) for k in range(300)])
    some = drawn(sweep, 100)
    assert len(some) <= 100
    assert {trial.number for trial in sweep.best()[:10]} <= {trial.number for trial in some}
