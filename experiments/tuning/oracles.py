"""KerasTuner's oracles as a sweep needs them: they only propose. What was, is the journal's to remember.

Left out are their JSON files (each rewritten as a whole for every trial), their printing, and the limit on failures
in a row, at which they raise.
"""

import copy
from typing import Any, Literal

from keras_tuner import HyperParameters, Objective
from keras_tuner.oracles import BayesianOptimizationOracle, GridSearchOracle, HyperbandOracle, RandomSearchOracle

Tuner = Literal["random", "bayesian", "hyperband", "grid"]
MOST_TRIALS = 99_999
FOR_SEED_0 = 2**31 - 1  # to KerasTuner 0 is no seed but a request for a random one


class _OnlyProposes:
    """Before KerasTuner's class: replaces what it does besides proposing."""

    verbose: int

    def save(self) -> None:
        """Nothing."""

    def _save_trial(self, trial: Any) -> None:
        """Nothing."""

    def _check_consecutive_failures(self) -> None:
        """Nothing: the driver counts failures."""


class Random(_OnlyProposes, RandomSearchOracle):
    """Draws every trial at random."""


class Bayesian(_OnlyProposes, BayesianOptimizationOracle):
    """Fits a Gaussian process to the scores, after three random trials for each hyperparameter."""


class Hyperband(_OnlyProposes, HyperbandOracle):
    """Trains many for few epochs, and goes on with the best."""


class Grid(_OnlyProposes, GridSearchOracle):
    """Tries all combinations, beginning with the defaults."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The next combination. KerasTuner's would wait for this trial's end before it gives the one after it."""
        found = super().populate_space(trial_id)
        if found["status"] == "RUNNING":
            self._populate_next.append(trial_id)
        return found

    def update_space(self, hyperparameters: HyperParameters) -> None:
        """Refuses what was not known from the beginning: KerasTuner's would fail at it, or repeat combinations."""
        for each in hyperparameters.space:
            if not self.hyperparameters._exists(each.name, each.conditions):
                raise ValueError(
                    f"space(hp) asks for {each.name!r} at some values of others only: for a grid put it under "
                    "`with hp.conditional_scope(name, [values]):`"
                )


def oracle(
    tuner: Tuner,
    space: HyperParameters,
    objective: Objective,
    seed: int,
    *,
    max_epochs: int | None = None,
    iterations: int = 1,
) -> Any:
    """A fresh oracle that has seen nothing. `max_epochs` and `iterations` are Hyperband's."""
    given: dict[str, Any] = {
        "objective": objective,
        "hyperparameters": copy.deepcopy(space),
        "seed": seed or FOR_SEED_0,
    }
    if tuner == "hyperband":
        made: Any = Hyperband(**given, max_epochs=max_epochs, hyperband_iterations=iterations)
    else:
        made = {"random": Random, "bayesian": Bayesian, "grid": Grid}[tuner](**given, max_trials=MOST_TRIALS)
    made.verbose = 0
    return made
