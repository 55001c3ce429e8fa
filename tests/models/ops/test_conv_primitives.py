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


@pytest.mark.parametrize(("dtype", "channels"), [("float32", 1), ("bfloat16", 2)])
def test_a_stride_over_a_single_output_is_none(dtype: str, channels: int) -> None:
    """TensorFlow 2.21 computes garbage there on a CPU."""
    random = np.random.default_rng(0)
    x, w = random.normal(size=(2, 4, 4, channels)).round(1), random.normal(size=(2, 3, channels, 3)).round(1)
    passes = []
    for precision in ("float64", dtype):
        images, kernel = tf.cast(x, precision), tf.cast(w, precision)
        y = correlate(images, kernel, (1, 2), (1, 1))
        dy = tf.ones_like(y)
        of_x = input_gradient(dy, kernel, (4, 4), (1, 2), (1, 1))
        of_kernel = kernel_gradient(images, dy, w.shape, (1, 2), (1, 1))
        passes.append([np.asarray(tf.cast(each, tf.float64)) for each in (y, of_x, of_kernel)])
    for exact, found in zip(*passes, strict=True):
        np.testing.assert_allclose(found, exact, atol=0.1 if dtype == "bfloat16" else 1e-5)
