"""Locally connected layer: a convolution that does not share its weights; every output position has its own.

    y[n, p, k] = b[p, k] + sum_{a, c} x[n, p S + a, c] w[p, a, c, k]

Nothing is summed over positions any more:

    dw[p, a, c, k] = sum_n x[n, p S + a, c] dy[n, p, k]         the shared convolution sums over p as well
    db[p, k]       = sum_n dy[n, p, k]                          over the batch only; the shared bias over p as well
    dx[n, q, c]    = sum_{p, a: p S + a = q} sum_k dy[n, p, k] w[p, a, c, k]

which are, position by position, the matrix products of im2col. Source: LeCun 1989; Gregor and LeCun 2010.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_known_sizes, check_per_axis, check_same_size, check_tensor
from keras_suite.models.ops.conv_geometry import output_size, per_axis
from keras_suite.models.ops.op import Gradients, Op, at_least_float32, sum_over
from keras_suite.models.ops.windows import col2im, im2col

OP = "locally_connected2d"


class Cache(NamedTuple):
    """Windows as rows (batch, *outputs, taps x C), and the kernel (*outputs, h, w, C, K)."""

    columns: tf.Tensor
    kernel: tf.Tensor
    has_bias: bool
    sizes: tuple[int, int]
    stride: tuple[int, ...]


def locally_connected2d_forward(
    x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None, *, stride: int | Sequence[int] = 1
) -> tuple[tf.Tensor, Cache]:
    """Apply to each output position its own kernel and bias.

    Args:
        x: (batch, H, W, C).
        kernel: (H', W', h, w, C, K).
        bias: (H', W', K), or None.
        stride: one number for both axes, or one for each.

    Returns:
        y (batch, H', W', K) and the cache.
    """
    check_tensor(OP, "x", x, "batch, height, width, channels")
    check_tensor(OP, "kernel", kernel, "output height, output width, height, width, channels, filters")
    check_known_sizes(OP, "x", x)
    check_per_axis(OP, "stride", stride, 2)
    check_same_size(OP, "the kernel's number of channels", kernel.shape[4], "x's channels", x.shape[-1])
    strides, window = per_axis(stride, 2), tuple(kernel.shape[2:4])
    try:
        outputs = tuple(map(output_size, x.shape[1:3], window, strides))
    except ValueError as error:
        raise ValueError(f"{OP}: {error}") from None
    if tuple(kernel.shape[:2]) != outputs:
        raise ValueError(
            f"{OP}: the kernel is for {tuple(kernel.shape[:2])} output positions: expected {outputs} for images of "
            f"{tuple(x.shape[1:3])}, windows of {window} and stride {strides}"
        )
    if bias is not None:
        check_tensor(OP, "bias", bias, "output height, output width, filters")
        expected = (*outputs, kernel.shape[-1])
        if tuple(bias.shape) != expected:
            raise ValueError(
                f"{OP}: bias has shape {tuple(bias.shape)}: expected {expected}, one for each position and filter"
            )
    columns = im2col(x, window, outputs, strides, (1, 1))
    y = _product("nijf,ijfk->nijk", columns, _as_matrices(kernel))
    cache = Cache(columns, kernel, bias is not None, (x.shape[1], x.shape[2]), strides)
    return (y if bias is None else y + bias), cache


def locally_connected2d_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dx, dkernel, dbias), as derived above."""
    dcolumns = _product("nijk,ijfk->nijf", dy, _as_matrices(cache.kernel))
    dx = col2im(dcolumns, cache.sizes, cache.kernel.shape[2:4], cache.stride, (1, 1))
    dkernel = tf.reshape(_product("nijf,nijk->ijfk", cache.columns, dy), cache.kernel.shape)
    return dx, dkernel, sum_over(dy, [0]) if cache.has_bias else None


def _product(equation: str, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Return the product in float32 at least: on a CPU TensorFlow adds up batched products of float16 in float16."""
    return tf.cast(tf.einsum(equation, at_least_float32(a), at_least_float32(b)), a.dtype)


def _as_matrices(kernel: tf.Tensor) -> tf.Tensor:
    """Return one matrix (taps x C, K) for each output position."""
    rows, columns, height, width, channels, filters = kernel.shape
    return tf.reshape(kernel, [rows, columns, height * width * channels, filters])


locally_connected2d = Op(OP, locally_connected2d_forward, locally_connected2d_backward)
