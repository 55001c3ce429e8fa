"""What a sweep's scores can tell: how few the validation images are, and whether the base was trained to its end."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.sweep.resolution import resolution, undertrained_base
from tests.reports.sweep.conftest import MakeSweep


def with_runs(sweep: Sweep, images: int | None, base: list[float]) -> Sweep:
    """The sweep as if its trials had been validated on so many images, and its base had this history."""
    record = {"data": {"validation": images}}
    rows = [{"epoch": k + 1, sweep.objective: value} for k, value in enumerate(base)]
    run: Any = SimpleNamespace(record=record, history=rows, config={})
    trials = tuple(replace(trial, runs=(run,)) for trial in sweep.trials)
    assert sweep.base is not None
    return replace(sweep, trials=trials, base=replace(sweep.base, runs=(run,)))


def test_two_of_sixty_images_are_more_than_three_points(make_sweep: MakeSweep) -> None:
    sweep = with_runs(make_sweep(2, scores={0: 0.95, 1: 0.9}), 60, [0.5])
    assert resolution(sweep).startswith("Scores are of 60 validation images: one of them is 1.7 points.")
    assert "95.00 % here may get 86.30 % to 98.29 % right" in resolution(sweep)


def test_folds_count_together(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(2, scores={0: 0.95, 1: 0.9})
    runs: Any = [
        SimpleNamespace(
            record={"data": {"validation": images}}, config={"dataset": {"options": {"validation_folds": 3}}}
        )
        for images in (20, 20, 21, 20, 20, 21)
    ]
    folded = replace(sweep, trials=tuple(replace(trial, runs=tuple(runs)) for trial in sweep.trials))
    assert resolution(folded).startswith("Scores are of 61 validation images")


def test_what_is_no_share_of_images_has_no_such_sentence(make_sweep: MakeSweep) -> None:
    assert resolution(with_runs(make_sweep(2, objective="val_unpenalised_loss"), 60, [0.5])) == ""
    assert resolution(with_runs(make_sweep(2), None, [0.5])) == ""


def test_a_base_that_was_still_improving_is_named(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(2, scores={0: 0.95, 1: 0.9}, base=0.6)
    rising = with_runs(sweep, 60, [0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6])
    assert "gained 10.00 points in the last quarter of its 8 epochs" in undertrained_base(rising)
    assert undertrained_base(with_runs(sweep, 60, [0.2, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6])) == ""


def test_a_base_that_no_trial_beats_needs_no_excuse(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(2, scores={0: 0.5, 1: 0.4}, base=0.6)
    assert undertrained_base(with_runs(sweep, 60, [0.2, 0.3, 0.4, 0.6])) == ""
