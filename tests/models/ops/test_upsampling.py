"""Unpooling and nearest-neighbour upsampling: the lectures' examples, half precision, and bad input."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.pooling import max_pooling2d
from keras_suite.models.ops.upsampling import UPSAMPLING_METHODS, max_unpooling2d, nearest_upsampling2d

Rows = list[list[float]]


SQUARE = [[2, 3, 4, 0], [1, 5, 3, 2], [0, 4, 2, 3], [1, 0, 6, 1]]


def plane(rows: Any) -> tf.Tensor:
    return tf.constant(np.array(rows, np.float32)[None, :, :, None])


def rows(tensor: Any) -> Rows:
    return np.asarray(tensor)[0, :, :, 0].tolist()


def test_the_lectures_unpooling() -> None:
    """Reconstructed from the lecture's answer: values go back to where the maxima were."""
    image = [[1, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8]]
    maxima, indices = max_pooling2d(plane(image), with_indices=True)
    assert rows(maxima) == [[5, 6], [7, 8]]
    back = max_unpooling2d(plane([[1, 2], [3, 4]]), indices, size=(4, 4))
    assert rows(back) == [[0, 0, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]]


def test_unpooling_needs_an_index_for_every_value() -> None:
    with pytest.raises(ValueError, match=r"indices have shape \(1, 1, 2, 1\) and values \(1, 2, 2, 1\): expected"):
        max_unpooling2d(tf.zeros((1, 2, 2, 1)), tf.zeros((1, 1, 2, 1), tf.int32), size=(4, 4))
    with pytest.raises(ValueError, match=r"size=\(4, 0\) is not possible"):
        max_unpooling2d(tf.zeros((1, 2, 2, 1)), tf.zeros((1, 2, 2, 1), tf.int32), size=(4, 0))


def test_nearest_upsampling_copies_each_pixel_and_adds_up_its_blocks_gradient() -> None:
    y, cache = nearest_upsampling2d.forward(plane([[1, 2]]), size=(2, 3))
    assert rows(y) == [[1, 1, 1, 2, 2, 2]] * 2
    [dx] = nearest_upsampling2d.backward(plane([[1, 0, 2, 5, 0, 0], [0, 4, 0, 0, -1, 0]]), cache)
    assert rows(dx) == [[7, 4]]


def test_many_gradients_of_a_block_are_added_in_half_precision_without_losing_any() -> None:
    _, cache = nearest_upsampling2d.forward(tf.ones((1, 1, 1, 1), tf.float16), size=64)
    [dx] = nearest_upsampling2d.backward(tf.ones((1, 64, 64, 1), tf.float16), cache)
    assert dx.dtype == tf.float16 and float(dx[0, 0, 0, 0]) == 4096


def test_upsampling_by_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"nearest_upsampling2d: size=0 is not possible"):
        nearest_upsampling2d(tf.zeros((1, 2, 2, 1)), size=0)


@pytest.mark.parametrize("size", [2, (3, 2), (1, 4), 4])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_kernel_adds_up_a_block_to_the_same_bits_as_the_derivation(dtype: str, size: Any) -> None:
    x = tf.cast(np.random.default_rng(0).normal(size=(3, 5, 4, 3)), dtype)
    found = []
    for method in UPSAMPLING_METHODS:
        y, cache = nearest_upsampling2d.forward(x, size=size, method=method)
        dy = tf.cast(np.random.default_rng(1).normal(size=y.shape), dtype)
        found.append(np.asarray(nearest_upsampling2d.backward(dy, cache)[0]))
    np.testing.assert_array_equal(*found)
