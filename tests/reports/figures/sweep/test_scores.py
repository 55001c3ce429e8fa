"""Scores are drawn alike in all pictures of a sweep: seeds, unfinished trials, and what is out of view."""

from keras_suite.reports.figures.sweep.progress import scores_over_trials
from keras_suite.reports.figures.sweep.scores import view
from tests.reports.figures.sweep.lines import labelled
from tests.reports.sweep.conftest import MakeSweep, make_sweep
from tests.reports.sweep.test_rungs import hyperband

__all__ = ["make_sweep"]  # a fixture


def test_small_dots_are_the_seeds_of_a_trial(make_sweep: MakeSweep) -> None:
    lines = labelled(scores_over_trials(make_sweep(3, seeds=2)).axes[0])
    assert len(lines["seed"].get_xdata()) == 6
    assert len(lines["trial"].get_xdata()) == 3


def test_a_very_bad_trial_does_not_compress_the_others(make_sweep: MakeSweep) -> None:
    scores = {k: 0.90 + 0.005 * k for k in range(9)} | {9: 0.1}
    sweep = make_sweep(10, scores=scores, base=0.93)
    seen = view(sweep)
    assert 75 < seen.low < 90 and 94 < seen.high < 96
    lines = labelled(scores_over_trials(sweep).axes[0])
    assert list(lines["trial out of view"].get_xdata()) == [9]
    losses = make_sweep(10, objective="val_unpenalised_loss", scores={k: 0.1 + 0.01 * k for k in range(9)} | {9: 1e30})
    assert view(losses).high < 1 and view(losses).outside(1e30)


def test_the_base_and_all_seeds_are_in_view(make_sweep: MakeSweep) -> None:
    seen = view(make_sweep(5, scores=dict.fromkeys(range(5), 0.9), base=0.2))
    assert seen.low < 20 and seen.high > 90


def test_pale_dots_were_not_trained_to_the_last_epoch(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9)
    lines = labelled(scores_over_trials(sweep).axes[0])
    assert len(lines["trial, not to the last epoch"].get_xdata()) == 6
    assert len(lines["trial"].get_xdata()) == 4
