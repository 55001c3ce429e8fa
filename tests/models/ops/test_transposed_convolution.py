"""Transposed and locally connected convolution: the lectures' examples, what bias gradients sum over, bad input."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.locally_connected import locally_connected2d
from keras_suite.models.ops.transposed_convolution import conv2d_transpose
from keras_suite.models.ops.upsampling import max_unpooling2d


def plane(rows: Any) -> tf.Tensor:
    return tf.constant(np.array(rows, np.float32)[None, :, :, None])


def kernel(rows: Any) -> tf.Tensor:
    return tf.constant(np.array(rows, np.float32)[:, :, None, None])


INPUT = [[1, 3, 2, 1], [1, 3, 3, 1], [2, 1, 1, 3], [3, 2, 3, 3]]


@pytest.mark.parametrize("method", ["primitive", "derivation"])
@pytest.mark.parametrize(
    ("image", "window", "expected"),
    [
        (
            np.ones((4, 4)),
            np.ones((3, 3)),
            [[1, 2, 3, 3, 2, 1], [2, 4, 6, 6, 4, 2], [3, 6, 9, 9, 6, 3],
             [3, 6, 9, 9, 6, 3], [2, 4, 6, 6, 4, 2], [1, 2, 3, 3, 2, 1]],
        ),
        (
            INPUT,
            [[1, 2, 3], [0, 1, 0], [2, 1, 2]],
            [[1, 5, 11, 14, 8, 3], [1, 6, 15, 18, 12, 3], [4, 13, 21, 21, 15, 11],
             [5, 17, 28, 27, 25, 11], [4, 7, 9, 12, 8, 6], [6, 7, 14, 13, 9, 6]],
        ),
    ],
)  # fmt: skip
def test_the_lectures_transposed_convolutions(image: Any, window: Any, expected: Any, method: str) -> None:
    """Both reconstructed from the lecture's answers."""
    y = conv2d_transpose(plane(image), kernel(window), None, method=method)
    assert np.asarray(y)[0, :, :, 0].tolist() == expected


def test_the_transpose_of_a_strided_convolution_has_the_inputs_size() -> None:
    """5x5 under 3x3 with stride 2 gives 2x2, and its transpose 5x5 again."""
    w = tf.ones((3, 3, 1, 1))
    y = conv2d(tf.ones((1, 5, 5, 1)), w, None, stride=2)
    assert tuple(y.shape) == (1, 2, 2, 1)
    assert tuple(conv2d_transpose(y, w, None, stride=2).shape) == (1, 5, 5, 1)


def test_a_transposed_convolution_is_the_convolutions_input_gradient() -> None:
    random = np.random.default_rng(0)
    x, w = tf.constant(random.normal(size=(2, 9, 7, 3))), tf.constant(random.normal(size=(3, 2, 3, 4)))
    y, cache = conv2d.forward(x, w, None, stride=2)
    dx = conv2d.backward(y, cache)[0]
    np.testing.assert_allclose(
        conv2d_transpose(y, w, None, stride=2)[:, :9, :7], dx[:, :9, : 6 + 1][:, :, :6], atol=1e-9
    )


def test_a_transposed_convolution_is_unpooling_to_one_corner_of_each_block_and_a_convolution() -> None:
    """With stride 2 and padding "same": what unpooling is when all maxima are at the lower right."""
    random = np.random.default_rng(0)
    x, kernel = tf.constant(random.normal(size=(2, 3, 4, 5))), tf.constant(random.normal(size=(3, 3, 6, 5)))
    corner = (2 * np.arange(3)[:, None] + 1) * 8 + 2 * np.arange(4) + 1
    places = np.broadcast_to(corner[None, :, :, None], x.shape).astype(np.int32)
    unpooled = max_unpooling2d(x, tf.constant(places), size=(6, 8))
    convolved = conv2d(unpooled, tf.transpose(kernel, (0, 1, 3, 2)), padding="same", flip=True)
    np.testing.assert_allclose(convolved, conv2d_transpose(x, kernel, stride=2, padding="same"), atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_dilation_works_in_every_precision(dtype: str) -> None:
    y, cache = conv2d_transpose.forward(
        tf.ones((1, 3, 3, 2), dtype), tf.ones((2, 2, 3, 2), dtype), tf.ones(3, dtype), dilation=2
    )
    dx, dkernel, dbias = conv2d_transpose.backward(tf.ones_like(y), cache)
    assert (y.dtype, dx.dtype, dkernel.dtype, dbias.dtype) == (dtype,) * 4
    assert tuple(y.shape) == (1, 5, 5, 3)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_biases_add_up_many_images(dtype: str) -> None:
    """Ones: a running float16 sum would stand still at 2,048."""
    x = tf.ones((5000, 2, 2, 1), dtype)
    y, cache = locally_connected2d.forward(x, tf.ones((2, 2, 1, 1, 1, 1), dtype), tf.zeros((2, 2, 1), dtype))
    dbias = locally_connected2d.backward(tf.ones_like(y), cache)[2]
    np.testing.assert_allclose(tf.cast(tf.reshape(dbias, [-1]), tf.float32), [5000] * 4, rtol=5e-3)
    y, cache = conv2d_transpose.forward(x, tf.ones((1, 1, 1, 1), dtype), tf.zeros(1, dtype))
    dbias = conv2d_transpose.backward(tf.ones_like(y), cache)[2]
    np.testing.assert_allclose(tf.cast(dbias, tf.float32), [20_000], rtol=5e-3)


X = tf.zeros((1, 4, 4, 2))


@pytest.mark.parametrize(
    ("tensors", "options", "said"),
    [
        ((X[0], tf.zeros((3, 3, 5, 2))), {}, "x has shape .* expected 4 axes"),
        ((X, tf.zeros((3, 3, 2, 5))), {}, "the kernel's last axis is 5: expected 2, as x's channels"),
        ((X, tf.zeros((3, 3, 5, 2))), {"stride": 0}, "stride=0 is not possible"),
        ((X, tf.zeros((3, 3, 5, 2))), {"padding": "causal"}, "padding='causal' is not known"),
        ((X, tf.zeros((3, 3, 5, 2))), {"padding": 3}, "padding=3 leaves 0 of 6 pixels: pad less"),
        (
            (X, tf.zeros((3, 3, 5, 2))),
            {"output_padding": 1},
            "output_padding=1 is not possible: .* the stride 1 less 1",
        ),
        ((X, tf.zeros((3, 3, 5, 2), tf.int32)), {}, "kernel is int32: expected floating point"),
    ],
)
def test_bad_input_to_a_transposed_convolution_is_named(tensors: Any, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"conv2d_transpose: .*{said}"):
        conv2d_transpose(*tensors, None, **options)
