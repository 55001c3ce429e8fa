"""The windows that a kernel visits, as slices: one for each tap, with what that tap sees at every output position."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.precision import at_least_float32


def taps(kernel: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Positions inside a kernel, in row-major order."""
    return itertools.product(*map(range, kernel))


def seen_by(
    tap: Sequence[int], x: tf.Tensor, outputs: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tf.Tensor:
    """x[n, p S + a D, c] for the tap a and every output position p: (batch, *outputs, channels)."""
    seen = [slice(a * d, a * d + (n - 1) * s + 1, s) for a, n, s, d in zip(tap, outputs, stride, dilation, strict=True)]
    return x[:, *seen]


def im2col(
    x: tf.Tensor, kernel: Sequence[int], outputs: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tf.Tensor:
    """Each window of x (batch, *spatial, C) as a row of taps x channels: (batch, *outputs, taps * C)."""
    return tf.concat([seen_by(tap, x, outputs, stride, dilation) for tap in taps(kernel)], axis=-1)


def col2im(
    columns: tf.Tensor, sizes: Sequence[int], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tf.Tensor:
    """The transpose of `im2col`: every pixel of (batch, *sizes, C) collects what stands for it in all windows."""
    dtype, columns = columns.dtype, at_least_float32(columns)
    outputs = columns.shape[1:-1]
    channels = columns.shape[-1] // int(np.prod(kernel))
    image = None
    for place, tap in enumerate(taps(kernel)):
        spread = with_holes(columns[..., place * channels : (place + 1) * channels], stride)
        room = [
            (a * d, size - a * d - ((n - 1) * s + 1))
            for a, d, size, n, s in zip(tap, dilation, sizes, outputs, stride, strict=True)
        ]
        part = tf.pad(spread, [[0, 0], *room, [0, 0]])
        image = part if image is None else image + part
    return tf.cast(image, dtype)


def with_holes(x: tf.Tensor, spacing: Sequence[int], first_axis: int = 1) -> tf.Tensor:
    """x with s - 1 zeros between its entries along the axes from `first_axis` on: n entries become (n - 1) s + 1."""
    for axis, s in enumerate(spacing, first_axis):
        if s > 1:
            n = x.shape[axis]
            after = [[0, 0]] * (axis + 1) + [[0, s - 1]] + [[0, 0]] * (x.shape.rank - axis - 1)
            spread = tf.pad(tf.expand_dims(x, axis + 1), after)
            shape = tf.concat([tf.shape(x)[:axis], [n * s], tf.shape(x)[axis + 1 :]], axis=0)
            x = tf.gather(tf.reshape(spread, shape), range((n - 1) * s + 1), axis=axis)
    return x
