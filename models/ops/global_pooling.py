"""Maximum and average pooling of whole images (batch, height, width, channels): of each channel one number.

It is pooling (models/ops/pooling.py) with one window: the average gives every pixel the same share of the gradient,
dx = dy / (H W); the maximum gives all of it to the first largest pixel in row-major order (tf.reduce_max would share it
among equals). Source: Lin, Chen and Yan 2014.
"""

from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_known_channels, check_tensor
from keras_suite.models.ops.op import Gradients, Op, mean_over
from keras_suite.models.ops.open_sizes import Size, sizes_of


class GlobalMaxCache(NamedTuple):
    """The winning pixel of each channel, row * width + column, and the image's size."""

    winner: tf.Tensor
    height: Size
    width: Size


def global_average_pooling2d_forward(x: tf.Tensor, *, keepdims: bool = False) -> tuple[tf.Tensor, tuple[Size, ...]]:
    """Return the mean of each channel, (batch, channels), with `keepdims` (batch, 1, 1, channels)."""
    check_tensor("global_average_pooling2d", "x", x, "batch, height, width, channels")
    check_known_channels("global_average_pooling2d", "x", x)
    y = mean_over(x, [1, 2])
    return (y[:, None, None] if keepdims else y), sizes_of(x)


def global_average_pooling2d_backward(dy: tf.Tensor, cache: tuple[Size, ...]) -> Gradients:
    """Return (dx,) = dy / (H W) at every pixel."""
    height, width = cache
    pixels = height * width if isinstance(height, int) and isinstance(width, int) else tf.cast(height * width, dy.dtype)
    return (tf.tile(tf.reshape(dy / pixels, [-1, 1, 1, dy.shape[-1]]), (1, height, width, 1)),)


def global_max_pooling2d_forward(x: tf.Tensor, *, keepdims: bool = False) -> tuple[tf.Tensor, GlobalMaxCache]:
    """Return the maximum of each channel, (batch, channels), with `keepdims` (batch, 1, 1, channels)."""
    check_tensor("global_max_pooling2d", "x", x, "batch, height, width, channels")
    check_known_channels("global_max_pooling2d", "x", x)
    (height, width), channels = sizes_of(x), x.shape[-1]
    pixels = tf.reshape(x, [-1, height * width, channels])
    y = tf.reduce_max(pixels, axis=1)
    return (y[:, None, None] if keepdims else y), GlobalMaxCache(tf.argmax(pixels, axis=1), height, width)


def global_max_pooling2d_backward(dy: tf.Tensor, cache: GlobalMaxCache) -> Gradients:
    """Return (dx,): dy at the winning pixel."""
    pixels = cache.height * cache.width
    won = tf.one_hot(cache.winner, pixels, axis=1, dtype=dy.dtype) * tf.reshape(dy, [-1, 1, dy.shape[-1]])
    return (tf.reshape(won, [-1, cache.height, cache.width, dy.shape[-1]]),)


global_average_pooling2d = Op(
    "global_average_pooling2d", global_average_pooling2d_forward, global_average_pooling2d_backward
)
global_max_pooling2d = Op("global_max_pooling2d", global_max_pooling2d_forward, global_max_pooling2d_backward)
