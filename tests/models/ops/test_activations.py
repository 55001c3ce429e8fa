"""Activations, softmax and maxout at extreme inputs, at ties, and on inputs without channels."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops import activations
from keras_suite.models.ops.activations import METHODS, SOFTMAX_METHODS, maxout, softmax
from keras_suite.models.ops.op import Op


def derivative_at(op: Op, x: float, **options: Any) -> float:
    _, cache = op.forward(tf.constant([[x]]), **options)
    return float(op.backward(tf.constant([[1.0]]), cache)[0][0, 0])


DTYPES = ["float16", "bfloat16", "float32", "float64"]


def plain(tensor: Any) -> list[Any]:
    return np.asarray(tf.cast(tensor, tf.float64)).tolist()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("op", "values", "derivatives"),
    [
        (activations.sigmoid, [0, 0.5, 1], [0, 0.25, 0]),
        (activations.tanh, [-1, 0, 1], [0, 1, 0]),
        (activations.relu, [0, 0, 1000], [0, 0, 1]),
        (activations.elu, [-1, 0, 1000], [0, 1, 1]),
    ],
    ids=lambda value: getattr(value, "name", None),
)
@pytest.mark.parametrize("method", METHODS)
def test_at_a_thousand_on_either_side_nothing_overflows(
    op: Op, values: list[float], derivatives: list[float], dtype: str, method: str
) -> None:
    y, cache = op.forward(tf.constant([-1000.0, 0.0, 1000.0], dtype), method=method)
    assert plain(y) == values
    assert plain(op.backward(tf.ones_like(y), cache)[0]) == derivatives


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", [activations.tanh, activations.relu, activations.leaky_relu], ids=lambda op: op.name)
def test_the_kernels_that_are_the_default_agree_with_the_formulas_to_the_bit(op: Op, dtype: str) -> None:
    random = np.random.default_rng(0)
    x = tf.cast(np.concatenate([random.normal(size=100_000), [0.0, -0.0, 1e-8, 90, -90, np.inf, -np.inf]]), dtype)
    dy = tf.cast(random.normal(size=x.shape), dtype)

    @tf.function(autograph=False)
    def both(x: tf.Tensor, dy: tf.Tensor) -> Any:
        found = []
        for method in METHODS:
            y, cache = op.forward(x, method=method)
            found.append((y, *op.backward(dy, cache)))
        return found

    for one, other in zip(*both(x, dy), strict=True):
        assert plain(one) == plain(other)


@pytest.mark.parametrize("method", SOFTMAX_METHODS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_of_logits_a_thousand_apart(dtype: str, method: str) -> None:
    s, cache = softmax.forward(tf.constant([[-1000.0, 1000.0, 1000.0, 0.0]], dtype), method=method)
    assert plain(s) == [[0, 0.5, 0.5, 0]]
    [dx] = softmax.backward(tf.constant([[5.0, 1.0, 3.0, 7.0]], dtype), cache)
    assert plain(dx) == [[0, -0.5, 0.5, 0]]  # s (dy - sum s dy), and the sum is 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_of_many_equal_channels_maxout_takes_the_first(dtype: str) -> None:
    x = np.zeros((2, 3, 64))
    x[0, :, 5:60] = 1.0
    _, cache = maxout.forward(tf.constant(x, dtype), pieces=32)
    [dx] = maxout.backward(tf.ones((2, 3, 2), dtype), cache)
    expected = np.zeros((2, 3, 64))
    expected[0, :, [5, 32]] = expected[1, :, [0, 32]] = 1.0
    assert plain(dx) == expected.tolist()


def test_softmax_and_maxout_say_that_they_need_a_last_axis() -> None:
    with pytest.raises(ValueError, match=r"softmax: x is a single number, of shape \(\): expected the classes"):
        softmax(tf.ones([]))
    with pytest.raises(ValueError, match=r"maxout: x has shape \(\): expected a known number of channels"):
        maxout(tf.ones([]))
    unknown = tf.function(maxout, input_signature=[tf.TensorSpec((None, None))])
    with pytest.raises(ValueError, match=r"maxout: x has shape \(None, None\): expected a known number"):
        unknown(tf.ones((2, 4)))


def test_at_zero_the_derivatives_are_tensorflows() -> None:
    assert derivative_at(activations.relu, 0.0) == 0
    assert derivative_at(activations.leaky_relu, 0.0, negative_slope=0.3) == pytest.approx(0.3)
    assert derivative_at(activations.elu, 0.0, alpha=2.0) == 1


def test_the_derivatives_on_both_sides() -> None:
    assert derivative_at(activations.sigmoid, 0.0) == 0.25
    assert derivative_at(activations.leaky_relu, -3.0, negative_slope=0.3) == pytest.approx(0.3)
    assert derivative_at(activations.elu, -1.0, alpha=2.0) == pytest.approx(2 * np.exp(-1))


def test_leaky_relu_has_the_whole_slope_in_float64() -> None:
    """TensorFlow's kernel takes it in float32: 0.3 would be 0.30000001192."""
    y, _ = activations.leaky_relu.forward(tf.constant([-1.0], tf.float64), negative_slope=0.3)
    assert y.numpy().tolist() == [-0.3]
