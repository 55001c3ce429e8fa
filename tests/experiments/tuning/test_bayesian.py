"""The Bayesian oracle: an even start, then better trials; the same again from a journal, and nothing twice."""

import random
from typing import Any

import numpy as np
import pytest

from keras_suite.experiments.tuning import bayesian
from keras_suite.experiments.tuning.choice import START
from tests.experiments.tuning.simulated import Simulated, one_rate, proposer, score, space


def test_it_comes_nearer_than_random_search() -> None:
    def best(tuner: Any, seed: int) -> float:
        return max(map(score, Simulated(proposer(tuner, seed, space), 1).run(15, random.Random(0)).trials))

    differences = [best("bayesian", seed) - best("random", seed) for seed in range(1, 6)]
    assert np.mean(differences) > 0 and np.median(differences) >= 0


def test_the_start_is_spread_over_the_range_and_follows_the_seed() -> None:
    def start(seed: int) -> list[float]:
        trials = Simulated(proposer("bayesian", seed, one_rate), 1).run(START, random.Random(0)).trials
        return [float(trial.values["rate"]) for trial in trials]

    assert start(1) == start(1) != start(2)
    assert np.ptp(np.log10(start(1))) > 1


def test_a_journal_is_replayed_without_a_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, again = (Simulated(proposer("bayesian", asked=one_rate), 2) for _ in range(2))
    whole.run(8, random.Random(0))
    with monkeypatch.context() as patched:
        patched.setattr(bayesian, "fit", None)
        again.replay(whole.events)
    went_on = [each.run(10, random.Random(1)).trials for each in (whole, again)]
    assert len(went_on[0]) == 10
    assert went_on[0] == went_on[1]


def test_a_few_points_are_the_best_and_the_latest_trials() -> None:
    scores = np.array([5.0, 1.0, 9.0, 2.0, -np.inf, 3.0])
    asked: Any = proposer("bayesian", asked=one_rate, points=5)
    assert asked._oracle._kept(scores).tolist() == [0, 2, 3, 4, 5]
    assert asked._oracle._kept(scores[:5]).tolist() == [0, 1, 2, 3, 4]


def test_no_combination_is_tried_twice_and_all_are_in_the_end() -> None:
    def small(hp: Any) -> dict[str, Any]:
        return {"model.units": [hp.Choice("units", [8, 16])], "model.dropout": hp.Float("rate", 0.0, 0.5, step=0.25)}

    trials = Simulated(proposer("bayesian", asked=small), 1).run(99, random.Random(0)).trials
    assert len({str(trial.values) for trial in trials}) == len(trials) == 6


def test_what_failed_counts_as_the_worst() -> None:
    fails = range(4, 40, 2)
    assert len(Simulated(proposer("bayesian", asked=one_rate), 1, fails).run(12, random.Random(0)).trials) == 12
