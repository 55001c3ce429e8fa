"""The parabola of `step_size`: what its docstring says of rates."""

import numpy as np
import pytest

from keras_suite.experiments.catalog.step_size import armijo, descent, searched


@pytest.mark.parametrize("curvature", [0.5, 4.0, 300.0])
@pytest.mark.parametrize(("times", "converges"), [(0.01, True), (1.0, True), (1.99, True), (2.0, False), (2.01, False)])
def test_gradient_descent_converges_exactly_for_rates_below_2_by_the_curvature(
    curvature: float, times: float, converges: bool
) -> None:
    x = np.abs(descent(curvature, times / curvature, steps=2000))
    assert (x[-1] < 1e-6) == converges
    assert (x[1] < x[0]) == converges


def test_the_course_is_that_of_steps_down_the_gradient() -> None:
    x = 3.0
    for expected in descent(2.0, 0.3, steps=4, start=3.0):
        assert x == pytest.approx(expected)
        x -= 0.3 * 2.0 * x


@pytest.mark.parametrize("curvature", [0.01, 1.0, 77.0, 1e4])
def test_a_line_search_goes_down_whatever_the_curvature(curvature: float) -> None:
    path, rate = searched(curvature, steps=30)
    assert rate < 2 / curvature
    assert (np.abs(path[1:]) <= np.abs(path[:-1])).all()


def test_armijo_takes_the_first_rate_that_keeps_its_promise() -> None:
    # f = x^2 at 1, slope 2: f(1 - 2 r) <= 1 - 0.1 * 4 r holds for 0 < r <= 0.9, of 8, 4, 2, 1, 0.5 first for 0.5.
    assert armijo(lambda x: x**2, 2.0, 1.0, first=8.0) == 0.5
    assert armijo(lambda x: x**2, 2.0, 1.0, first=0.89) == 0.89
    assert armijo(lambda x: x**2, 2.0, 1.0, first=0.91) == 0.455
