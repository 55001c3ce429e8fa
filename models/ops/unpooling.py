"""Unpooling: values go back to the places that maximum pooling took its maxima from; everything else is 0.

y[n, q, c] = sum of v[n, p, c] over the windows p whose index is q: a linear map, whose transpose reads dy at the
indices, dv[n, p, c] = dy[n, index[n, p, c], c]. Windows that overlap can share a maximum; then their values are added.
Source: Zeiler and Fergus 2014, "switches".
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from models.ops.checks import check_positive, check_tensor
from models.ops.op import Gradients, Op


class Cache(NamedTuple):
    """Places (batch, windows, channels, 3) as (image, pixel, channel), and the shape of the values."""

    places: tf.Tensor
    shape: tf.Tensor


def max_unpooling2d_forward(values: tf.Tensor, indices: tf.Tensor, *, size: Sequence[int]) -> tuple[tf.Tensor, Cache]:
    """Images (batch, *size, channels) with the values (batch, h, w, channels) at the indices, row * width + column.

    `indices` are those of `max_pooling2d(with_indices=True)`; one outside the size is dropped silently on a GPU.
    """
    check_tensor("max_unpooling2d", "values", values, "batch, height, width, channels")
    check_positive("max_unpooling2d", "size", size)
    if tuple(values.shape[1:]) != tuple(indices.shape[1:]):
        raise ValueError(
            f"max_unpooling2d: indices have shape {tuple(indices.shape)} and values {tuple(values.shape)}: expected "
            "an index for every value, from max_pooling2d(with_indices=True)"
        )
    height, width = size
    shape, channels = tf.shape(values), values.shape[-1]
    pixels = tf.reshape(tf.cast(indices, tf.int32), [shape[0], -1, channels])
    images = tf.zeros_like(pixels) + tf.range(shape[0])[:, None, None]
    places = tf.stack([images, pixels, tf.zeros_like(pixels) + tf.range(channels)], axis=-1)
    flat = tf.scatter_nd(places, tf.reshape(values, tf.shape(pixels)), tf.stack([shape[0], height * width, channels]))
    return tf.reshape(flat, [-1, height, width, channels]), Cache(places, shape)


def max_unpooling2d_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """(dvalues, None): dy where the values were put."""
    pixels = tf.reshape(dy, [tf.shape(dy)[0], -1, dy.shape[-1]])
    return tf.reshape(tf.gather_nd(pixels, cache.places), cache.shape), None


max_unpooling2d = Op("max_unpooling2d", max_unpooling2d_forward, max_unpooling2d_backward)
