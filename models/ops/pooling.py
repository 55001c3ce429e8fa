"""Maximum and average pooling of images (batch, height, width, channels) over windows.

With the windows' entries x~[n, p S + a, c], a running over the pool,

    maximum:  y[n, p, c] = max_a x~[n, p S + a, c]          average:  y[n, p, c] = sum_a x~[n, p S + a, c] / m[p]

where padding is left out of both: it is minus infinity to the maximum, and m[p] counts the pixels inside the image. So

    maximum:  dx~[n, q, c] = sum of dy[n, p, c] over the windows p whose maximum is at q; nothing to the other pixels
    average:  dx~[n, q, c] = sum of dy[n, p, c] / m[p] over the windows p that hold q

which is `col2im` of dy, given to the tap that won, or shared by all. Of equal maxima the first in row-major order wins,
as in TensorFlow. Neither pooling has parameters. Source: Goodfellow, Bengio and Courville 2016, section 9.3.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.checks import check_choice, check_known_channels, check_per_axis, check_tensor
from keras_suite.models.ops.conv_geometry import Amounts, output_size, padding_amounts, per_axis
from keras_suite.models.ops.op import Gradients, Op, at_least_float32
from keras_suite.models.ops.open_sizes import Size, shaped, sizes_of, unless_empty
from keras_suite.models.ops.windows import col2im, im2col, taps, unpad

METHODS = ("primitive", "derivation")


class Windows(NamedTuple):
    """The pooling windows: per axis, in pixels."""

    sizes: tuple[Size, ...]
    padded: tuple[Size, ...]
    outputs: tuple[Size, ...]
    pool: tuple[int, ...]
    stride: tuple[int, ...]
    amounts: Amounts
    padding: str


class MaxCache(NamedTuple):
    """The primitive needs x and y; the derivation the winning tap of each window."""

    x: tf.Tensor
    y: tf.Tensor
    winner: tf.Tensor | None
    windows: Windows
    method: str


class AverageCache(NamedTuple):
    """The windows say all; TensorFlow's primitive asks for the input's shape, which only the batch decides."""

    windows: Windows
    method: str


def max_pooling2d_forward(
    x: tf.Tensor,
    *,
    pool_size: int | Sequence[int] = 2,
    stride: int | Sequence[int] | None = None,
    padding: str = "valid",
    with_indices: bool = False,
    method: str = "primitive",
) -> tuple[tf.Tensor | tuple[tf.Tensor, tf.Tensor], MaxCache]:
    """Return the maximum of each window.

    Args:
        x: (batch, height, width, channels).
        pool_size: one number for both axes, or one for each.
        stride: pixels from window to window; None is `pool_size`.
        padding: "valid" or "same".
        with_indices: return also where each maximum is: int32 row * width + column in the unpadded image, per channel.
        method: "primitive" or "derivation".
    """
    windows = _windows("max_pooling2d", x, pool_size, stride, padding, method)
    winner = None
    if with_indices or method == "derivation":
        y, winner = _won(x, windows)
    else:
        y = tf.nn.max_pool2d(x, windows.pool, windows.stride, padding.upper())
    cache = MaxCache(x, y, winner, windows, method)
    if winner is None:
        y = _with_nan(y, x, windows)  # beside the cache: TensorFlow looks for its own y there, for a kernel of the pair
    return ((y, _positions(winner, windows)) if with_indices else y), cache


def _with_nan(y: tf.Tensor, x: tf.Tensor, windows: Windows) -> tf.Tensor:
    """Return the maxima y with NaN for each window of x that holds one: TensorFlow's kernel on a CPU passes over it."""
    if tf.executing_eagerly():
        return y  # x was looked at

    def marked() -> tf.Tensor:
        missing = tf.cast(tf.math.is_nan(x), x.dtype)
        there = tf.nn.max_pool2d(missing, windows.pool, windows.stride, windows.padding.upper())
        return tf.where(there > 0, tf.constant(np.nan, y.dtype), y)

    # A sum is the cheapest way to see one. Of both infinities it is NaN, too, and then `marked` looks more closely.
    return tf.cond(tf.math.is_nan(tf.reduce_sum(x)), marked, lambda: y)


def max_pooling2d_backward(dy: tf.Tensor, cache: MaxCache) -> Gradients:
    """Return (dx,): each dy to the pixel that was its window's maximum."""
    windows = cache.windows
    if cache.method == "primitive":
        return (unless_empty(dy, lambda: tf.zeros_like(cache.x), lambda: _primitive_max_gradient(dy, cache)),)
    columns = [tf.where(cache.winner == number, dy, tf.zeros_like(dy)) for number in range(int(np.prod(windows.pool)))]
    return (_to_image(tf.concat(columns, axis=-1), windows),)


def _primitive_max_gradient(dy: tf.Tensor, cache: MaxCache) -> tf.Tensor:
    windows = cache.windows
    return tf.raw_ops.MaxPoolGrad(
        orig_input=cache.x,
        orig_output=cache.y,
        grad=dy,
        ksize=(1, *windows.pool, 1),
        strides=(1, *windows.stride, 1),
        padding=windows.padding.upper(),
    )


def average_pooling2d_forward(
    x: tf.Tensor,
    *,
    pool_size: int | Sequence[int] = 2,
    stride: int | Sequence[int] | None = None,
    padding: str = "valid",
    method: str = "primitive",
) -> tuple[tf.Tensor, AverageCache]:
    """Return the mean of each window's pixels; arguments as for `max_pooling2d_forward`."""
    windows = _windows("average_pooling2d", x, pool_size, stride, padding, method)
    summed = at_least_float32(x)  # 22 pixels of 3,000 are too many for float16
    if method == "primitive":
        y = tf.nn.avg_pool2d(summed, windows.pool, windows.stride, padding.upper())
    else:
        y = tf.reduce_sum(_entries(summed, windows, 0), axis=3) / _pixels(windows, summed.dtype)
    return tf.cast(y, x.dtype), AverageCache(windows, method)


def average_pooling2d_backward(dy: tf.Tensor, cache: AverageCache) -> Gradients:
    """Return (dx,): each dy shared equally by the pixels of its window."""
    windows = cache.windows
    if cache.method == "primitive":
        dx = tf.raw_ops.AvgPoolGrad(
            orig_input_shape=tf.stack([tf.shape(dy)[0], *windows.sizes, dy.shape[-1]]),
            grad=dy,
            ksize=(1, *windows.pool, 1),
            strides=(1, *windows.stride, 1),
            padding=windows.padding.upper(),
        )
        return (dx,)
    share = dy / _pixels(windows, dy.dtype)
    return (_to_image(tf.concat([share] * int(np.prod(windows.pool)), axis=-1), windows),)


def _won(x: tf.Tensor, windows: Windows) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the maximum of each window and the tap that it is at, int32, both (batch, *outputs, channels).

    Tap by tap over all windows at once: a later one wins where it is larger, so of equal maxima the first stays.
    """
    # As to TensorFlow, minus infinity is the lowest finite number: padding then loses to every pixel.
    padded = tf.pad(tf.maximum(x, x.dtype.min), [[0, 0], *windows.amounts, [0, 0]], constant_values=-np.inf)
    padded = shaped(padded, x, windows.padded, x.shape[-1])
    y, *others = _each_tap(padded, windows)
    winner = tf.zeros_like(y, tf.int32)
    for number, entry in enumerate(others, 1):
        winner = tf.where((entry > y) | (tf.math.is_nan(entry) & ~tf.math.is_nan(y)), number, winner)
        y = tf.maximum(y, entry)
    return y, winner


def _each_tap(padded: tf.Tensor, windows: Windows) -> list[tf.Tensor]:
    """Return for each tap what all windows hold there, (batch, *outputs, channels)."""
    (rows, columns), (down, right) = windows.outputs, windows.stride
    if windows.stride != windows.pool:
        return [
            shaped(
                padded[:, a : a + (rows - 1) * down + 1 : down, b : b + (columns - 1) * right + 1 : right],
                padded,
                windows.outputs,
                padded.shape[-1],
            )
            for a, b in taps(windows.pool)
        ]
    # Windows side by side are blocks. All four taps of 50 images 32x32x16 take 0.3 ms of the processor this way, and
    # 6.6 ms as strided slices (medians of 15 on one busy core).
    # Not of more than five axes: LiteRT slices no others.
    channels = padded.shape[-1]
    blocks = tf.reshape(padded[:, : rows * down, : columns * right], [-1, down, columns, right, channels])
    return [tf.reshape(blocks[:, a, :, b], [-1, rows, columns, channels]) for a, b in taps(windows.pool)]


def _entries(x: tf.Tensor, windows: Windows, fill: float) -> tf.Tensor:
    """Return (batch, *outputs, taps, channels): what each window holds, `fill` where it reaches beyond the image."""
    padded = shaped(tf.pad(x, [[0, 0], *windows.amounts, [0, 0]], constant_values=fill), x, windows.padded, x.shape[-1])
    columns = im2col(padded, windows.pool, windows.outputs, windows.stride, (1, 1))
    return tf.reshape(columns, [-1, *windows.outputs, int(np.prod(windows.pool)), x.shape[-1]])


def _to_image(columns: tf.Tensor, windows: Windows) -> tf.Tensor:
    padded = col2im(columns, windows.padded, windows.pool, windows.stride, (1, 1))
    return unpad(padded, windows.sizes, windows.amounts)


def _positions(winner: tf.Tensor, windows: Windows) -> tf.Tensor:
    """Return the winning tap of each window as row * width + column of the image."""
    width = windows.sizes[1]
    rows, columns = (
        (np.arange(n, dtype=np.int32) if isinstance(n, int) else tf.range(n)) * s - before
        for n, s, (before, _) in zip(windows.outputs, windows.stride, windows.amounts, strict=True)
    )
    starts = rows[:, None, None] * width + columns[:, None]
    return starts + tf.gather(tf.stack([a * width + b for a, b in taps(windows.pool)]), winner)


def _pixels(windows: Windows, dtype: tf.DType) -> tf.Tensor:
    """Return m (*outputs, 1): how many pixels of the image each window holds."""
    if all(isinstance(size, int) for size in windows.sizes):
        inside = np.pad(np.ones(windows.sizes), windows.amounts)
        counts = np.zeros(windows.outputs)
    else:
        inside, counts = tf.pad(tf.ones(windows.sizes), windows.amounts), tf.zeros(windows.outputs)
    (rows, columns), (down, right) = windows.outputs, windows.stride
    for a, b in taps(windows.pool):
        counts += inside[a : a + (rows - 1) * down + 1 : down, b : b + (columns - 1) * right + 1 : right]
    return tf.cast(counts[..., None], dtype)


def _windows(
    op: str, x: tf.Tensor, pool_size: int | Sequence[int], stride: int | Sequence[int] | None, padding: str, method: str
) -> Windows:
    check_tensor(op, "x", x, "batch, height, width, channels")
    check_known_channels(op, "x", x)
    check_per_axis(op, "pool_size", pool_size, 2)
    check_per_axis(op, "stride", pool_size if stride is None else stride, 2)
    check_choice(op, "padding", padding, ("valid", "same"))
    check_choice(op, "method", method, METHODS)
    sizes, pool = sizes_of(x), per_axis(pool_size, 2)
    strides = pool if stride is None else per_axis(stride, 2)
    amounts = padding_amounts(op, padding, sizes, pool, strides, (1, 1))
    padded = tuple(size + before + after for size, (before, after) in zip(sizes, amounts, strict=True))
    try:
        outputs = tuple(map(output_size, padded, pool, strides))
    except ValueError as error:
        raise ValueError(f"{op}: {error}") from None
    return Windows(sizes, padded, outputs, pool, strides, amounts, padding)


max_pooling2d = Op("max_pooling2d", max_pooling2d_forward, max_pooling2d_backward)
average_pooling2d = Op("average_pooling2d", average_pooling2d_forward, average_pooling2d_backward)
