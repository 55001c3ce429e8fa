"""TensorFlow's kernels for a convolution's three expressions: each gradient is the correlation's adjoint."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.conv_primitives import correlate, differentiable, input_gradient, kernel_gradient


@pytest.mark.parametrize(
    ("sizes", "window", "stride"), [((9,), (3,), (2,)), ((6, 5), (3, 2), (1, 2)), ((4, 5, 3), (2, 2, 1), (2, 1, 1))]
)
def test_both_gradients_are_adjoints_of_the_correlation(sizes: Any, window: Any, stride: Any) -> None:
    """<correlate(x, w), dy> = <x, dx> = <w, dw>, for it is linear in each."""
    random = np.random.default_rng(0)
    x, w = tf.constant(random.normal(size=(2, *sizes, 3))), tf.constant(random.normal(size=(*window, 3, 4)))
    once = (1,) * len(sizes)
    y = correlate(x, w, stride, once)
    dy = tf.constant(random.normal(size=y.shape))
    product = float(tf.reduce_sum(y * dy))
    assert float(tf.reduce_sum(x * input_gradient(dy, w, sizes, stride, once))) == pytest.approx(product)
    assert float(tf.reduce_sum(w * kernel_gradient(x, dy, w.shape, stride, once))) == pytest.approx(product)


def test_plain_convolutions_are_differentiable_and_dilated_volumes_never() -> None:
    assert differentiable(tf.float64, (1, 1), 1)
    assert not differentiable(tf.float32, (2, 1, 1), 1)
