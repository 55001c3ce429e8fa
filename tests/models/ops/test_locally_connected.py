"""Locally connected layer: what its bias gradients sum over, its relation to a convolution, bad input."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.locally_connected import locally_connected2d

X = tf.zeros((1, 4, 4, 2))


def test_unshared_biases_are_summed_over_the_batch_and_shared_ones_over_positions_too() -> None:
    x, dy = tf.ones((4, 3, 3, 1)), tf.ones((4, 2, 2, 5))
    _, cache = locally_connected2d.forward(x, tf.ones((2, 2, 2, 2, 1, 5)), tf.zeros((2, 2, 5)))
    assert np.asarray(locally_connected2d.backward(dy, cache)[2]).tolist() == np.full((2, 2, 5), 4.0).tolist()
    _, cache = conv2d.forward(x, tf.ones((2, 2, 1, 5)), tf.zeros(5))
    assert np.asarray(conv2d.backward(dy, cache)[2]).tolist() == [16.0] * 5


def test_with_the_same_kernel_everywhere_an_unshared_layer_is_a_convolution() -> None:
    random = np.random.default_rng(0)
    x, w, b = (tf.constant(random.normal(size=s)) for s in ((2, 6, 5, 3), (3, 2, 3, 4), (4,)))
    shared, cache = conv2d.forward(x, w, b, stride=2)
    outputs = tuple(shared.shape[1:3])
    everywhere = tf.tile(w[None, None], (*outputs, 1, 1, 1, 1))
    unshared, own_cache = locally_connected2d.forward(x, everywhere, tf.tile(b[None, None], (*outputs, 1)), stride=2)
    np.testing.assert_allclose(unshared, shared)
    dy = tf.constant(random.normal(size=shared.shape))
    dx, dw, db = conv2d.backward(dy, cache)
    own_dx, own_dw, own_db = locally_connected2d.backward(dy, own_cache)
    np.testing.assert_allclose(own_dx, dx)
    np.testing.assert_allclose(tf.reduce_sum(own_dw, (0, 1)), dw)  # a shared weight collects what the others had apart
    np.testing.assert_allclose(tf.reduce_sum(own_db, (0, 1)), db)


@pytest.mark.parametrize(
    ("kernel_shape", "said"),
    [
        ((3, 3, 2, 2, 5, 1), "the kernel's number of channels is 5: expected 2, as x's channels"),
        ((2, 3, 2, 2, 2, 1), r"the kernel is for \(2, 3\) output positions: expected \(3, 3\) for images of \(4, 4\)"),
        ((1, 1, 5, 5, 2, 1), "a kernel of 5 .* is larger than the padded input, 4 pixels"),
        ((2, 2, 2, 1), "kernel has shape .* expected 6 axes"),
    ],
)
def test_bad_input_to_an_unshared_layer_is_named(kernel_shape: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"locally_connected2d: .*{said}"):
        locally_connected2d(X, tf.zeros(kernel_shape), None)
