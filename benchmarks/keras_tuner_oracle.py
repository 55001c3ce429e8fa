"""KerasTuner's own Bayesian oracle, with the gradient of its acquisition in place of finite differences.

KerasTuner's search for the best point calls scikit-learn's `predict` on one point some 12,000 times a proposal, which
takes 100 s of the processor for the 13 proposals of a run with 7 hyperparameters; with the gradient, a few. What
is searched for, from where and by which method is as in KerasTuner 1.4.8: tests/benchmarks/test_trials_needed.py
compares both.
"""

from typing import Any

import numpy as np
import scipy.optimize
from keras_tuner.oracles import BayesianOptimizationOracle

RESTARTS = 50


class LowerBound:
    """The acquisition: mean minus `beta` standard deviations, of which the lowest is the best, and its gradient."""

    def __init__(self, process: Any, beta: float) -> None:
        self._points, self._alpha, self._length = process.X_train_, process.alpha_, float(process.kernel_.length_scale)
        self._mean, self._scale, self._beta = float(process._y_train_mean), float(process._y_train_std), beta
        inverse = np.linalg.inv(process.L_)
        self._precision = inverse.T @ inverse

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        apart = (x - self._points) / self._length
        distance = np.sqrt(5 * (apart**2).sum(axis=1))
        decay = np.exp(-distance)
        similar = (1 + distance + distance**2 / 3) * decay
        slope = (-5 / 3 * (1 + distance) * decay)[:, None] * apart / self._length
        told = self._precision @ similar
        deviation = np.sqrt(max(1 - similar @ told, 1e-12))
        value = self._mean + self._scale * (similar @ self._alpha - self._beta * deviation)
        return float(value), self._scale * (slope.T @ self._alpha + self._beta * (slope.T @ told) / deviation)


class KerasTunersBayesian(BayesianOptimizationOracle):
    """Proposes what KerasTuner's oracle does, sooner."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next trial's values."""
        completed = sum(trial.status == "COMPLETED" for trial in self.trials.values())
        if completed < (self.num_initial_points or max(3 * len(self.hyperparameters.space), 3)):
            return self._random_populate_space()
        self.gpr.fit(*self._vectorize_trials())
        bound, bounds = LowerBound(self.gpr, self.beta), self._get_hp_bounds()
        seeds = self._random_state.uniform(bounds[:, 0], bounds[:, 1], size=(RESTARTS, bounds.shape[0]))
        found = [scipy.optimize.minimize(bound, seed, jac=True, bounds=bounds, method="L-BFGS-B") for seed in seeds]
        best = min(found, key=lambda each: each.fun)
        return {"status": "RUNNING", "values": self._vector_to_values(best.x)}
