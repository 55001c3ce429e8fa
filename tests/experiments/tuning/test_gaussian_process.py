"""What the process makes of a few scores, and where it would look next."""

import numpy as np

from keras_suite.experiments.tuning.gaussian_process import believing, fit, normal_scores, promising


def valley(x: np.ndarray) -> np.ndarray:
    return -((x[:, 0] - 0.7) ** 2)


def test_one_absurd_score_does_not_flatten_the_others() -> None:
    scores = normal_scores(np.array([-1e9, -0.5, -0.4, -0.3]))
    assert np.diff(scores).min() > 0.5 and abs(scores).max() < 2


def test_the_process_finds_which_column_matters() -> None:
    x = np.random.default_rng(0).random((30, 2))
    process = fit(x, normal_scores(valley(x)))
    first, second = process.kernel_.k1.k2.length_scale
    assert second > 3 * first


def test_the_most_promising_point_nears_the_best_and_what_is_under_way_is_left_alone() -> None:
    chance = np.random.default_rng(1)
    x = chance.random((12, 1))
    process = fit(x, normal_scores(valley(x)))
    none = np.array([False])
    best = promising(process, x, lambda points: points, none, np.random.default_rng(2))[0]
    assert abs(best[0] - 0.7) < 0.15
    after = believing(process, best[None])
    mean, deviation = process.predict(best[None], return_std=True)
    again, narrower = after.predict(best[None], return_std=True)
    assert narrower[0] < deviation[0] and abs(again[0] - mean[0]) < 0.05


def test_values_from_a_few_are_drawn_and_not_moved() -> None:
    x = np.random.default_rng(1).random((9, 2))
    process = fit(x, normal_scores(valley(x)))
    points = promising(process, x, lambda points: points, np.array([True, True]), np.random.default_rng(2))
    assert points.min() >= 0 and points.max() <= 1 and len(points) > 50
