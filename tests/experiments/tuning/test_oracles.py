"""KerasTuner's oracles as sweeps use them: replayed, with several trials under way, with failures, in large number."""

import random
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from keras_tuner import Objective

from keras_suite.experiments.tuning.journal import Trial
from keras_suite.experiments.tuning.oracles import SweepOracle, Tuner, make_oracle
from keras_suite.experiments.tuning.space import all_hyperparameters

TUNERS: tuple[Tuner, ...] = ("random", "bayesian", "hyperband", "grid")


def space(hp: Any) -> dict[str, Any]:
    overrides = {
        "optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-1, sampling="log"),
        "epochs": hp.Int("epochs", 1, 9),
    }
    hp.Choice("kind", ["mlp", "pattern_cnn"])
    with hp.conditional_scope("kind", ["pattern_cnn"]):
        overrides["model.filters"] = hp.Choice("filters", [4, 8, 16])
    return overrides


def branching(hp: Any) -> dict[str, Any]:
    if hp.Choice("kind", ["mlp", "pattern_cnn"]) == "pattern_cnn":
        return {"model.filters": hp.Choice("filters", [4, 8, 16])}
    return {"optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-1, sampling="log")}


def proposer(tuner: Tuner, seed: int = 1, asked: Any = space, points: int | None = None) -> SweepOracle:
    objective = Objective("val_accuracy", "max")
    return SweepOracle(
        make_oracle(tuner, all_hyperparameters(asked), objective, seed, max_epochs=9, points=points), asked
    )


def score(trial: Trial) -> float:
    return 1 - abs(float(trial.values["rate"]) - 0.01)


class Simulated:
    """A sweep without training: what happened, and a few slots that trials end in, in any order."""

    def __init__(self, asked: SweepOracle, slots: int, fails: Iterable[int] = ()) -> None:
        self.events: list[tuple[str, Any]] = []
        self._asked, self._slots, self._fails = asked, slots, set(fails)
        self._running: dict[int, Trial] = {}

    def replay(self, events: list[tuple[str, Any]]) -> None:
        for kind, given in events:
            if kind == "ended":
                self._end(given)
            else:
                assert self._propose(given) == (kind, given)

    def run(self, most: int, chance: random.Random) -> "Simulated":
        waiting = False
        while sum(kind == "created" for kind, _ in self.events) < most or self._running:
            created = sum(kind == "created" for kind, _ in self.events)
            if created < most and not waiting and len(self._running) < self._slots:
                kind, _ = self._propose()
                if kind == "exhausted":
                    most = created
                waiting = kind == "wait"
            else:
                self._end(chance.choice(sorted(self._running)))
                waiting = False
        return self

    def _propose(self, known: Trial | None = None) -> tuple[str, Any]:
        given = self._asked.create_trial(known)
        if isinstance(given, Trial):
            self._running[given.number] = given
        self.events.append(("created", given) if isinstance(given, Trial) else (given, None))
        return self.events[-1]

    def _end(self, number: int) -> None:
        trial = self._running.pop(number)
        self.events.append(("ended", number))
        if number in self._fails:
            self._asked.end_trial(number, None, "blew up")
        else:
            self._asked.end_trial(number, score(trial))

    @property
    def trials(self) -> list[Trial]:
        return [given for kind, given in self.events if kind == "created"]


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


def test_a_replayed_gaussian_process_is_not_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, again = (Simulated(proposer("bayesian", asked=one_rate), 2) for _ in range(2))
    whole.run(8, random.Random(0))
    assert sum(trial.fitted is not None for trial in whole.trials) >= 3
    with monkeypatch.context() as patched:
        patched.setattr("scipy.optimize.minimize", None)
        again.replay(whole.events)
    went_on = [each.run(10, random.Random(1)).trials for each in (whole, again)]
    assert len(went_on[0]) == 10
    assert went_on[0] == went_on[1]


def one_rate(hp: Any) -> dict[str, Any]:
    return {"optimizer.learning_rate": hp.Float("rate", 1e-4, 1e-1, sampling="log")}


def test_a_gaussian_process_with_few_points_is_fitted_to_the_best_and_the_latest_trials() -> None:
    asked = proposer("bayesian", asked=one_rate, points=5)
    asked._oracle.num_initial_points = 12  # random until then
    simulated = Simulated(asked, 1).run(13, random.Random(0))
    scores = [-score(trial) for trial in simulated.trials[:12]]
    best = sorted(range(12), key=lambda number: scores[number])[:3]
    latest = [number for number in range(12) if number not in best][-2:]
    assert len(simulated._asked._oracle.gpr.y_train_) == 5
    taken = asked._oracle.gpr.y_train_ * asked._oracle.gpr._y_train_std + asked._oracle.gpr._y_train_mean
    assert taken == pytest.approx([scores[number] for number in sorted(best + latest)])


def test_a_replayed_gaussian_process_with_few_points_proposes_the_same() -> None:
    whole = Simulated(proposer("bayesian", asked=one_rate, points=4), 2).run(8, random.Random(0))
    again = Simulated(proposer("bayesian", asked=one_rate, points=4), 2)
    again.replay(whole.events)
    went_on = [each.run(10, random.Random(1)).trials for each in (whole, again)]
    assert went_on[0] == went_on[1]


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
