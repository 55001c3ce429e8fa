"""What is demanded of a new trial follows from the results before it, and from nothing else."""

from pathlib import Path

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.tuning.demands import Demands
from keras_suite.experiments.tuning.hopeless import FIRST
from keras_suite.experiments.tuning.journal import Trial, TrialResult, TrialRun
from keras_suite.experiments.tuning.objective import Objective

EPOCHS = 5


def result(number: int | None, *scores: float) -> TrialResult:
    curves = [(0.1, 0.4 * score, 0.8 * score, 0.9 * score, score) for score in scores]
    runs = [
        TrialRun(seed, score, "", EPOCHS, 1.0, f"trial/seed-{seed}", curve)
        for seed, (score, curve) in enumerate(zip(scores, curves, strict=True), 1)
    ]
    return TrialResult(number, sum(scores) / len(scores), "", tuple(runs))


def demanding(seeds: int = 2) -> Demands:
    demands = Demands(Objective("val_accuracy"), seeds)
    demands.add(result(None, 0.1, 0.2), None)
    for number in range(FIRST):
        demands.add(result(number, 0.5, 0.51), EPOCHS)
    return demands


def test_of_the_first_trials_nothing_is_demanded() -> None:
    trial = Trial(0, {}, {})
    assert Demands(Objective("val_accuracy"), 2).of(trial, EPOCHS, None) == trial


def test_a_later_trial_must_keep_limits_and_reach_bars_that_the_journal_has() -> None:
    trial = demanding().of(Trial(FIRST, {}, {}), EPOCHS, 0.5)
    assert trial.limits is not None and trial.bars is not None
    assert len(trial.limits) == EPOCHS and len(trial.bars) == 1
    assert Trial.from_event(trial.to_event()) == trial
    assert demanding().of(Trial(FIRST, {}, {}), EPOCHS, 0.5) == trial, "the same from the same results"
    assert demanding().of(Trial(FIRST, {}, {}), None, 0.5).limits is None, "epochs that cannot be compared"


def test_a_run_is_asked_to_keep_its_trials_limits() -> None:
    config = Config(dataset=use("digits"), model=use("mlp"), epochs=EPOCHS)
    job = Job("width.tune/random", "trial-0010", config, 1, RunOptions(1, Path("runs")))
    trial = demanding().of(Trial(FIRST, {}, {}), EPOCHS, 0.5)
    asked = demanding().asked(job, trial).limits
    assert asked is not None and (asked.name, asked.by_epoch) == ("val_accuracy", trial.limits)
    assert demanding().asked(job, Trial(0, {}, {})) is job


def test_limits_come_from_the_first_seeds_and_are_for_first_seeds() -> None:
    """All trials have that seed, and with folds its images; what others must reach are the bars."""
    few = Demands(Objective("val_accuracy"), 5)
    for number in range(FIRST - 1):
        few.add(result(number, 0.5, 0.51, 0.52, 0.53, 0.54), EPOCHS)
    assert few.of(Trial(FIRST, {}, {}), EPOCHS, 0.5).limits is None, "five seeds are one trial"
    config = Config(dataset=use("digits"), model=use("mlp"), epochs=EPOCHS)
    second = Job("width.tune/random", "trial-0010", config, 2, RunOptions(1, Path("runs")))
    trial = demanding().of(Trial(FIRST, {}, {}), EPOCHS, 0.5)
    assert trial.limits is not None and demanding().asked(second, trial) is second


def test_a_stopped_run_says_when_and_why_and_what_is_expected_of_it() -> None:
    history = [{"val_accuracy": 0.05}, {"val_accuracy": float("nan")}]
    run = TrialRun(1, None, "", 2, 1.0, "trial/seed-1")
    read = demanding().read(run, history, {"epoch": 2, "value": 0.05, "limit": 0.19}, EPOCHS)
    assert read.reason == (
        "stopped after epoch 2 of 5 at 5.00 %: below 19.00 % there, none is expected to become the best"
    )
    assert read.curve == (0.05, None)
    assert read.expected is not None and 0.3 < read.expected < 0.4
    assert demanding().read(run, history, None, EPOCHS).expected is None


def test_a_trial_with_a_failed_seed_gets_no_other() -> None:
    failed = TrialRun(1, None, "blew up", 2, 1.0, "trial/seed-1")
    assert not demanding(3).another_seed([failed], (0.0, 0.0))
