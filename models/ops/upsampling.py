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

from keras_suite.models.ops.checks import check_choice, check_known_channels, check_per_axis, check_tensor
from keras_suite.models.ops.conv_geometry import per_axis
from keras_suite.models.ops.op import Gradients, Op, at_least_float32, sum_over
from keras_suite.models.ops.open_sizes import Size, sizes_of, unless_empty

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
UPSAMPLING_METHODS = ("primitive", "derivation")
ADDED_IN_TURN = 6  # pixels of a block at most: TensorFlow's sum over an axis adds up longer ones in another order


class UpsamplingCache(NamedTuple):
    """The sizes of dy with each block's two axes beside those of the image, and the method."""

    blocks: tuple[Size, ...]
    method: str


def nearest_upsampling2d_forward(
    x: tf.Tensor, *, size: int | Sequence[int] = 2, method: str = "derivation"
) -> tuple[tf.Tensor, UpsamplingCache]:
    """Return y (batch, H S, W T, channels) of x (batch, H, W, channels), with `size` S, or (S, T).

    The method is of the backward pass: "primitive" is TensorFlow's kernel, which adds up each block row by row as the
    "derivation" does, to the same bits, faster, but not under XLA. Of larger blocks than `ADDED_IN_TURN`, in float64
    and on a GPU they would not be the same, and the derivation is taken.
    """
    check_choice(UPSAMPLING, "method", method, UPSAMPLING_METHODS)
    check_tensor(UPSAMPLING, "x", x, "batch, height, width, channels")
    check_known_channels(UPSAMPLING, "x", x)
    check_per_axis(UPSAMPLING, "size", size, 2)
    (height, width), channels, (down, right) = sizes_of(x), x.shape[-1], per_axis(size, 2)
    blocks = tf.tile(x[:, :, None, :, None], [1, 1, down, 1, right, 1])
    y = tf.reshape(blocks, [-1, height * down, width * right, channels])
    return y, UpsamplingCache((height, down, width, right, channels), method)


def nearest_upsampling2d_backward(dy: tf.Tensor, cache: UpsamplingCache) -> Gradients:
    """Return (dx,): the sum over each block."""
    blocks = cache.blocks
    _, down, _, right, _ = blocks
    on_gpu = tf.config.list_logical_devices("GPU")  # where the kernel is not deterministic
    if cache.method == "derivation" or on_gpu or dy.dtype == tf.float64 or down * right > ADDED_IN_TURN:
        return (sum_over(tf.reshape(dy, [-1, *blocks]), [2, 4]),)
    height, _, width, _, channels = blocks

    def of_none() -> tf.Tensor:
        return tf.zeros([0, height, width, channels], dy.dtype)

    return (unless_empty(dy, of_none, lambda: _summed(dy, tf.stack([height, width]))),)


def _summed(dy: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    dx = tf.raw_ops.ResizeNearestNeighborGrad(grads=at_least_float32(dy), size=size, half_pixel_centers=True)
    return tf.cast(dx, dy.dtype)


nearest_upsampling2d = Op(UPSAMPLING, nearest_upsampling2d_forward, nearest_upsampling2d_backward)
