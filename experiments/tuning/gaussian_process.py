"""A Gaussian process of few noisy scores, and the point that promises most by it.

scikit-learn's regressor with a Matern kernel that has a length scale for each column. Likelihood alone finds length
scales of 0.05 or 20 in ten points, so each has a prior, as in BoTorch and in Optuna's GPSampler: see `fit`.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize
from scipy.stats import norm, rankdata
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

# Means and standard deviations of the logarithms' priors; chosen on other tasks than trials_needed.py reports.
SIGNAL, LENGTH, NOISE = (0.0, 1.0), (float(np.log(2.0)), 0.7), (-4.0, 1.0)
BETA = 2.0  # how many standard deviations of optimism a point is given
ITERATIONS = 60
AT_RANDOM, BEST, AROUND, WIDTHS, MOVED = 1500, 10, 30, (0.1, 0.05, 0.02), 0.4  # the search for the best point
STARTS = 3  # tried points around which others are looked for at first
Columns = Callable[[np.ndarray], np.ndarray]


def normal_scores(scores: np.ndarray) -> np.ndarray:
    """Return scores (n,), of which the highest is the best, as the normal quantiles of their ranks.

    One diverged trial with a loss of 1e9 would otherwise flatten all the others.
    """
    return norm.ppf((rankdata(scores) - 0.5) / len(scores))


def fit(x: np.ndarray, y: np.ndarray) -> GaussianProcessRegressor:
    """Return the process with the most probable kernel; x (n, columns) is in [0, 1], y (n,) about standard normal."""
    columns = x.shape[1]
    mean = np.array([SIGNAL[0], *[LENGTH[0]] * columns, NOISE[0]])
    deviation = np.array([SIGNAL[1], *[LENGTH[1]] * columns, NOISE[1]])

    def most_probable(objective: Any, initial: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, float]:
        def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = objective(theta)
            z = (theta - mean) / deviation
            return value + 0.5 * float(z @ z), gradient + z / deviation

        options = {"maxiter": ITERATIONS}
        found = scipy.optimize.minimize(loss, initial, jac=True, bounds=bounds, method="L-BFGS-B", options=options)
        return found.x, found.fun

    signal, length, noise = (np.exp(prior[0]) for prior in (SIGNAL, LENGTH, NOISE))
    kernel = ConstantKernel(signal, (0.05, 20)) * Matern([length] * columns, (0.05, 50), nu=2.5)
    process = GaussianProcessRegressor(kernel + WhiteKernel(noise, (1e-5, 1)), alpha=1e-6, optimizer=most_probable)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a length scale at its bound
        return process.fit(x, y)


def believing(process: GaussianProcessRegressor, x: np.ndarray) -> GaussianProcessRegressor:
    """Return the process as if the points x (n, columns), which are under way, had the scores that it expects."""
    again = GaussianProcessRegressor(process.kernel_, alpha=1e-6, optimizer=None)
    return again.fit(np.r_[process.X_train_, x], np.r_[process.y_train_, process.predict(x)])


def promising(
    process: GaussianProcessRegressor, tried: np.ndarray, columns: Columns, discrete: np.ndarray, chance: Any
) -> np.ndarray:
    """Return points (n, axes) of the unit cube, the most promising by mean and uncertainty first.

    Args:
        process: Fitted.
        tried: Points (n, axes) that were tried: around the best of them others are looked for.
        columns: The process's columns of points of the cube.
        discrete: Which axes (axes,) have a few values, from which others are drawn and not moved.
        chance: NumPy's random generator.
    """
    best = tried[np.argsort(-process.predict(columns(tried)), kind="stable")[:STARTS]]
    return highest(lambda points: optimistic(process, columns(points)), best, discrete, chance)


def optimistic(process: GaussianProcessRegressor, x: np.ndarray) -> np.ndarray:
    """Return what the points x (n, columns) may have without noise: the mean and two standard deviations more (n,)."""
    mean, deviation = process.predict(x, return_std=True)
    noise = np.exp(process.kernel_.theta[-1])
    return mean + BETA * np.sqrt(np.maximum(deviation**2 - noise, 1e-10))


def highest(
    promise: Callable[[np.ndarray], np.ndarray], best: np.ndarray, discrete: np.ndarray, chance: Any
) -> np.ndarray:
    """Return points (n, axes) of the unit cube that were looked at, those of the highest promise first.

    Args:
        promise: Returns that of points (n,).
        best: Points (m, axes) around which others are looked for.
        discrete, chance: As in `promising`.
    """

    def around(centres: np.ndarray, each: int, width: float) -> np.ndarray:
        points = np.repeat(centres, each, axis=0)
        moved = np.where(discrete, chance.random(points.shape), points + width * chance.standard_normal(points.shape))
        return np.clip(np.where(chance.random(points.shape) < MOVED, moved, points), 0, 1)

    points = np.r_[chance.random((AT_RANDOM, best.shape[1])), around(best, 100, WIDTHS[0])]
    values = promise(points)
    for width in WIDTHS:
        top = np.argsort(-values, kind="stable")[:BEST]
        new = around(points[top], AROUND, width)
        points, values = np.r_[points[top], new], np.r_[values[top], promise(new)]
    return points[np.argsort(-values, kind="stable")]
