"""TensorFlow's kernels for a convolution's three expressions: each gradient is the correlation's adjoint."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.conv_primitives import correlate, differentiable, input_gradient, kernel_gradient
from keras_suite.models.ops.open_sizes import sizes_of


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


def test_no_image_has_no_output_of_the_right_size() -> None:
    assert correlate(tf.zeros((0, 6, 5, 3)), tf.zeros((3, 2, 3, 4)), (1, 2), (1, 1)).shape == (0, 4, 2, 4)


def test_plain_convolutions_are_differentiable_and_dilated_volumes_never() -> None:
    assert differentiable(tf.float64, (1, 1), 1)
    assert not differentiable(tf.float32, (2, 1, 1), 1)


def three(x: Any, w: Any, stride: Any) -> list[Any]:
    """Return the correlation and both gradients of its sum, of images whose sizes may be open."""
    once = (1,) * len(stride)
    y = correlate(x, w, stride, once)
    dy = tf.ones_like(y)
    return [y, input_gradient(dy, w, sizes_of(x), stride, once), kernel_gradient(x, dy, w.shape, stride, once)]


@pytest.mark.parametrize("sizes_known", [True, False])
@pytest.mark.parametrize(("dtype", "channels"), [("float32", 1), ("bfloat16", 2)])
@pytest.mark.parametrize(
    ("sizes", "window", "stride"),
    [((4, 4), (2, 3), (1, 2)), ((5, 3), (3, 3), (2, 2)), ((3, 7), (3, 3), (3, 2)), ((3,), (2,), (2,))],
)
def test_a_stride_over_a_single_output_is_none(
    sizes: Any, window: Any, stride: Any, dtype: str, channels: int, sizes_known: bool
) -> None:
    """TensorFlow 2.21 computes garbage there on a CPU."""
    random = np.random.default_rng(0)
    x, w = random.normal(size=(2, *sizes, channels)).round(1), random.normal(size=(*window, channels, 3)).round(1)
    exact = three(tf.constant(x), tf.constant(w), stride)
    images, kernel = tf.cast(x, dtype), tf.cast(w, dtype)
    signature = [tf.TensorSpec(images.shape if sizes_known else [None] * (len(sizes) + 1) + [channels], dtype)]
    found = tf.function(lambda images: three(images, kernel, stride), input_signature=signature)(images)
    for one, other in zip(exact, found, strict=True):
        np.testing.assert_allclose(tf.cast(other, tf.float64), one, atol=0.1 if dtype == "bfloat16" else 1e-5)
