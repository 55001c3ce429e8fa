"""What benchmarks/trials_needed.py counts: regret at an equal budget of epochs, and KerasTuner's own oracle."""

import warnings

import numpy as np
import pytest
from keras_tuner import HyperParameters, Objective
from keras_tuner.oracles import BayesianOptimizationOracle

from benchmarks.keras_tuner_oracle import KerasTunersBayesian
from benchmarks.lcbench import LONGEST, NAMES, Surrogate
from benchmarks.search_regret import Run
from benchmarks.trials_needed import keras_tuner_side, regrets_of, whole_repetitions


class Line(Surrogate):
    """Accuracy is a number of epochs, or 100 at the best point."""

    def accuracy(self, task: str, values: np.ndarray, epoch: int = LONGEST) -> np.ndarray:
        return np.array([float(epoch)])


def test_short_trials_count_by_their_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.lcbench.NOISE", 0.0)
    run = Run(Line(None), "any", 1, 100.0)  # type: ignore[arg-type]
    for epoch, since in ((26, 0), (26, 0), (52, 26), (52, 0)):
        run.score([0.0] * len(NAMES), epoch, since)
    assert run.epochs == 130
    assert run.regrets(3) == [74.0, 48.0, 48.0]


@pytest.mark.slow
def test_with_the_gradient_keras_tuners_oracle_proposes_what_it_did() -> None:
    def proposals(oracle_class: type[BayesianOptimizationOracle]) -> list[list[float]]:
        known = HyperParameters()
        for name in ("a", "b"):
            known.Float(name, 0.0, 1.0)
        oracle = oracle_class(Objective("val_accuracy", "max"), 9, 4, seed=1, hyperparameters=known)
        tried: list[list[float]] = []

        class Landscape:
            names, longest = ("a", "b"), LONGEST

        class Told:
            epochs, landscape = 0, Landscape()

            def score(self, values: list[float], epoch: int, since: int) -> float:
                tried.append(values)
                self.epochs += LONGEST
                return 1 - (values[0] - 0.3) ** 2 - (values[1] - 0.6) ** 2

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keras_tuner_side(Told(), lambda: oracle, 7)  # type: ignore[arg-type]
        return tried

    assert np.array(proposals(KerasTunersBayesian)) == pytest.approx(
        np.array(proposals(BayesianOptimizationOracle)), abs=1e-3
    )


def test_of_runs_that_broke_off_the_whole_repetitions_count() -> None:
    runs = {("random", task, seed): [float(seed)] for task in ("a", "b") for seed in (1, 2, 3)}
    del runs["random", "b", 3]
    assert whole_repetitions(runs, "random", ["a", "b"], 20) == 2
    assert whole_repetitions(runs, "random", ["a"], 20) == 3 and whole_repetitions(runs, "random", ["a"], 2) == 2
    assert whole_repetitions(runs, "bayesian", ["a"], 20) == 0
    assert regrets_of(runs, "random", ["a", "b"], 2).tolist() == [[[1.0], [1.0]], [[2.0], [2.0]]]
