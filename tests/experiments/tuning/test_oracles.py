"""KerasTuner's oracles as sweeps use them: replayed, with several trials under way, with failures, in large number."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.tuning.journal import Trial
from keras_suite.experiments.tuning.oracles import Tuner
from tests.experiments.tuning.simulated import TUNERS, Simulated, branching, proposer, score


@pytest.mark.parametrize("tuner", TUNERS)
@pytest.mark.parametrize("slots", [1, 2])
def test_a_replayed_oracle_proposes_what_the_first_one_would_have(tuner: Tuner, slots: int) -> None:
    fails, most = (2, 3), 15 if tuner == "bayesian" else 25
    for cut_at in (28,) if tuner == "bayesian" else (1, 7, 14):
        chance = random.Random(0)
        whole = Simulated(proposer(tuner), slots, fails).run(most, chance)
        again = Simulated(proposer(tuner), slots, fails)
        again.replay(whole.events[:cut_at])
        again.replay(whole.events[cut_at:])
        assert again.trials == whole.trials
        assert len(whole.trials) == most or tuner == "hyperband"


@pytest.mark.parametrize("tuner", TUNERS)
def test_failures_in_a_row_do_not_stop_an_oracle(tuner: Tuner) -> None:
    assert len(Simulated(proposer(tuner), 1, range(6)).run(8, random.Random(0)).trials) == 8


def test_a_grid_keeps_all_slots_busy_and_holds_every_combination_once() -> None:
    def small(hp: Any) -> dict[str, Any]:
        units, depth = hp.Choice("units", [8, 16, 32]), hp.Choice("depth", [1, 2])
        return {"model.units": [units] * depth, "model.dropout": hp.Float("rate", 0.0, 0.5, step=0.25)}

    simulated = Simulated(proposer("grid", asked=small), 4).run(100, random.Random(1))
    assert [kind for kind, _ in simulated.events[:4]] == ["created"] * 4
    values = [tuple(trial.values.items()) for trial in simulated.trials]
    assert len(values) == len(set(values)) == 18


def test_a_conditional_hyperparameter_is_proposed_only_where_it_is_active() -> None:
    trials = Simulated(proposer("random"), 1).run(20, random.Random(0)).trials
    assert {"filters" in trial.values for trial in trials if trial.values["kind"] == "pattern_cnn"} == {True}
    assert {"model.filters" in trial.overrides for trial in trials if trial.values["kind"] == "mlp"} == {False}


def test_hyperparameters_behind_an_if_are_found_when_a_trial_asks_for_them() -> None:
    trials = Simulated(proposer("random", asked=branching), 1).run(10, random.Random(0)).trials
    assert {trial.overrides["model.filters"] for trial in trials if trial.values["kind"] == "pattern_cnn"} > {4}
    with pytest.raises(ValueError, match="'filters' at some values of others only"):
        Simulated(proposer("grid", asked=branching), 1).run(30, random.Random(0))


def test_a_seed_is_a_seed_also_if_it_is_0() -> None:
    def first(seed: int) -> Any:
        return proposer("random", seed).create_trial()

    assert first(0) == first(0) != first(1)


def test_oracles_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    for tuner in TUNERS:
        Simulated(proposer(tuner), 1).run(3, random.Random(0))
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.parametrize("tuner", ["random", "grid"])
def test_the_1000th_proposal_costs_about_as_much_as_the_100th(tuner: Tuner) -> None:
    def wide(hp: Any) -> dict[str, Any]:
        return {"optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-1), "epochs": hp.Int("epochs", 1, 500)}

    asked, took = proposer(tuner, asked=wide), []
    for number in range(1000):
        began = time.process_time()
        trial = asked.create_trial()
        assert isinstance(trial, Trial)
        asked.end_trial(number, score(trial))
        took.append(time.process_time() - began)
    assert sum(took[900:]) < 3 * sum(took[50:150])
