"""Transposed convolution: the input gradient of a convolution, used as a forward pass.

A convolution is a matrix A on flattened images (models/ops/conv_matrix.py), its input gradient A^T. Here the forward
pass is A^T, so the backward pass is A: with a kernel w[a, out, in] seen as a convolution from `out` to `in` channels,

    y = A^T x + b      dx = A dy, the convolution itself      dw = its kernel gradient, with x and dy exchanged.

An output of stride S is S times as large as the input. Source: Dumoulin and Visin 2016, chapter 4.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from models.ops import conv_primitives
from models.ops.checks import check_choice, check_positive, check_same_size, check_tensor
from models.ops.conv_geometry import extent, per_axis, same_padding
from models.ops.convolution import Geometry, input_gradient, kernel_gradient
from models.ops.op import Gradients, Op
from models.ops.padding import pad, unpad
from models.ops.precision import sum_over

OP = "conv2d_transpose"


class Cache(NamedTuple):
    """The geometry is that of the convolution from y to x."""

    x: tf.Tensor
    kernel: tf.Tensor
    has_bias: bool
    geometry: Geometry
    method: str


def conv2d_transpose_forward(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None = None,
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: str | int | Sequence[int] = "valid",
    output_padding: int | Sequence[int] | None = None,
    method: str = "primitive",
) -> tuple[tf.Tensor, Cache]:
    """y (batch, H', W', out) of x (batch, H, W, in), a kernel (h, w, out, in) and a bias (out,) or None.

    H' is H S for padding "same", (H - 1) S + max(F', S) for "valid", and (H - 1) S + F' - 2 P for a number P, with
    F' = (F - 1) D + 1; all as in Keras. `output_padding` is H' - ((H - 1) S + F' - 2 P), with P = F' // 2 for "same".
    """
    geometry = _geometry(x, kernel, bias, stride, dilation, padding, output_padding)
    check_choice(OP, "method", method, ("primitive", "derivation"))
    if not conv_primitives.differentiable(x.dtype, geometry.dilation, 1):
        method = "derivation"
    if method == "primitive":
        y = conv_primitives.input_gradient(x, kernel, geometry.padded, geometry.stride, geometry.dilation)
    else:
        y = input_gradient(x, kernel, geometry)
    y = unpad(y, geometry.sizes, geometry.amounts)
    return (y if bias is None else y + bias), Cache(x, kernel, bias is not None, geometry, method)


def conv2d_transpose_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """(dx, dkernel, dbias), as derived above."""
    geometry = cache.geometry
    padded = pad(dy, geometry.amounts)
    dx = conv_primitives.correlate(padded, cache.kernel, geometry.stride, geometry.dilation)
    if cache.method == "primitive":
        steps = geometry.stride, geometry.dilation
        dkernel = conv_primitives.kernel_gradient(padded, cache.x, cache.kernel.shape, *steps)
    else:
        dkernel = kernel_gradient(padded, cache.x, geometry)
    return dx, dkernel, sum_over(dy, [0, 1, 2]) if cache.has_bias else None


def _geometry(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None,
    stride: int | Sequence[int],
    dilation: int | Sequence[int],
    padding: str | int | Sequence[int],
    output_padding: int | Sequence[int] | None,
) -> Geometry:
    check_tensor(OP, "x", x, "batch, height, width, channels")
    check_tensor(OP, "kernel", kernel, "height, width, filters, channels")
    check_positive(OP, "stride", stride)
    check_positive(OP, "dilation", dilation)
    check_same_size(OP, "the kernel's last axis", kernel.shape[-1], "x's channels", x.shape[-1])
    if bias is not None:
        check_tensor(OP, "bias", bias, "filters")
        check_same_size(OP, "the bias's size", bias.shape[0], "the kernel's number of filters", kernel.shape[-2])
    if isinstance(padding, str):
        check_choice(OP, "padding", padding, ("valid", "same"))
    inputs, window = tuple(x.shape[1:3]), tuple(kernel.shape[:2])
    stride, dilation = per_axis(stride, 2), per_axis(dilation, 2)
    explicit = (0, 0) if isinstance(padding, str) else per_axis(padding, 2)
    more = (None, None) if output_padding is None else per_axis(output_padding, 2)
    sizes, amounts = [], []
    for n, f, s, d, p, extra in zip(inputs, window, stride, dilation, explicit, more, strict=True):
        reach = extent(f, d)
        if extra is None:
            size = {"same": n * s, "valid": (n - 1) * s + max(reach, s)}.get(str(padding), (n - 1) * s + reach - 2 * p)
        else:
            if not 0 <= extra < s:
                raise ValueError(
                    f"{OP}: output_padding={extra} is not possible: expected 0 up to the stride {s} less 1"
                )
            size = (n - 1) * s + reach - 2 * (reach // 2 if padding == "same" else p) + extra
        if size < 1:
            raise ValueError(f"{OP}: padding={padding!r} leaves {size} of {(n - 1) * s + reach} pixels: pad less")
        sizes.append(size)
        amounts.append(same_padding(size, f, s, d) if padding == "same" else (p, p))
    padded = tuple(size + before + after for size, (before, after) in zip(sizes, amounts, strict=True))
    return Geometry(tuple(sizes), padded, inputs, window, stride, dilation, tuple(amounts), "zeros")


conv2d_transpose = Op(OP, conv2d_transpose_forward, conv2d_transpose_backward)
