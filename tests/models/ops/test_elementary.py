"""Arithmetic where its derivatives are easily wrong: at zero exponents, at equals, and on shapes that differ."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops import elementary


def test_of_equals_the_first_gets_the_gradient() -> None:
    _, cache = elementary.maximum.forward(tf.constant([1.0, 2.0, 3.0]), tf.constant([1.0, 3.0, 2.0]))
    da, db = elementary.maximum.backward(tf.ones(3), cache)
    assert (np.asarray(da).tolist(), np.asarray(db).tolist()) == ([1, 0, 1], [0, 1, 0])


def test_a_power_of_zero_has_no_slope_anywhere() -> None:
    y, cache = elementary.power.forward(tf.constant([0.0, -2.0]), exponent=0)
    assert np.asarray(y).tolist() == [1, 1]
    assert np.asarray(elementary.power.backward(tf.ones(2), cache)[0]).tolist() == [0, 0]


@pytest.mark.parametrize("op", [elementary.subtract, elementary.multiply, elementary.divide, elementary.maximum])
def test_nothing_is_broadcast(op: elementary.Op) -> None:
    with pytest.raises(ValueError, match=f"{op.name}: b has shape"):
        op.forward(tf.ones((2, 3)), tf.ones(3))
