"""Pooling of windows: the lectures' examples, ties, forms, NaN, empty batches, and bad input."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.pooling import METHODS, average_pooling2d, max_pooling2d

Rows = list[list[float]]


SQUARE = [[2, 3, 4, 0], [1, 5, 3, 2], [0, 4, 2, 3], [1, 0, 6, 1]]


LARGE = [
    [55, 20, 87, 46, 32, 59, 76, 58],
    [58, 25, 61, 29, 34, 79, 94, 15],
    [29, 35, 71, 63, 94, 73, 12, 17],
    [58, 22, 41, 98, 32, 45, 16, 76],
    [92, 5, 16, 0, 46, 84, 6, 7],
    [38, 4, 86, 97, 64, 13, 15, 48],
    [32, 19, 8, 42, 45, 1, 0, 56],
    [6, 0, 5, 8, 66, 44, 72, 8],
]


def plane(rows: Any) -> tf.Tensor:
    return tf.constant(np.array(rows, np.float32)[None, :, :, None])


def rows(tensor: Any) -> Rows:
    return np.asarray(tensor)[0, :, :, 0].tolist()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("pool_size", "stride", "expected"),
    [
        (2, 2, [[5, 4], [4, 6]]),
        (2, 1, [[5, 5, 4], [5, 5, 3], [4, 6, 6]]),
        (3, 1, [[5, 5], [6, 6]]),
    ],
)
def test_the_lectures_maximum_pooling(pool_size: int, stride: int, expected: Rows, method: str) -> None:
    assert rows(max_pooling2d(plane(SQUARE), pool_size=pool_size, stride=stride, method=method)) == expected


@pytest.mark.parametrize("method", METHODS)
def test_the_lectures_maximum_and_mean_of_an_8x8_image(method: str) -> None:
    """The means are printed rounded, halves upwards."""
    maxima = [[58, 87, 79, 94], [58, 98, 94, 76], [92, 97, 84, 48], [32, 42, 66, 72]]
    means = [[40, 56, 51, 61], [36, 68, 61, 30], [35, 50, 52, 19], [14, 16, 39, 34]]
    assert rows(max_pooling2d(plane(LARGE), method=method)) == maxima
    found = np.array(rows(average_pooling2d(plane(LARGE), method=method)))
    assert np.floor(found + 0.5).tolist() == means


def test_what_was_not_the_maximum_gets_no_gradient() -> None:
    _, cache = max_pooling2d.forward(plane(SQUARE))
    [dx] = max_pooling2d.backward(plane([[1, 2], [3, 4]]), cache)
    assert rows(dx) == [[0, 0, 2, 0], [0, 1, 0, 0], [0, 3, 0, 0], [0, 0, 4, 0]]


@pytest.mark.parametrize("method", METHODS)
def test_of_equal_maxima_the_first_in_row_major_order_gets_the_gradient(method: str) -> None:
    _, cache = max_pooling2d.forward(plane([[1, 7, 7], [7, 7, 0], [7, 1, 2]]), pool_size=3, method=method)
    [dx] = max_pooling2d.backward(plane([[5]]), cache)
    assert rows(dx) == [[0, 5, 0], [0, 0, 0], [0, 0, 0]]


def test_overlapping_windows_add_their_gradients() -> None:
    _, cache = max_pooling2d.forward(plane([[0, 9, 0]]), pool_size=(1, 2), stride=1, method="derivation")
    assert rows(max_pooling2d.backward(plane([[1, 2]]), cache)[0]) == [[0, 3, 0]]


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("pool_size", "stride"), [(2, 2), (3, 2), ((3, 2), (1, 3))])
def test_indices_point_at_the_maxima_of_a_larger_image(pool_size: Any, stride: Any, padding: str) -> None:
    x = np.random.default_rng(0).normal(size=(3, 9, 11, 4)).astype(np.float32)
    maxima, indices = max_pooling2d(
        tf.constant(x), pool_size=pool_size, stride=stride, padding=padding, with_indices=True
    )
    pixels = x.reshape(3, -1, 4)
    found = np.take_along_axis(pixels, np.asarray(indices).reshape(3, -1, 4), axis=1)
    assert np.array_equal(found.reshape(maxima.shape), maxima)


def test_padding_is_left_out_of_the_mean_and_never_the_maximum() -> None:
    x = plane([[-1, -2, -3]])
    for method in METHODS:
        options = {"pool_size": (1, 2), "stride": (1, 2), "padding": "same", "method": method}
        assert rows(average_pooling2d(x, **options)) == [[-1.5, -3]]
        assert rows(max_pooling2d(x, **options)) == [[-1, -3]]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("op", [max_pooling2d, average_pooling2d], ids=lambda op: op.name)
def test_half_precision_is_pooled_by_both_forms(op: Any, dtype: str) -> None:
    x = tf.cast(np.random.default_rng(0).normal(size=(2, 6, 6, 3)), dtype)
    for method in METHODS:
        y, cache = op.forward(x, pool_size=3, stride=2, padding="same", method=method)
        [dx] = op.backward(tf.ones_like(y), cache)
        assert (y.dtype, dx.dtype, dx.shape) == (dtype, dtype, x.shape)


@pytest.mark.parametrize(
    ("x", "options", "said"),
    [
        (tf.zeros((4, 4, 1)), {}, r"x has shape \(4, 4, 1\): expected 4 axes, \(batch, height, width, channels\)"),
        (tf.zeros((1, 4, 4, 1)), {"pool_size": 5}, "a kernel of 5 .* is larger than the padded input, 4 pixels"),
        (tf.zeros((1, 4, 4, 1)), {"pool_size": 0}, "pool_size=0 is not possible"),
        (tf.zeros((1, 4, 4, 1)), {"stride": (1, 0)}, r"stride=\(1, 0\) is not possible"),
        (tf.zeros((1, 4, 4, 1)), {"padding": 1}, "padding=1 is not known: expected one of 'valid', 'same'"),
        (tf.zeros((1, 4, 4, 1)), {"method": "im2col"}, "method='im2col' is not known"),
        (tf.zeros((1, 4, 4, 1), tf.int64), {}, "x is int64: expected floating point"),
        (tf.fill((1, 4, 4, 1), np.nan), {}, "x holds NaN"),
    ],
)
@pytest.mark.parametrize("op", [max_pooling2d, average_pooling2d], ids=lambda op: op.name)
def test_bad_input_is_named(op: Any, x: tf.Tensor, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"{op.name}: .*{said}"):
        op(x, **options)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_nan_makes_the_maximum_of_its_window_nan_in_a_graph_and_no_other(padding: str) -> None:
    x = np.ones((2, 4, 4, 2), np.float32)
    x[0, 1, 1, 0] = np.nan
    for method in METHODS:
        run = tf.function(lambda x, method=method: max_pooling2d(x, padding=padding, method=method))
        y = np.asarray(run(tf.constant(x)))
        assert np.isnan(y[0, 0, 0, 0]) and np.isnan(y).sum() == 1
    assert not np.isnan(run(tf.constant([[[[np.inf], [-np.inf]], [[0.0], [0.0]]]], tf.float32))).any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("op", [max_pooling2d, average_pooling2d], ids=lambda op: op.name)
def test_no_images_pool_to_none_and_have_no_gradient(op: Any, method: str) -> None:
    """TensorFlow's own gradient of maximum pooling ends the process at that in a graph."""

    def passes(x: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = op(x, pool_size=3, stride=2, padding="same", method=method)
        return y, tape.gradient(y, x)

    for run in (passes, tf.function(passes, input_signature=[tf.TensorSpec((None, 5, 5, 2))])):
        y, dx = run(tf.zeros((0, 5, 5, 2)))
        assert y.shape == (0, 3, 3, 2) and dx.shape == (0, 5, 5, 2)
