"""KerasTuner's oracles as a sweep needs them: they only propose. What was, is the journal's to remember.

Left out are their JSON files (each rewritten as a whole for every trial), their printing, and the limit on failures
in a row, at which they raise.
"""

import copy
from typing import Any, Literal

import numpy as np
from keras_tuner import HyperParameters, Objective
from keras_tuner.oracles import BayesianOptimizationOracle, GridSearchOracle, HyperbandOracle, RandomSearchOracle
from sklearn.gaussian_process.kernels import Matern

Tuner = Literal["random", "bayesian", "hyperband", "grid"]
MOST_TRIALS = 99_999
FOR_SEED_0 = 2**31 - 1  # to KerasTuner 0 is no seed but a request for a random one


class _OnlyProposes:
    """Before KerasTuner's class: replaces what it does besides proposing."""

    verbose: int

    def fitted(self) -> Any:
        """What the latest proposal was computed from, as a JSON value that spares computing it again; or None."""
        return None

    def remember(self, values: dict[str, Any], fitted: Any) -> None:
        """Said before a proposal that is known: its values, and what `fitted` gave after it."""

    def save(self) -> None:
        """Nothing."""

    def _save_trial(self, trial: Any) -> None:
        """Nothing."""

    def _check_consecutive_failures(self) -> None:
        """Nothing: the driver counts failures."""


class Random(_OnlyProposes, RandomSearchOracle):
    """Draws every trial at random."""


class Bayesian(_OnlyProposes, BayesianOptimizationOracle):
    """Fits a Gaussian process to the scores, after three random trials for each hyperparameter.

    A fit takes longer with every trial, and most of it is the search for one length scale. With that remembered, all
    else is as it was after a proposal: the process, which at the next one guesses the scores of trials under way, and
    the random generator.

    With `points` the process is fitted to so many trials at most: half of them the best, the others the latest. To all
    of them it takes the third power of their number.
    """

    _RESTARTS = 50  # of KerasTuner's search for the best point, each drawn from the generator

    def __init__(self, points: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._points = points
        self._known: tuple[dict[str, Any], float] | None = None
        self._fitted: float | None = None

    def fitted(self) -> float | None:
        """The length scale; None while trials are random."""
        return self._fitted

    def remember(self, values: dict[str, Any], fitted: float | None) -> None:
        """The next proposal has these values and this length scale."""
        self._known = None if fitted is None else (values, fitted)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The next trial, computed or remembered."""
        if self._known is None:
            before: Any = getattr(self.gpr, "kernel_", None)
            found = super().populate_space(trial_id)
            kernel: Any = getattr(self.gpr, "kernel_", None)
            self._fitted = None if kernel is before else float(kernel.length_scale)
            return found
        (values, self._fitted), self._known = self._known, None
        x, y = (np.nan_to_num(each, posinf=0, neginf=0) for each in self._vectorize_trials())
        self.gpr: Any = self._make_gpr().set_params(kernel=Matern(self._fitted, nu=2.5), optimizer=None).fit(x, y)
        self.gpr.set_params(**self._make_gpr().get_params(deep=False))  # the next fit searches again
        self._random_state.uniform(size=(self._RESTARTS, len(self._get_hp_bounds())))
        return {"status": "RUNNING", "values": values}

    def _vectorize_trials(self) -> tuple[np.ndarray, np.ndarray]:
        """Values (n, hyperparameters) of the trials, and their scores (n,), of which the lowest is the best."""
        x, y = super()._vectorize_trials()
        if self._points is None or len(y) <= self._points:
            return x, y
        best = np.argsort(y, kind="stable")[: (self._points + 1) // 2]
        others = np.setdiff1d(np.arange(len(y)), best)
        kept = np.sort(np.concatenate([best, others[-(self._points // 2) :]]))
        return x[kept], y[kept]


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
    points: int | None = None,
) -> Any:
    """A fresh oracle that has seen nothing. `max_epochs` and `iterations` are Hyperband's, `points` the Bayesian's."""
    given: dict[str, Any] = {
        "objective": objective,
        "hyperparameters": copy.deepcopy(space),
        "seed": seed or FOR_SEED_0,
    }
    if tuner == "hyperband":
        made: Any = Hyperband(**given, max_epochs=max_epochs, hyperband_iterations=iterations)
    elif tuner == "bayesian":
        made = Bayesian(**given, max_trials=MOST_TRIALS, points=points)
    else:
        made = {"random": Random, "grid": Grid}[tuner](**given, max_trials=MOST_TRIALS)
    made.verbose = 0
    return made
