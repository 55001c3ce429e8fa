"""Ops are chained by hand: the lectures' small networks by the chain rule, forward and backward passes in turn."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.activations import sigmoid, tanh
from keras_suite.models.ops.core import add, dense
from keras_suite.models.ops.losses import binary_cross_entropy


def row(*values: float) -> tf.Tensor:
    return tf.constant([values], tf.float64)


def test_f_is_x_plus_y_times_z() -> None:
    """CS231n: x = -2, y = 5, z = -4 gives f = -12 with gradients -4, -4 and 3."""
    x, y, z = row(-2), row(5), row(-4)
    q, added = add.forward(x, y)
    f, multiplied = dense.forward(q, z)
    dq, dz, _ = dense.backward(row(1), multiplied)
    dx, dy = add.backward(dq, added)
    assert [float(t[0, 0]) for t in (f, dx, dy, dz)] == [-12, -4, -4, 3]


def test_a_residual_adds_one_to_the_derivative() -> None:
    """y = f(x) + x gives f'(x) + 1."""
    x = row(-1.0, 0.3, 2.0)
    f, inner = tanh.forward(x)
    _, outer = add.forward(f, x)
    df, direct = add.backward(tf.ones_like(x), outer)
    total = tanh.backward(df, inner)[0] + direct
    np.testing.assert_allclose(total, 1 - np.tanh(x) ** 2 + 1)


def test_logistic_regression() -> None:
    """dJ/dw = x^T (sg(x w + b) - y) / m for J = -mean(y log sg + (1 - y) log(1 - sg)).

    The lecture's J has no minus sign; its gradient has the sign of the one with it, which is the one to minimise.
    """
    random = np.random.default_rng(0)
    x, w, b = random.normal(size=(6, 3)), random.normal(size=(3, 1)), random.normal(size=1)
    y = random.integers(0, 2, (6, 1)).astype(float)
    z, first = dense.forward(*map(tf.constant, (x, w, b)))
    loss, last = binary_cross_entropy.forward(z, tf.constant(y))
    dz, _ = binary_cross_entropy.backward(tf.ones([], tf.float64), last)
    _, dw, db = dense.backward(dz, first)
    s = 1 / (1 + np.exp(-(x @ w + b)))
    assert float(loss) == pytest.approx(-np.mean(y * np.log(s) + (1 - y) * np.log(1 - s)))
    np.testing.assert_allclose(dw, x.T @ (s - y) / 6)
    np.testing.assert_allclose(db, np.sum(s - y, axis=0) / 6)


def test_a_network_of_two_layers() -> None:
    """dW2 = h^T d2, d1 = d2 W2^T * (1 - h^2), dW1 = x^T d1, with h = tanh(x W1 + b1)."""
    random = np.random.default_rng(1)
    x, w1, b1, w2, b2 = (random.normal(size=s) for s in ((5, 4), (4, 3), (3,), (3, 1), (1,)))
    y = random.integers(0, 2, (5, 1)).astype(float)
    z1, c1 = dense.forward(*map(tf.constant, (x, w1, b1)))
    h, c2 = tanh.forward(z1)
    z2, c3 = dense.forward(h, tf.constant(w2), tf.constant(b2))
    _, c4 = binary_cross_entropy.forward(z2, tf.constant(y))
    d2 = binary_cross_entropy.backward(tf.ones([], tf.float64), c4)[0]
    dh, dw2, _ = dense.backward(d2, c3)
    d1 = tanh.backward(dh, c2)[0]
    _, dw1, _ = dense.backward(d1, c1)
    hidden = np.tanh(x @ w1 + b1)
    expected_d2 = (1 / (1 + np.exp(-(hidden @ w2 + b2))) - y) / 5
    expected_d1 = expected_d2 @ w2.T * (1 - hidden**2)
    np.testing.assert_allclose(dw2, hidden.T @ expected_d2)
    np.testing.assert_allclose(dw1, x.T @ expected_d1)


def test_mazurs_step_by_step_example() -> None:
    """Matt Mazur, A Step by Step Backpropagation Example (2015): E = sum of 1/2 (target - out)^2, learning rate 0.5.

    Biases are not updated there.
    """
    w1 = tf.constant([[0.15, 0.25], [0.20, 0.30]], tf.float64)  # w1 w2 go to h1, w3 w4 to h2
    w2 = tf.constant([[0.40, 0.50], [0.45, 0.55]], tf.float64)
    z1, c1 = dense.forward(row(0.05, 0.10), w1, tf.constant([0.35, 0.35], tf.float64))
    h, c2 = sigmoid.forward(z1)
    z2, c3 = dense.forward(h, w2, tf.constant([0.60, 0.60], tf.float64))
    out, c4 = sigmoid.forward(z2)
    np.testing.assert_allclose(h, [[0.593269992, 0.596884378]], atol=5e-10)
    np.testing.assert_allclose(out, [[0.75136507, 0.772928465]], atol=5e-9)
    target = row(0.01, 0.99)
    assert float(tf.reduce_sum((target - out) ** 2) / 2) == pytest.approx(0.298371109, abs=5e-10)
    dz2 = sigmoid.backward(out - target, c4)[0]
    dh, dw2, _ = dense.backward(dz2, c3)
    _, dw1, _ = dense.backward(sigmoid.backward(dh, c2)[0], c1)
    np.testing.assert_allclose(w2 - 0.5 * dw2, [[0.35891648, 0.511301270], [0.408666186, 0.561370121]], atol=5e-9)
    np.testing.assert_allclose(w1 - 0.5 * dw1, [[0.149780716, 0.24975114], [0.19956143, 0.29950229]], atol=5e-9)


def test_the_derivative_of_tanh_lies_above_0_up_to_1() -> None:
    x = tf.constant(np.linspace(-8, 8, 2001)[None])
    _, cache = tanh.forward(x)
    derivative = np.asarray(tanh.backward(tf.ones_like(x), cache)[0])
    assert derivative.min() > 0
    assert derivative.max() == 1.0
