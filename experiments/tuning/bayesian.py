"""The Bayesian oracle: a few trials that fill the space evenly, then those that a Gaussian process promises most of."""

import warnings
from typing import Any

import numpy as np
import threadpoolctl
from keras_tuner.engine.oracle import Oracle
from scipy.stats import qmc

from keras_suite.experiments.tuning.axes import Axes
from keras_suite.experiments.tuning.choice import START
from keras_suite.experiments.tuning.gaussian_process import believing, fit, normal_scores, promising
from keras_suite.experiments.tuning.proposing import OnlyProposes

FEW = 16  # values up to which an axis is not moved along but drawn from
LOOKED_AT = 50  # the most promising points, of which the first that was not tried is taken


class Bayesian(OnlyProposes, Oracle):
    """Fills the space evenly, then fits a Gaussian process to the ranks of the scores.

    A proposal depends on the seed, its number and what is known of the trials before it, and on nothing else: a sweep
    that is resumed needs no other state, and fits nothing again for the trials that its journal has.

    Args:
        points: The most trials that the process is fitted to, half of them the best, the others the latest; None for
            all, which takes time with the third power of their number.
        start: Trials with a score before the first fit.
        options: KerasTuner's.
    """

    def __init__(self, points: int | None = None, start: int = START, **options: Any) -> None:
        super().__init__(**options)
        self._points, self._start = points, start
        self._known: dict[str, Any] | None = None

    def remember(self, values: dict[str, Any], fitted: Any) -> None:
        """Announce the values of the next proposal."""
        self._known = values

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next trial's values, computed or remembered; "STOPPED" when every combination was tried."""
        values, self._known = self._known, None
        if len(self.trials) < len(self.starts):
            return super().populate_space(trial_id)
        if values is None:
            axes = Axes(self.hyperparameters)
            scored = [trial for trial in self.trials.values() if trial.status == "COMPLETED"]
            points = self._promising(axes) if len(scored) >= self._start else self._even(axes)
            proposals = (axes.values(point) for point in points.tolist())
            values = next((each for each in proposals if not self._duplicate(each)), None) or self._random_values()
        return {"status": "STOPPED" if values is None else "RUNNING", "values": values}

    def _even(self, axes: Axes) -> np.ndarray:
        """Return the Sobol sequence's points (n, axes) from this trial's on."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of numbers of points that are no powers of 2
            points = qmc.Sobol(len(axes), rng=np.random.default_rng(self.seed)).random(len(self.trials) + LOOKED_AT)
        return points[len(self.trials) :]

    def _promising(self, axes: Axes) -> np.ndarray:
        ended = [trial for trial in self.trials.values() if trial.status in ("COMPLETED", "FAILED")]
        sign = 1 if self.objective.direction == "max" else -1
        scores = np.array([sign * trial.score if trial.score is not None else -np.inf for trial in ended])
        running = [trial for trial in self.trials.values() if trial.status == "RUNNING"]
        discrete = np.array([axis.count is not None and axis.count <= FEW for axis in axes.all])
        chance = np.random.default_rng([self.seed, len(self.trials)])
        with threadpoolctl.threadpool_limits(1):  # of small matrices: several threads wait for each other
            points = self._best_points(axes, ended, scores, self._places(axes, running), discrete, chance)
            return points[:LOOKED_AT]

    def _best_points(
        self, axes: Axes, ended: list[Any], scores: np.ndarray, running: np.ndarray, discrete: np.ndarray, chance: Any
    ) -> np.ndarray:
        """Return points of the cube, the best to try first.

        Args:
            axes: Those of the space.
            ended: The trials that have ended.
            scores: Theirs (n,), higher is better; -inf of those that failed.
            running: The places (m, axes) of those under way.
            discrete: Which axes (axes,) have a few values.
            chance: NumPy's random generator.
        """
        kept = self._kept(scores)
        places = self._places(axes, ended)[kept]
        process = fit(axes.columns(places), normal_scores(scores[kept]))
        if len(running):
            process = believing(process, axes.columns(running))
        return promising(process, places, axes.columns, discrete, chance)

    def _places(self, axes: Axes, trials: list[Any]) -> np.ndarray:
        return np.array([axes.places(trial.hyperparameters.values) for trial in trials])

    def _kept(self, scores: np.ndarray) -> np.ndarray:
        """Return the indices of the trials that the process is fitted to, in their order."""
        everything = np.arange(len(scores))
        if self._points is None or len(scores) <= self._points:
            return everything
        best = np.argsort(-scores, kind="stable")[: (self._points + 1) // 2]
        others = np.setdiff1d(everything, best)
        return np.sort(np.r_[best, others[-(self._points // 2) :]])
