"""Unpooling: values go back to the places that maximum pooling took its maxima from; everything else is 0.

y[n, q, c] = sum of v[n, p, c] over the windows p whose index is q: a linear map, whose transpose reads dy at the
indices, dv[n, p, c] = dy[n, index[n, p, c], c]. Windows that overlap can share a maximum; then their values are added.
Source: Zeiler and Fergus 2014, "switches".
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_known_sizes, check_per_axis, check_tensor
from keras_suite.models.ops.conv_geometry import per_axis
from keras_suite.models.ops.op import Gradients, Op

OP = "max_unpooling2d"


class Cache(NamedTuple):
    """Where each value goes in the images laid out in a row, (batch, h, w, channels)."""

    places: tf.Tensor


def max_unpooling2d_forward(values: tf.Tensor, indices: tf.Tensor, *, size: Sequence[int]) -> tuple[tf.Tensor, Cache]:
    """Images (batch, *size, channels) with the values (batch, h, w, channels) at the indices, row * width + column.

    `indices` are those of `max_pooling2d(with_indices=True)`, and `size` the height and width of the
    image that was pooled. An index outside of it is refused in eager mode; in a graph a CPU's kernel refuses it, and a
    GPU's drops it.
    """
    check_tensor(OP, "values", values, "batch, height, width, channels")
    check_known_sizes(OP, "values", values)
    check_per_axis(OP, "size", size, 2)
    if not indices.dtype.is_integer:
        raise ValueError(f"{OP}: indices are {indices.dtype.name}: expected whole numbers, as int32")
    if not values.shape.is_compatible_with(indices.shape):
        raise ValueError(
            f"{OP}: indices have shape {tuple(indices.shape)} and values {tuple(values.shape)}: expected "
            "an index for every value, from max_pooling2d(with_indices=True)"
        )
    height, width = per_axis(size, 2)
    _check_inside(indices, height, width)
    count, channels = tf.shape(values)[0], values.shape[-1]
    images = tf.range(count)[:, None, None, None] * (height * width)
    places = (tf.cast(indices, tf.int32) + images) * channels + tf.range(channels)
    flat = tf.math.unsorted_segment_sum(values, places, count * (height * width * channels))
    return tf.reshape(flat, [-1, height, width, channels]), Cache(places)


def max_unpooling2d_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """(dvalues, None): dy where the values were put."""
    return tf.gather(tf.reshape(dy, [-1]), cache.places), None


def _check_inside(indices: tf.Tensor, height: int, width: int) -> None:
    if not tf.executing_eagerly() or not tf.size(indices):
        return
    low, high = int(tf.reduce_min(indices)), int(tf.reduce_max(indices))
    if low < 0 or high >= height * width:
        raise ValueError(
            f"{OP}: indices go from {low} to {high}: expected 0 to {height * width - 1} in images of "
            f"{height}x{width}; give the size of the image that was pooled"
        )


max_unpooling2d = Op(OP, max_unpooling2d_forward, max_unpooling2d_backward)
