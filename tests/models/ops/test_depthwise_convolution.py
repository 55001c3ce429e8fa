"""Depthwise convolution: beside a grouped convolution and its own derivation, in every way to run it; and bad input."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.depthwise_convolution import METHODS, depthwise_conv2d

SHAPES = ((2, 6, 5, 3), (3, 2, 3, 2), (6,))  # x, kernel, bias: two kernels for each of three channels


def tensors(dtype: str = "float32") -> list[tf.Tensor]:
    random = np.random.default_rng(0)
    return [tf.constant(random.normal(size=shape), dtype) for shape in SHAPES]


def answer_and_gradients(op: Any, given: list[tf.Tensor], **options: Any) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = op(*given, **options)
        loss = tf.reduce_sum(y * tf.reshape(tf.cos(tf.cast(tf.range(tf.size(y)), y.dtype)), tf.shape(y)))
    return [np.asarray(each, np.float64) for each in (y, *tape.gradient(loss, given))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2, "padding": "same"},
        {"stride": (2, 1), "padding": "same"},
        {"dilation": 2},
        {"padding": 1, "padding_mode": "edge"},
    ],
)
def test_it_is_a_convolution_of_as_many_groups_as_channels(options: dict[str, Any], method: str) -> None:
    x, kernel, bias = tensors()
    found = answer_and_gradients(depthwise_conv2d, [x, kernel, bias], **options, method=method)
    grouped = [x, tf.reshape(kernel, (3, 2, 1, 6)), bias]
    expected = answer_and_gradients(conv2d, grouped, **options, groups=3, method="im2col")
    for mine, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.ravel(), other.ravel(), rtol=1e-4, atol=1e-5)


def test_a_channel_sees_no_other_and_its_filters_stand_side_by_side() -> None:
    kernel = np.zeros((1, 1, 3, 2), np.float32)
    kernel[0, 0] = [[1, 10], [2, 20], [3, 30]]
    y = depthwise_conv2d(tf.ones((1, 1, 1, 3)), tf.constant(kernel))
    assert np.asarray(y).ravel().tolist() == [1, 10, 2, 20, 3, 30]


@pytest.mark.parametrize("method", METHODS)
def test_open_sizes_and_no_images_are_taken_in_a_graph(method: str) -> None:
    x, kernel, bias = tensors()

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3))])
    def passes(x: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = depthwise_conv2d(x, kernel, bias, stride=2, padding="same", method=method)
        return y, tape.gradient(y, x)

    for given in (x, x[:0]):
        y, dx = passes(given)
        assert y.shape == (len(given), 3, 3, 6)
        assert dx.shape == given.shape
    eager = depthwise_conv2d(x, kernel, bias, stride=2, padding="same", method=method)
    np.testing.assert_allclose(passes(x)[0], eager, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kernel": (3, 2, 2, 2)}, "the kernel's number of channels is 2: expected 3"),
        ({"bias": (3,)}, "the bias's size is 3: expected 6, as the kernel's channels x multiplier"),
        ({"kernel": (7, 2, 3, 2)}, "a kernel of 7 .* is larger than the padded input"),
        ({"stride": 0}, "stride=0 is not possible"),
        ({"method": "im2col"}, "method='im2col' is not known: expected one of 'primitive', 'derivation'"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], said: str) -> None:
    shapes = dict(zip(("x", "kernel", "bias"), SHAPES, strict=True)) | {
        k: v for k, v in change.items() if k in ("kernel", "bias")
    }
    options = {k: v for k, v in change.items() if k not in shapes}
    with pytest.raises(ValueError, match=f"depthwise_conv2d: {said}"):
        depthwise_conv2d(*map(tf.ones, shapes.values()), **options)
