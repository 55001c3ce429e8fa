"""The check finds a backward pass that decides otherwise than TensorFlow at ties and kinks, and other classic slips."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check.case import Case
from keras_suite.models.gradient_check.check import check
from keras_suite.models.ops.activations import relu
from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.pooling import max_pooling2d


def errors(case: Case) -> list[str]:
    return [f"{case.op.name}: {f.comparison}" for f in check(case) if not f.passed]


def mutated(case: Case, backward: Callable[[Any, Any], Any]) -> Case:
    return replace(case, op=replace(case.op, backward=backward))


@pytest.mark.parametrize("method", ["primitive", "derivation"])
def test_the_last_of_equal_maxima_instead_of_the_first_is_found(method: str) -> None:
    x = np.array([[3.0, 3.0], [1.0, 3.0]]).reshape(1, 2, 2, 1)
    case = Case(
        max_pooling2d, (x,), lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), {"method": method}, differences=False
    )

    def last_wins(dy: Any, cache: Any) -> Any:
        [dx] = max_pooling2d.backward(dy, cache)
        return (dx[:, ::-1, ::-1],)  # the first in row-major order is the last of the turned image

    assert errors(case) == []
    assert errors(mutated(case, last_wins)) == ["max_pooling2d: autodiff"]


def test_one_instead_of_zero_at_the_kink_of_relu_is_found() -> None:
    x = np.array([[-1.0, 0.0, 2.0]])
    case = Case(relu, (x,), tf.nn.relu, differences=False)
    assert errors(case) == []
    assert errors(mutated(case, lambda dy, y: (dy * tf.cast(y >= 0, dy.dtype),))) == ["relu: autodiff"]


def convolution() -> Case:
    random = np.random.default_rng(0)
    tensors = (random.normal(size=(2, 5, 4, 2)), random.normal(size=(3, 3, 2, 3)), random.normal(size=3))

    def reference(x: Any, kernel: Any, bias: Any) -> Any:
        return tf.nn.conv2d(x, kernel, 1, "VALID") + bias

    return Case(conv2d, tensors, reference, {"method": "derivation"}, linear_in=(0, 1))


@pytest.mark.parametrize(
    ("slip", "change"),
    [
        ("dbias is the mean", lambda dx, dw, db: (dx, dw, db / 12)),
        ("dbias is that of one image", lambda dx, dw, db: (dx, dw, db / 2)),
        ("height and width of the kernel swapped", lambda dx, dw, db: (dx, tf.transpose(dw, [1, 0, 2, 3]), db)),
        ("the kernel's gradient is rotated", lambda dx, dw, db: (dx, dw[::-1, ::-1], db)),
        ("channels and filters swapped", lambda dx, dw, db: (dx, tf.transpose(dw, [0, 1, 3, 2]), db)),
        ("a sign", lambda dx, dw, db: (-dx, dw, db)),
    ],
)
def test_a_classic_slip_is_found(slip: str, change: Any) -> None:
    case = convolution()
    assert errors(case) == []
    found = errors(mutated(case, lambda dy, cache: change(*conv2d.backward(dy, cache))))
    assert found, slip
    assert all(text.startswith("conv2d: ") for text in found)
