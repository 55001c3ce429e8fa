"""Transposed convolution: the input gradient of a convolution, used as a forward pass.

A convolution is a matrix A on flattened images (models/ops/windows.py), its input gradient A^T. Here the forward
pass is A^T, so the backward pass is A: with a kernel w[a, out, in] seen as a convolution from `out` to `in` channels,

    y = A^T x + b      dx = A dy, the convolution itself      dw = its kernel gradient, with x and dy exchanged.

With stride S the output is about S times as large as the input. Source: Dumoulin and Visin 2016, chapter 4.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops import conv_primitives
from keras_suite.models.ops.checks import (
    check_choice,
    check_known_channels,
    check_per_axis,
    check_same_size,
    check_tensor,
)
from keras_suite.models.ops.conv_geometry import Padding, extent, padding_amounts, per_axis, same_padding
from keras_suite.models.ops.convolution import Geometry, input_gradient, kernel_gradient
from keras_suite.models.ops.op import Gradients, Op, sum_over
from keras_suite.models.ops.open_sizes import Size, shaped, sizes_of, unless_empty
from keras_suite.models.ops.windows import pad, unpad

OP = "conv2d_transpose"
METHODS = ("primitive", "derivation")


class Cache(NamedTuple):
    """The geometry is that of the convolution from y to x."""

    x: tf.Tensor
    kernel: tf.Tensor
    has_bias: bool
    geometry: Geometry
    method: str
    kernel_padding: str  # "SAME" where TensorFlow's kernels pad


def conv2d_transpose_forward(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None = None,
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = "valid",
    output_padding: int | Sequence[int] | None = None,
    method: str = "primitive",
    fused: bool = False,
) -> tuple[tf.Tensor, Cache]:
    """Apply the transpose of a convolution.

    Args:
        x: (batch, H, W, in).
        kernel: (h, w, out, in).
        bias: (out,), or None.
        stride, dilation: one number for both axes, or one for each.
        padding: "valid" or "same" as in Keras, or a number P (one for all, or one or a pair (before, after) for each
            axis).
        output_padding: H' - ((H - 1) S + F' - 2 P), with P = F' // 2 for "same"; None for the sizes below.
        method: "primitive" or "derivation".
        fused: let the primitive's kernels do the padding "same", too: faster, and other last bits.

    Returns:
        y (batch, H', W', out) and the cache. With F' = (F - 1) D + 1, H' is H S for padding "same",
        (H - 1) S + max(F', S) for "valid", and (H - 1) S + F' - 2 P for a number P.
    """
    geometry = _geometry(x, kernel, bias, stride, dilation, padding, output_padding)
    check_choice(OP, "method", method, METHODS)
    if not conv_primitives.differentiable(x.dtype, geometry.dilation, 1):
        method = "derivation"
    steps = geometry.stride, geometry.dilation
    inside = fused and method == "primitive" and padding == "same"
    if inside and conv_primitives.pads(x.dtype, kernel.shape, *steps, 1):
        kernel_padding = "SAME"
        y = conv_primitives.input_gradient(x, kernel, geometry.sizes, *steps, padding=kernel_padding)
    else:
        kernel_padding = "VALID"
        if method == "primitive":
            y = conv_primitives.input_gradient(x, kernel, geometry.padded, *steps)
        else:
            y = input_gradient(x, kernel, geometry)
        y = unpad(y, geometry.sizes, geometry.amounts)
    y = shaped(y, x, geometry.sizes, kernel.shape[-2])
    return (y if bias is None else y + bias), Cache(x, kernel, bias is not None, geometry, method, kernel_padding)


def conv2d_transpose_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dx, dkernel, dbias), as derived above."""
    nothing = tf.zeros_like(cache.x), tf.zeros_like(cache.kernel)
    dx, dkernel = unless_empty(dy, lambda: nothing, lambda: _gradients(dy, cache))
    return dx, dkernel, sum_over(dy, [0, 1, 2]) if cache.has_bias else None


def _gradients(dy: tf.Tensor, cache: Cache) -> tuple[tf.Tensor, tf.Tensor]:
    """Return (dx, dkernel)."""
    geometry, steps = cache.geometry, (cache.geometry.stride, cache.geometry.dilation)
    padding = cache.kernel_padding
    padded = dy if padding == "SAME" else pad(dy, geometry.amounts)
    if cache.method == "primitive":
        dx = conv_primitives.correlate(padded, cache.kernel, *steps, padding=padding)
        return dx, conv_primitives.kernel_gradient(padded, cache.x, cache.kernel.shape, *steps, padding)
    return _correlated(padded, cache.kernel, geometry), kernel_gradient(padded, cache.x, geometry)


def _correlated(padded: tf.Tensor, kernel: tf.Tensor, geometry: Geometry) -> tf.Tensor:
    """Correlate with a gradient of its own, for second derivatives: TensorFlow has none of dilation on a CPU."""

    @tf.custom_gradient
    def correlate(padded: tf.Tensor, kernel: tf.Tensor) -> tuple[tf.Tensor, Callable[..., tuple[tf.Tensor, tf.Tensor]]]:
        def gradient(dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return input_gradient(dy, kernel, geometry), kernel_gradient(padded, dy, geometry)

        return conv_primitives.correlate(padded, kernel, geometry.stride, geometry.dilation), gradient

    return correlate(padded, kernel)


def _geometry(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None,
    stride: int | Sequence[int],
    dilation: int | Sequence[int],
    padding: Padding,
    output_padding: int | Sequence[int] | None,
) -> Geometry:
    check_tensor(OP, "x", x, "batch, height, width, channels")
    check_tensor(OP, "kernel", kernel, "height, width, filters, channels")
    check_known_channels(OP, "x", x)
    check_per_axis(OP, "stride", stride, 2)
    check_per_axis(OP, "dilation", dilation, 2)
    check_same_size(OP, "the kernel's last axis", kernel.shape[-1], "x's channels", x.shape[-1])
    if bias is not None:
        check_tensor(OP, "bias", bias, "filters")
        check_same_size(OP, "the bias's size", bias.shape[0], "the kernel's number of filters", kernel.shape[-2])
    if isinstance(padding, str):
        check_choice(OP, "padding", padding, ("valid", "same"))
    inputs, window = sizes_of(x), tuple(kernel.shape[:2])
    stride, dilation = per_axis(stride, 2), per_axis(dilation, 2)
    explicit = padding_amounts(OP, "valid" if padding == "same" else padding, inputs, window, stride, dilation)
    sizes = tuple(
        output_size(n, extent(f, d), s, str(padding), cut, extra)
        for n, f, s, d, cut, extra in zip(
            inputs, window, stride, dilation, map(sum, explicit), output_paddings(output_padding), strict=True
        )
    )
    amounts = tuple(map(same_padding, sizes, window, stride, dilation)) if padding == "same" else explicit
    padded = tuple(size + before + after for size, (before, after) in zip(sizes, amounts, strict=True))
    return Geometry(sizes, padded, inputs, window, stride, dilation, amounts, "zeros")


def output_size(n: Size, reach: int, stride: int, padding: str, cut: int, extra: int | None) -> Size:
    """Return H' of n inputs under a kernel of F' = `reach` pixels; explicit padding cuts off `cut` on both sides."""
    full = (n - 1) * stride + reach
    if extra is None:
        size = {"same": n * stride, "valid": full + max(stride - reach, 0)}.get(padding, full - cut)
    else:
        low = 0
        if padding == "same":
            cut = 2 * (reach // 2)
            low = int(cut == reach)  # an even kernel is cut off whole: of what is left no convolution gives n
        if not isinstance(extra, int) or not low <= extra < stride:
            raise ValueError(
                f"{OP}: output_padding={extra!r} is not possible: expected {low} up to the stride {stride} less 1, or "
                "None" + f", for an even kernel ({reach} pixels) with padding='same'" * low
            )
        size = full - cut + extra
    if isinstance(size, int) and size < 1:
        raise ValueError(f"{OP}: padding={padding} leaves {size} of {full} pixels: pad less")
    return size


def output_paddings(output_padding: int | Sequence[int] | None) -> Sequence[int | None]:
    each = output_padding if isinstance(output_padding, Sequence) else (output_padding,) * 2
    if len(each) != 2:
        raise ValueError(f"{OP}: output_padding={output_padding!r} is not possible: expected one number for each axis")
    return each


conv2d_transpose = Op(OP, conv2d_transpose_forward, conv2d_transpose_backward)
