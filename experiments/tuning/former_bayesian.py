"""The Bayesian oracle of sweeps that were begun by version 1 of the rules: they are resumed as they were begun."""

from typing import Any

import numpy as np
from keras_tuner.oracles import BayesianOptimizationOracle
from sklearn.gaussian_process.kernels import Matern

from keras_suite.experiments.tuning.proposing import OnlyProposes


class FormerBayesian(OnlyProposes, BayesianOptimizationOracle):
    """Fits KerasTuner's Gaussian process to the scores, after three random trials for each hyperparameter.

    A fit takes longer with every trial, and most of it is the search for one length scale. With a remembered length
    scale, all else is restored after a proposal: the process, which at the next one predicts the scores of trials under
    way, and the random generator.

    Args:
        points: The most trials that the process is fitted to, half of them the best, the others the latest; None for
            all, which takes time with the third power of their number.
        options: KerasTuner's.
    """

    _RESTARTS = 50  # of KerasTuner's search for the best point, each sampled from the generator

    def __init__(self, points: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._points = points
        self._known: tuple[dict[str, Any], float] | None = None
        self._fitted: float | None = None

    def fitted(self) -> float | None:
        """Return the length scale; None while trials are random."""
        return self._fitted

    def remember(self, values: dict[str, Any], fitted: float | None) -> None:
        """Announce the values and the length scale of the next proposal."""
        self._known = None if fitted is None else (values, fitted)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next trial's values, computed or remembered."""
        if self._known is None:
            before: Any = getattr(self.gpr, "kernel_", None)
            proposal = super().populate_space(trial_id)
            kernel: Any = getattr(self.gpr, "kernel_", None)
            self._fitted = None if kernel is before else float(kernel.length_scale)
            return proposal
        (values, self._fitted), self._known = self._known, None
        x, y = (np.nan_to_num(each, posinf=0, neginf=0) for each in self._vectorize_trials())
        self.gpr: Any = self._make_gpr().set_params(kernel=Matern(self._fitted, nu=2.5), optimizer=None).fit(x, y)
        self.gpr.set_params(**self._make_gpr().get_params(deep=False))  # the next fit searches again
        self._random_state.uniform(size=(self._RESTARTS, len(self._get_hp_bounds())))
        return {"status": "RUNNING", "values": values}

    def _vectorize_trials(self) -> tuple[np.ndarray, np.ndarray]:
        """Return values (n, hyperparameters) of the trials, and their scores (n,), of which the lowest is the best."""
        x, y = super()._vectorize_trials()
        if self._points is None or len(y) <= self._points:
            return x, y
        best = np.argsort(y, kind="stable")[: (self._points + 1) // 2]
        others = np.setdiff1d(np.arange(len(y)), best)
        kept = np.sort(np.concatenate([best, others[-(self._points // 2) :]]))
        return x[kept], y[kept]
