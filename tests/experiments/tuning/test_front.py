"""The Bayesian oracle of two objectives: what adds to the front is sought, and a journal is replayed without a fit."""

from typing import Any

import numpy as np
import pytest
from keras_tuner import Objective

from keras_suite.experiments.tuning import front
from keras_suite.experiments.tuning.front import OfFront, beaten_by, gain
from keras_suite.experiments.tuning.journal import Trial
from keras_suite.experiments.tuning.oracles import SweepOracle, make_oracle
from keras_suite.experiments.tuning.space import all_hyperparameters


def space(hp: Any) -> dict[str, Any]:
    return {"units": hp.Int("units", 1, 64, sampling="log"), "rate": hp.Float("rate", 0.0, 1.0)}


def numbers(trial: Trial) -> tuple[float, float]:
    """More units are better and dearer, and the rate has a best place."""
    units, rate = trial.values["units"], trial.values["rate"]
    return float(np.log2(units) - 9 * (rate - 0.7) ** 2), 10.0 * units


def asked(tuner: Any = "bayesian", seed: int = 1) -> SweepOracle:
    known = all_hyperparameters(space)
    return SweepOracle(make_oracle(tuner, known, Objective("val_accuracy", "max"), seed, two=True), space)


def search(oracle: SweepOracle, trials: int, fails: tuple[int, ...] = ()) -> list[Trial]:
    made = []
    for number in range(trials):
        trial = oracle.create_trial()
        assert isinstance(trial, Trial)
        made.append(trial)
        if number in fails:
            oracle.end_trial(number, None, "blew up")
        else:
            oracle.end_trial(number, *numbers(trial)[:1], cost=numbers(trial)[1])
    return made


def area(trials: list[Trial]) -> float:
    """What they enclose above a score of 0 and below the logarithm of the highest cost."""
    total, height = 0.0, 0.0
    for score, cost in sorted((numbers(trial) for trial in trials), key=lambda each: each[1]):
        if score > height:
            total, height = total + (score - height) * np.log(640 / cost), score
    return total


def test_it_finds_more_of_the_front_than_random_search() -> None:
    ahead = [area(search(asked(), 14)), area(search(asked(seed=2), 14))]
    behind = [area(search(asked("random", seed), 14)) for seed in (1, 2)]
    assert min(ahead) > max(behind)


def test_the_gain_is_the_area_that_a_point_adds_and_behind_the_front_its_distance() -> None:
    seen = np.array(
        [[0.0, 3.0], [2.0, 2.0], [3.0, 0.0], [1.0, 1.0], [1.5, 1.5]]
    )  # median score 1.5, corner (1.5, -0.3)
    added = gain(np.array([[3.0, 2.0], [2.5, 1.0], [2.0, 2.0], [1.0, 1.0], [2.0, 4.0]]), seen)
    assert added[0] == pytest.approx(2.0, abs=1e-5), "one wide from 0 to 2"
    assert added[1] == pytest.approx(0.5, abs=1e-5)
    assert added[2] == 0
    assert added[3] == pytest.approx(-2.0), "nearest to (2, 2)"
    assert added[4] == pytest.approx(0.5 * 2.0, abs=1e-5), "above the median alone, and cheaper than (2, 2)"


def test_failed_trials_are_beaten_by_all_and_never_expected_to_be_cheap() -> None:
    assert beaten_by(np.array([1.0, 2.0, -np.inf]), np.array([2.0, 1.0, -np.inf])).tolist() == [0, 0, 2]
    assert len(search(asked(), 9, fails=(0, 5, 6))) == 9


def test_a_journal_is_replayed_without_a_fit_and_goes_on_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, again = asked(), asked()
    made = search(whole, 7)
    with monkeypatch.context() as patched:
        patched.setattr(front, "fit", None)
        for trial in made:
            assert again.create_trial(trial) == trial
            again.end_trial(trial.number, *numbers(trial)[:1], cost=numbers(trial)[1])
    assert whole.create_trial() == again.create_trial()


def test_one_objective_has_the_oracle_of_before() -> None:
    known, objective = all_hyperparameters(space), Objective("val_accuracy", "max")
    assert not isinstance(make_oracle("bayesian", known, objective, 1), OfFront)
    assert isinstance(make_oracle("bayesian", known, objective, 1, two=True), OfFront)
