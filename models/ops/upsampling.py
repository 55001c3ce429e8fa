"""Upsampling: maximum unpooling, which puts values back where the maxima were, and nearest-neighbour upsampling.

Unpooling. y[n, q, c] = sum of v[n, p, c] over the windows p whose index is q, and 0 elsewhere: a linear map, whose
transpose reads dy at the indices, dv[n, p, c] = dy[n, index[n, p, c], c]. Windows that overlap can share a maximum;
then their values are added. Source: Zeiler and Fergus 2014, "switches".

Nearest neighbour. y[n, q, c] = x[n, floor(q / S), c]: every pixel becomes a block of S equal ones on each axis. It is a
copy, so a pixel's gradient is the sum over its block, dx[n, p, c] = sum of dy[n, q, c] over the q with floor(q / S) =
p: average pooling's transpose, but for 1 / S^2. Source: Odena, Dumoulin and Olah 2016, "resize-convolution".
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_known_channels, check_per_axis, check_tensor
from keras_suite.models.ops.conv_geometry import per_axis
from keras_suite.models.ops.op import Gradients, Op, sum_over
from keras_suite.models.ops.open_sizes import Size, sizes_of

UNPOOLING = "max_unpooling2d"


class UnpoolingCache(NamedTuple):
    """Where each value goes in the images laid out in a row, (batch, h, w, channels)."""

    positions: tf.Tensor


def max_unpooling2d_forward(
    values: tf.Tensor, indices: tf.Tensor, *, size: Sequence[int]
) -> tuple[tf.Tensor, UnpoolingCache]:
    """Put values back to where they were pooled from, zeros elsewhere.

    Args:
        values: (batch, h, w, channels).
        indices: of the shape of `values`, row * width + column, from `max_pooling2d(with_indices=True)`. An index
            outside of the image is refused in eager mode; in a graph a CPU's kernel refuses it, a GPU's drops it.
        size: the height and width of the image that was pooled.

    Returns:
        Images (batch, *size, channels) and the cache.
    """
    check_tensor(UNPOOLING, "values", values, "batch, height, width, channels")
    check_known_channels(UNPOOLING, "values", values)
    check_per_axis(UNPOOLING, "size", size, 2)
    if not indices.dtype.is_integer:
        raise ValueError(f"{UNPOOLING}: indices are {indices.dtype.name}: expected whole numbers, as int32")
    if not values.shape.is_compatible_with(indices.shape):
        raise ValueError(
            f"{UNPOOLING}: indices have shape {tuple(indices.shape)} and values {tuple(values.shape)}: expected "
            "an index for every value, from max_pooling2d(with_indices=True)"
        )
    height, width = per_axis(size, 2)
    _check_inside(indices, height, width)
    count, channels = tf.shape(values)[0], values.shape[-1]
    images = tf.range(count)[:, None, None, None] * (height * width)
    positions = (tf.cast(indices, tf.int32) + images) * channels + tf.range(channels)
    flat = tf.math.unsorted_segment_sum(values, positions, count * (height * width * channels))
    return tf.reshape(flat, [count, height, width, channels]), UnpoolingCache(positions)


def max_unpooling2d_backward(dy: tf.Tensor, cache: UnpoolingCache) -> Gradients:
    """Return (dvalues, None): dy where the values were put."""
    return tf.gather(tf.reshape(dy, [-1]), cache.positions), None


def _check_inside(indices: tf.Tensor, height: int, width: int) -> None:
    if not tf.executing_eagerly() or not tf.size(indices):
        return
    low, high = int(tf.reduce_min(indices)), int(tf.reduce_max(indices))
    if low < 0 or high >= height * width:
        raise ValueError(
            f"{UNPOOLING}: indices go from {low} to {high}: expected 0 to {height * width - 1} in images of "
            f"{height}x{width}; give the size of the image that was pooled"
        )


max_unpooling2d = Op(UNPOOLING, max_unpooling2d_forward, max_unpooling2d_backward)


UPSAMPLING = "nearest_upsampling2d"


def nearest_upsampling2d_forward(x: tf.Tensor, *, size: int | Sequence[int] = 2) -> tuple[tf.Tensor, tuple[Size, ...]]:
    """Return y (batch, H S, W T, channels) of x (batch, H, W, channels), with `size` S, or (S, T)."""
    check_tensor(UPSAMPLING, "x", x, "batch, height, width, channels")
    check_known_channels(UPSAMPLING, "x", x)
    check_per_axis(UPSAMPLING, "size", size, 2)
    (height, width), channels, (down, right) = sizes_of(x), x.shape[-1], per_axis(size, 2)
    blocks = tf.tile(x[:, :, None, :, None], [1, 1, down, 1, right, 1])
    y = tf.reshape(blocks, [-1, height * down, width * right, channels])
    return y, (height, down, width, right, channels)


def nearest_upsampling2d_backward(dy: tf.Tensor, blocks: tuple[Size, ...]) -> Gradients:
    """Return (dx,): the sum over each block."""
    return (sum_over(tf.reshape(dy, [-1, *blocks]), [2, 4]),)


nearest_upsampling2d = Op(UPSAMPLING, nearest_upsampling2d_forward, nearest_upsampling2d_backward)
