"""Padding, the windows that a kernel visits, and a convolution written out as the one large matrix that it is.

Padding with zeros, by reflection, or by the edge: each padded row is a copy of an input row (or zero), so along each
axis padding is a 0/1 matrix P, and its backward pass P^T: every input row collects the gradients of its copies.
Reflection is 1 0 | 0 1 2 -> 2 1 | 0 1 2 (the edge itself is not repeated: TensorFlow's REFLECT); "edge" repeats it:
0 0 | 0 1 2.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.checks import check_choice, check_per_axis
from keras_suite.models.ops.conv_geometry import Amounts, Padding, extent, output_size, padding_amounts, per_axis
from keras_suite.models.ops.op import at_least_float32
from keras_suite.models.ops.open_sizes import Size, known, none_of, shaped, size_of

PADDING_MODES = ("zeros", "reflect", "edge")


def pad(x: tf.Tensor, amounts: Amounts, mode: str = "zeros", op: str = "pad") -> tf.Tensor:
    """Return x (batch, *spatial, channels) with `amounts` = (before, after) more pixels on each spatial axis."""
    check_choice(op, "padding_mode", mode, PADDING_MODES)
    if none_of([n for pair in amounts for n in pair]):
        return x
    if mode == "zeros":
        padded = tf.pad(x, [[0, 0], *amounts, [0, 0]])
        sizes = [size_of(x, axis) + sum(pair) for axis, pair in enumerate(amounts, 1)]
        return shaped(padded, x, sizes, x.shape[-1])
    for axis, (before, after) in enumerate(amounts, 1):
        x = tf.gather(x, _sources(size_of(x, axis), before, after, mode, op), axis=axis)
    return x


def unpad(dy: tf.Tensor, sizes: Sequence[Size], amounts: Amounts, mode: str = "zeros", op: str = "pad") -> tf.Tensor:
    """Return P^T dy: the gradient with respect to the unpadded x, whose spatial axes have these sizes."""
    if none_of([n for pair in amounts for n in pair]):
        return dy
    if mode == "zeros":
        inside = [slice(before, before + size) for size, (before, _) in zip(sizes, amounts, strict=True)]
        return shaped(dy[:, *inside], dy, sizes, dy.shape[-1])
    for axis, (size, (before, after)) in enumerate(zip(sizes, amounts, strict=True), 1):
        rows = tf.experimental.numpy.moveaxis(dy, axis, 0)
        collected = tf.math.unsorted_segment_sum(rows, _sources(size, before, after, mode, op), size)
        dy = tf.experimental.numpy.moveaxis(collected, 0, axis)
    return dy


def _sources(size: Size, before: Size, after: Size, mode: str, op: str) -> Any:
    """Return, for every padded row, the input row that it copies."""
    if not all(isinstance(n, int) for n in (size, before, after)):
        rows = tf.range(-before, size + after)
        return tf.clip_by_value(rows, 0, size - 1) if mode == "edge" else size - 1 - abs(size - 1 - abs(rows))
    if mode == "reflect" and max(before, after) >= size:
        raise ValueError(
            f"{op}: {max(before, after)} pixels cannot be reflected at an image of {size}: at most {size - 1}; "
            "pad less, or with padding_mode='edge'"
        )
    rows = np.arange(-before, size + after)
    return np.clip(rows, 0, size - 1) if mode == "edge" else size - 1 - np.abs(size - 1 - np.abs(rows))


def taps(kernel: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the positions inside a kernel, in row-major order."""
    return itertools.product(*map(range, kernel))


def seen_by(
    tap: Sequence[int], x: tf.Tensor, outputs: Sequence[Size], stride: Sequence[int], dilation: Sequence[int]
) -> tf.Tensor:
    """Return x[n, p S + a D, c] for the tap a and every output position p: (batch, *outputs, channels)."""
    seen = [slice(a * d, a * d + (n - 1) * s + 1, s) for a, n, s, d in zip(tap, outputs, stride, dilation, strict=True)]
    return shaped(x[:, *seen], x, outputs, x.shape[-1])


def im2col(
    x: tf.Tensor, kernel: Sequence[int], outputs: Sequence[Size], stride: Sequence[int], dilation: Sequence[int]
) -> tf.Tensor:
    """Return each window of x (batch, *spatial, C) as a row of taps x channels: (batch, *outputs, taps * C)."""
    return tf.concat([seen_by(tap, x, outputs, stride, dilation) for tap in taps(kernel)], axis=-1)


def col2im(
    columns: tf.Tensor, sizes: Sequence[Size], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tf.Tensor:
    """Apply the transpose of `im2col`: every pixel of (batch, *sizes, C) collects what stands for it in all windows."""
    dtype, columns = columns.dtype, at_least_float32(columns)
    outputs = [size_of(columns, axis) for axis in range(1, columns.shape.rank - 1)]
    channels = columns.shape[-1] // int(np.prod(kernel))
    image = None
    for index, tap in enumerate(taps(kernel)):
        spread = with_holes(columns[..., index * channels : (index + 1) * channels], stride)
        room = [
            (a * d, size - a * d - ((n - 1) * s + 1))
            for a, d, size, n, s in zip(tap, dilation, sizes, outputs, stride, strict=True)
        ]
        part = shaped(tf.pad(spread, [[0, 0], *room, [0, 0]]), columns, sizes, channels)
        image = part if image is None else image + part
    return tf.cast(image, dtype)


def with_holes(x: tf.Tensor, spacing: Sequence[int], first_axis: int = 1) -> tf.Tensor:
    """Put s - 1 zeros between x's entries along the axes from `first_axis` on: n entries become (n - 1) s + 1."""
    for axis, s in enumerate(spacing, first_axis):
        if s > 1:
            n, static = size_of(x, axis), list(x.shape)
            after = [[0, 0]] * (axis + 1) + [[0, s - 1]] + [[0, 0]] * (x.shape.rank - axis - 1)
            spread = tf.pad(tf.expand_dims(x, axis + 1), after)
            shape = tf.concat([tf.shape(x)[:axis], [n * s], tf.shape(x)[axis + 1 :]], axis=0)
            entries = (n - 1) * s + 1
            x = tf.gather(
                tf.reshape(spread, shape), range(entries) if isinstance(entries, int) else tf.range(entries), axis=axis
            )
            x.set_shape([*static[:axis], *known([entries]), *static[axis + 1 :]])
    return x


CONV_MATRIX = "conv_matrix"


def conv_matrix(
    kernel: np.ndarray,
    image_size: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Return A (H' W' K, H W C): A @ x.ravel() is the correlation of an image x (H, W, C) and a kernel (h, w, C, K).

    Row (p, k) holds w[a, c, k] in column (p S + a D, c); the columns of zeros put around the image are left out. The
    transpose is the backward pass: A.T @ dy.ravel() is dx. Source: Dumoulin and Visin 2016, section 4.1.
    """
    if kernel.ndim != 4:
        raise ValueError(
            f"{CONV_MATRIX}: kernel has shape {kernel.shape}: expected 4 axes, (height, width, channels, filters)"
        )
    for argument, values in (("image_size", image_size), ("stride", stride), ("dilation", dilation)):
        check_per_axis(CONV_MATRIX, argument, values, 2)
    window, channels, filters = kernel.shape[:2], kernel.shape[2], kernel.shape[3]
    sizes, strides, dilations = per_axis(image_size, 2), per_axis(stride, 2), per_axis(dilation, 2)
    amounts = padding_amounts(CONV_MATRIX, padding, sizes, window, strides, dilations)
    padded = tuple(size + before + after for size, (before, after) in zip(sizes, amounts, strict=True))
    try:
        outputs = tuple(
            output_size(n, f, s, dilation=d) for n, f, s, d in zip(padded, window, strides, dilations, strict=True)
        )
    except ValueError as error:
        raise ValueError(f"{CONV_MATRIX}: {error}") from None
    matrix = np.zeros((*outputs, filters, *padded, channels), kernel.dtype)
    for position in taps(outputs):
        seen = tuple(
            slice(p * s, p * s + extent(f, d), d)
            for p, s, f, d in zip(position, strides, window, dilations, strict=True)
        )
        index: tuple[int | slice, ...] = (*position, slice(None), *seen)
        matrix[index] = np.moveaxis(kernel, -1, 0)
    inside = tuple(slice(before, before + size) for size, (before, _) in zip(sizes, amounts, strict=True))
    return matrix[:, :, :, *inside].reshape(outputs[0] * outputs[1] * filters, -1)
