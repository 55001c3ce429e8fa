"""What a sweep says while it runs: how far it is, what trains, the best so far, and the time left."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from keras_suite.experiments.scheduling.under_way import Course
from keras_suite.experiments.tuning.journal import ScoredTrial, Trial, TrialResult, TrialRun
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.progress import ProgressReporter


def ended(number: int, score: float | None, epochs: int, seconds: float) -> TrialResult:
    run = TrialRun(1, score, "" if score else "blew up", epochs, seconds, f"trial-{number}/seed-1")
    return TrialResult(number, score, run.reason, (run,))


def reporter_of(*trials: TrialResult, parents: dict[int, int] | None = None, **changes: Any) -> ProgressReporter:
    """After these trials of 6, of which each was to take 100 s."""
    values = {"learning_rate": 0.01}
    scored = [ScoredTrial(each.trial, each.score, values) for each in trials if each.trial is not None and each.score]
    made = {
        number: Trial(number, {**values, **({"tuner/trial_id": str(parent)} if parent is not None else {})}, {})
        for number, parent in ((each.trial, (parents or {}).get(each.trial)) for each in trials)
    }
    driver: Any = SimpleNamespace(
        results={each.trial: each for each in trials},
        trials=made,
        base=None,
        seconds=sum(run.seconds for each in trials for run in each.runs),
        epochs=sum(run.epochs for each in trials for run in each.runs),
        inherited=sum(trials[parent].runs[0].epochs for parent in (parents or {}).values()),
        failed=sum(each.failed for each in trials),
        stopped=sum(each.score is None and not each.failed for each in trials),
        best=lambda most: sorted(scored, key=lambda best: -best.score)[:most],
    )
    given = {"planned": 6, "seconds_per_trial": 100.0, "runs": 1, "workers": 1}
    return ProgressReporter(Path("sweep"), driver, Objective("val_accuracy"), **{**given, **changes})


def test_the_live_line_says_how_far_it_is_what_trains_and_the_best_with_its_settings() -> None:
    reporter = reporter_of(ended(0, 0.5, 2, 10.0), ended(1, None, 1, 10.0), ended(2, 0.9, 2, 10.0))
    assert reporter.live(reporter.status("running"), ["trial-0003 seed 1 epoch 2/5"], 12.0) == (
        "3 of 6 trials · 1 failed · trial-0003 seed 1 epoch 2/5 · "
        "best so far validation accuracy 90.00 % (trial-0002: learning_rate=0.01) · about 18 s left"
    )


def test_before_anything_has_ended_the_estimate_counts() -> None:
    reporter = reporter_of()
    assert reporter.live(reporter.status("running"), [], 0.0) == "0 of 6 trials · about 10 min left"


@pytest.mark.parametrize(("workers", "left"), [(1, 60.0), (2, 30.0)])
def test_the_trials_left_take_what_the_others_took(workers: int, left: float) -> None:
    reporter = reporter_of(ended(0, 0.5, 2, 10.0), ended(1, 0.6, 2, 30.0), ended(2, 0.7, 2, 20.0), workers=workers)
    assert reporter.status("running").seconds_left == left


def test_hyperbands_time_left_counts_epochs_and_those_of_a_parent_once() -> None:
    short, promoted = ended(0, 0.5, 2, 4.0), ended(1, 0.6, 6, 12.0)
    assert reporter_of(short, epochs=10).status("running").seconds_left == 2 * (10 - 2)
    assert reporter_of(short, promoted, parents={1: 0}, epochs=10).status("running").seconds_left == 2 * (10 - 6)


def test_trials_that_were_taken_over_are_counted_for_themselves() -> None:
    taken, own = ended(0, 0.5, 2, 10.0), ended(1, 0.6, 2, 10.0)
    reporter = reporter_of(taken, own, told=1)
    assert reporter.line(taken, "done").startswith("[taken over 1/1] trial-0000 (")
    assert reporter.line(own, "done").startswith("[1/5] trial-0001 (")
    assert reporter.live(reporter.status("running"), [], 0.0).startswith("1 of 5 trials · 1 taken over · best so far")
    assert reporter_of(told=1).status("running").seconds_left == 500, "they cost nothing"


def test_in_the_first_trial_the_best_epoch_and_the_pace_count() -> None:
    reporter = reporter_of(workers=2)
    rows = [{"epoch": 1.0, "val_accuracy": 0.5}, {"epoch": 2.0, "val_accuracy": 0.75}]
    course = Course(SimpleNamespace(history=rows), True, 2)  # type: ignore[arg-type]
    line = reporter.live(reporter.status("running"), ["…"], 12.0, {"trial-0000 seed 1": course}, [20.0, 30.0])
    assert line == (
        "0 of 6 trials · … · "
        "best so far validation accuracy 75.00 % (trial-0000 seed 1 after epoch 2) · about 63 s left"
    )


def test_a_stopped_trial_is_no_failure_and_says_when_it_ended() -> None:
    reason = "stopped after epoch 2 of 9 at 20.00 %: below 60.00 % there, none is expected to become the best"
    stopped = TrialResult(1, None, reason, (TrialRun(1, None, reason, 2, 4.0, "trial-1/seed-1", None, 0.25),), 0.25)
    reporter = reporter_of(ended(0, 0.5, 9, 10.0), stopped)
    assert reporter.line(stopped, "done") == f"[2/6] trial-0001 (learning_rate=0.01): {reason}"
    assert reporter.live(reporter.status("running"), [], 0.0).startswith(
        "2 of 6 trials · 1 stopped early · best so far"
    )


def test_a_trial_and_the_best_so_far_are_named_with_their_settings() -> None:
    worse, better = ended(0, 0.5, 2, 10.0), ended(1, 0.6, 2, 10.0)
    reporter = reporter_of(worse, better)
    assert reporter.line(better, "done") == (
        "[2/6] trial-0001 (learning_rate=0.01): validation accuracy 60.00 %; the best so far"
    )
    assert reporter.line(worse, "done") == (
        "[2/6] trial-0000 (learning_rate=0.01): validation accuracy 50.00 %; best so far trial-0001: learning_rate=0.01"
    )
