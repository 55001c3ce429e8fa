"""KerasTuner's Gaussian process, for sweeps that were begun with it: replayed without a fit, with few points."""

import random
from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from tests.end_to_end.sweeps import ONE_RATE, finish_here, sweep_folder, table, write_file
from tests.experiments.tuning.simulated import Simulated, one_rate, proposer, score


@pytest.mark.slow
def test_a_replayed_gaussian_process_is_not_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, again = (Simulated(proposer("bayesian", rules=1, asked=one_rate), 2) for _ in range(2))
    whole.run(8, random.Random(0))
    assert sum(trial.fitted is not None for trial in whole.trials) >= 3
    with monkeypatch.context() as patched:
        patched.setattr("scipy.optimize.minimize", None)
        again.replay(whole.events)
    went_on = [each.run(10, random.Random(1)).trials for each in (whole, again)]
    assert len(went_on[0]) == 10
    assert went_on[0] == went_on[1]


def test_a_gaussian_process_with_few_points_is_fitted_to_the_best_and_the_latest_trials() -> None:
    asked = proposer("bayesian", rules=1, asked=one_rate, points=5)
    asked._oracle.num_initial_points = 12  # random until then
    simulated = Simulated(asked, 1).run(13, random.Random(0))
    scores = [-score(trial) for trial in simulated.trials[:12]]
    best = sorted(range(12), key=lambda number: scores[number])[:3]
    latest = [number for number in range(12) if number not in best][-2:]
    assert len(simulated._asked._oracle.gpr.y_train_) == 5
    taken = asked._oracle.gpr.y_train_ * asked._oracle.gpr._y_train_std + asked._oracle.gpr._y_train_mean
    assert taken == pytest.approx([scores[number] for number in sorted(best + latest)])


@pytest.mark.slow
def test_a_replayed_gaussian_process_with_few_points_proposes_the_same() -> None:
    whole = Simulated(proposer("bayesian", rules=1, asked=one_rate, points=4), 2).run(8, random.Random(0))
    again = Simulated(proposer("bayesian", rules=1, asked=one_rate, points=4), 2)
    again.replay(whole.events)
    went_on = [each.run(10, random.Random(1)).trials for each in (whole, again)]
    assert went_on[0] == went_on[1]


@pytest.mark.slow
def test_a_sweep_that_was_begun_with_it_is_resumed_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    command = ("--tuner", "bayesian", "--objective", "val_unpenalised_loss", "--set", "epochs=1", "--trials")
    for folder, trials in ((whole, "5"), (cut, "2")):
        write_file(folder, ONE_RATE)
        with monkeypatch.context() as patched:
            patched.setattr("keras_suite.experiments.tuning.sweep.RULES", 1)
            finish_here(folder, *command, trials)
    said = finish_here(cut, *command, "5").stdout
    assert "three random trials for each hyperparameter" in said
    assert table(cut, "bayesian") == table(whole, "bayesian")
    events = journal.read(sweep_folder(cut, "bayesian") / journal.NAME)
    assert "rules" not in events[0]["terms"], "as before there were any"
    assert [event["trial"] for event in events if event.get("fitted")] == [3, 4], "after three random ones"
