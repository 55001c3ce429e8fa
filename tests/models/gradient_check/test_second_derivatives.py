"""Differentiated twice: every op is right, and an op that takes its forward pass for a constant is found."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check import CASES
from keras_suite.models.gradient_check.check import Case, Finding
from keras_suite.models.gradient_check.op_check import differentiated_twice, drawn
from keras_suite.models.gradient_check.second_derivatives import check_second_derivative
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.transposed_convolution import conv2d_transpose

X = np.array([0.3, -1.2, 0.7])


def cube(backward: Any) -> Case:
    def forward(x: Any) -> tuple[Any, Any]:
        return x**3, x

    return Case(Op("cube", forward, backward), (X,), lambda x: x**3)


def test_a_pass_that_takes_its_cache_for_a_constant_is_found() -> None:
    right = cube(lambda dy, x: (3 * dy * x**2,))
    assert all(finding.passed for finding in check_second_derivative(right))
    constant = cube(lambda dy, x: (3 * dy * tf.stop_gradient(x) ** 2,))
    findings = check_second_derivative(constant)
    assert [finding.comparison for finding in findings] == ["second derivative eager", "second derivative graph"]
    assert all(finding.error > 1000 for finding in findings)
    half = cube(lambda dy, x: (3 * dy * x * tf.stop_gradient(x),))
    assert all(finding.error > 1000 for finding in check_second_derivative(half))


def test_on_a_kink_there_is_none() -> None:
    case = Case(
        Op("relu", lambda x: (tf.nn.relu(x), x), lambda dy, x: (dy,)), (np.zeros(2),), tf.nn.relu, differences=False
    )
    assert check_second_derivative(case) == []


@pytest.mark.parametrize("method", ["primitive", "derivation"])
def test_a_dilated_transposed_convolution_is_differentiated_twice_where_tensorflow_cannot(method: str) -> None:
    random = np.random.default_rng(0)
    x, kernel = random.normal(size=(1, 2, 3, 2)), random.normal(size=(2, 2, 3, 2))
    case = Case(conv2d_transpose, (x, kernel), tf.nn.relu, {"dilation": 2, "stride": (1, 2), "method": method})
    assert all(finding.passed for finding in check_second_derivative(case))


@pytest.mark.slow
@pytest.mark.parametrize("op", CASES)
def test_every_op_is_differentiated_twice(op: str) -> None:
    findings: list[Finding] = []
    for number, case in enumerate(drawn(op, 8, seed=1)):
        findings += differentiated_twice(case, number)
    assert findings
    assert [finding for finding in findings if not finding.passed] == []
