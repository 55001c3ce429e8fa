"""Pooling over the whole image: (batch, height, width, channels) -> (batch, channels).

The average gives every pixel the same share of the gradient, dx = dy / (H W); the maximum gives all of it to the first
largest pixel in row-major order (as a window as large as the image does; tf.reduce_max would share it among equals).
Source: Lin, Chen and Yan 2014.
"""

from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_known_sizes, check_tensor
from keras_suite.models.ops.op import Gradients, Op
from keras_suite.models.ops.precision import mean_over


class MaxCache(NamedTuple):
    """The winning pixel of each channel, row * width + column, and the image's size."""

    winner: tf.Tensor
    height: int
    width: int


def global_average_pooling2d_forward(x: tf.Tensor) -> tuple[tf.Tensor, tuple[int, int]]:
    """The mean of each channel."""
    check_tensor("global_average_pooling2d", "x", x, "batch, height, width, channels")
    check_known_sizes("global_average_pooling2d", "x", x)
    return mean_over(x, [1, 2]), (x.shape[1], x.shape[2])


def global_average_pooling2d_backward(dy: tf.Tensor, cache: tuple[int, int]) -> Gradients:
    """(dx,) = dy / (H W) at every pixel."""
    height, width = cache
    return (tf.tile((dy / (height * width))[:, None, None], (1, height, width, 1)),)


def global_max_pooling2d_forward(x: tf.Tensor) -> tuple[tf.Tensor, MaxCache]:
    """The maximum of each channel."""
    check_tensor("global_max_pooling2d", "x", x, "batch, height, width, channels")
    check_known_sizes("global_max_pooling2d", "x", x)
    height, width, channels = x.shape[1:]
    pixels = tf.reshape(x, [-1, height * width, channels])
    return tf.reduce_max(pixels, axis=1), MaxCache(tf.argmax(pixels, axis=1), height, width)


def global_max_pooling2d_backward(dy: tf.Tensor, cache: MaxCache) -> Gradients:
    """(dx,): dy at the winning pixel."""
    pixels = cache.height * cache.width
    won = tf.one_hot(cache.winner, pixels, axis=1, dtype=dy.dtype) * dy[:, None]
    return (tf.reshape(won, [-1, cache.height, cache.width, dy.shape[-1]]),)


global_average_pooling2d = Op(
    "global_average_pooling2d", global_average_pooling2d_forward, global_average_pooling2d_backward
)
global_max_pooling2d = Op("global_max_pooling2d", global_max_pooling2d_forward, global_max_pooling2d_backward)
