"""Pooling of whole images: ties, and images of one pixel that are kept."""

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.global_pooling import global_average_pooling2d, global_max_pooling2d


def plane(rows: list[list[float]]) -> tf.Tensor:
    return tf.constant(np.array(rows, np.float32)[None, :, :, None])


def rows(tensor: tf.Tensor) -> list[list[float]]:
    return np.asarray(tensor)[0, :, :, 0].tolist()


def test_of_equal_maxima_of_a_whole_image_the_first_gets_the_gradient() -> None:
    _, cache = global_max_pooling2d.forward(plane([[1, 7], [7, 7]]))
    [dx] = global_max_pooling2d.backward(tf.constant([[5.0]]), cache)
    assert rows(dx) == [[0, 5], [0, 0]]


def test_images_of_one_pixel_hold_the_same_numbers_and_have_the_same_gradient() -> None:
    x = tf.constant(np.random.default_rng(0).normal(size=(2, 3, 4, 5)))
    for op in (global_average_pooling2d, global_max_pooling2d):
        y, cache = op.forward(x)
        kept, other = op.forward(x, keepdims=True)
        np.testing.assert_array_equal(kept[:, 0, 0], y)
        np.testing.assert_array_equal(op.backward(kept, other)[0], op.backward(y, cache)[0])
