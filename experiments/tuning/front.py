"""The Bayesian oracle of two objectives: it looks for what adds most to the front of score and cost.

A Gaussian process of the scores' ranks and one of the logarithms of the costs; the next trial is where, by the optimism
of both, the hypervolume that the front encloses would grow most (Ponweiser and others 2008, SMS-EGO). It found more of
the front than a weighted sum with random weights (ParEGO, Knowles 2006) does: benchmarks/two_objectives.py.
"""

from typing import Any

import numpy as np

from keras_suite.experiments.tuning.axes import Axes
from keras_suite.experiments.tuning.bayesian import Bayesian
from keras_suite.experiments.tuning.gaussian_process import STARTS, believing, fit, highest, normal_scores, optimistic

MARGIN = 0.1  # of the range of the costs: so far beyond the highest of them lies the corner of the hypervolume


class OfFront(Bayesian):
    """Fills the space evenly, then looks for the front: as `Bayesian`, of which it is the case with a cost, too."""

    def _best_points(
        self, axes: Axes, ended: list[Any], scores: np.ndarray, running: np.ndarray, discrete: np.ndarray, chance: Any
    ) -> np.ndarray:
        known = np.array([trial.cost is not None for trial in ended])
        cheapness = np.full(len(ended), -np.inf)
        cheapness[known] = [-np.log(max(trial.cost, np.finfo(float).tiny)) for trial in ended if trial.cost is not None]
        kept = self._kept(-beaten_by(scores, cheapness))
        places = self._places(axes, ended)
        with_cost = kept[known[kept]]
        of_score = fit(axes.columns(places[kept]), normal_scores(scores[kept]))
        of_cost = fit(axes.columns(places[with_cost]), _standardised(cheapness[with_cost]))
        if len(running):
            of_score, of_cost = (believing(each, axes.columns(running)) for each in (of_score, of_cost))
        expected = np.stack([each.predict(axes.columns(places[with_cost])) for each in (of_score, of_cost)], axis=1)

        def promise(points: np.ndarray) -> np.ndarray:
            x = axes.columns(points)
            return gain(np.stack([optimistic(each, x) for each in (of_score, of_cost)], axis=1), expected)

        best = np.argsort(-promise(places[with_cost]), kind="stable")[:STARTS]
        return highest(promise, places[with_cost][best], discrete, chance)


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / (values.std() or 1.0)


def beaten_by(scores: np.ndarray, cheapness: np.ndarray) -> np.ndarray:
    """Return by how many trials each (n,) is beaten in both, or in one and equalled in the other; float64."""
    both = np.stack([scores, cheapness], axis=1)
    no_worse = (both[None] >= both[:, None]).all(axis=2)
    better = (both[None] > both[:, None]).any(axis=2)
    return (no_worse & better).sum(axis=1).astype(float)


def gain(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return the area (n,) that each point adds to that which the seen ones enclose; both objectives higher are better.

    Of a point that adds none it is how far it lies behind the front, negative.

    Args:
        points: (n, 2).
        seen: (m, 2) scores and cheapness, whose front is meant. The corner of the area is their median score, below
            which cheapness is worth nothing, and a little more than the highest cost.
    """
    corner = np.median(seen[:, 0]), seen[:, 1].min() - MARGIN * np.ptp(seen[:, 1]) - 1e-6
    front = seen[beaten_by(seen[:, 0], seen[:, 1]) == 0]
    front = front[np.argsort(-front[:, 1], kind="stable")]  # the cheapest first, so the scores rise
    ends = np.r_[np.inf, front[:, 1], corner[1]]
    heights = np.maximum(np.r_[corner[0], front[:, 0]], corner[0])
    width = np.clip(np.minimum(points[:, 1:], ends[:-1]) - ends[1:], 0.0, None)
    area = (width * np.clip(points[:, :1] - heights, 0.0, None)).sum(axis=1)
    behind = np.clip(front[None] - points[:, None], 0.0, None).sum(axis=2).min(axis=1)
    return np.where(area > 0, area, -behind)
