"""Maxout: the largest of `pieces` neighbouring channels, y[..., j] = max_i x[..., j pieces + i].

Like maximum pooling over channels: the gradient goes to the channel that won, of equals to the first, and the others
get nothing. With linear channels before it, it is a convex function made of `pieces` straight ones.
Source: Goodfellow et al. 2013.
"""

import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_positive
from keras_suite.models.ops.op import Gradients, Op


def maxout_forward(x: tf.Tensor, *, pieces: int = 2) -> tuple[tf.Tensor, tuple[tf.Tensor, int]]:
    """(..., channels) -> (..., channels / pieces)."""
    check_floating("maxout", "x", x)
    check_positive("maxout", "pieces", pieces)
    channels = x.shape[-1] if x.shape.rank else None
    if channels is None:
        raise ValueError(f"maxout: x has shape {x.shape}: expected a known number of channels on its last axis")
    if channels % pieces:
        raise ValueError(f"maxout: x has {channels} channels: expected a multiple of pieces={pieces}")
    groups = tf.reshape(x, tf.concat([tf.shape(x)[:-1], [channels // pieces, pieces]], axis=0))
    groups = tf.ensure_shape(groups, [*x.shape[:-1], channels // pieces, pieces])
    return tf.reduce_max(groups, axis=-1), (tf.argmax(groups, axis=-1), pieces)


def maxout_backward(dy: tf.Tensor, cache: tuple[tf.Tensor, int]) -> Gradients:
    """(dx,): dy to the winner of each group."""
    winner, pieces = cache
    won = tf.one_hot(winner, pieces, dtype=dy.dtype) * dy[..., None]
    dx = tf.reshape(won, tf.concat([tf.shape(dy)[:-1], [dy.shape[-1] * pieces]], axis=0))
    return (tf.ensure_shape(dx, [*dy.shape[:-1], dy.shape[-1] * pieces]),)


maxout = Op("maxout", maxout_forward, maxout_backward)
