"""Convolution over one, two or three spatial axes: the forward pass and the backward pass derived from it.

Positions are multi-indices: p runs over the outputs, a over the kernel's taps, both with one number per spatial axis.
With x~ the padded input, stride S and dilation D,

    y[n, p, k] = b[k] + sum_{a, c} x~[n, p S + a D, c] w[a, c, k].

For a loss L and dy = dL/dy the chain rule sums over everything that an entry had a part in:

    dw[a, c, k]  = sum_{n, p} x~[n, p S + a D, c] dy[n, p, k]          the input correlated with the output gradient
    db[k]        = sum_{n, p} dy[n, p, k]                              one bias per filter: summed over all positions
    dx~[n, q, c] = sum_{p, a: p S + a D = q} sum_k dy[n, p, k] w[a, c, k]

and the last is the full convolution of dy (with S - 1 zeros between its entries) with the kernel rotated by 180 degrees
and its channels swapped: substitute a' = F - 1 - a. Unpadding dx~ gives dx. This is what deep learning calls a
convolution, a correlation; `flip=True` rotates the kernel first, which makes it the convolution of mathematics.
Sources: Goodfellow, Bengio and Courville 2016, section 9.5; Dumoulin and Visin 2016.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops import conv_primitives
from keras_suite.models.ops.checks import (
    check_choice,
    check_known_channels,
    check_per_axis,
    check_positive,
    check_same_size,
    check_tensor,
)
from keras_suite.models.ops.conv_geometry import Amounts, Padding, output_size, padding_amounts, per_axis
from keras_suite.models.ops.op import Gradients, Op, at_least_float32, sum_over
from keras_suite.models.ops.open_sizes import Size, sizes_of, unless_empty
from keras_suite.models.ops.windows import col2im, im2col, pad, seen_by, taps, unpad, with_holes

METHODS = ("primitive", "derivation", "im2col")
AXES = {1: "steps", 2: "height, width", 3: "depth, height, width"}


class Geometry(NamedTuple):
    """Where the taps fall: per spatial axis, in pixels."""

    sizes: tuple[Size, ...]  # of the input, without padding
    padded: tuple[Size, ...]
    outputs: tuple[Size, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    amounts: Amounts
    mode: str


class Cache(NamedTuple):
    """What the backward pass needs of the forward pass. The kernel is the one that was correlated, after any flip."""

    padded_x: tf.Tensor  # x itself where TensorFlow's kernels pad ("SAME")
    kernel: tf.Tensor
    has_bias: bool
    geometry: Geometry
    groups: int
    flip: bool
    method: str
    kernel_padding: str = "VALID"


def forward(
    op: str,
    rank: int,
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None = None,
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = "valid",
    padding_mode: str = "zeros",
    groups: int = 1,
    flip: bool = False,
    method: str = "primitive",
    fused: bool = False,
) -> tuple[tf.Tensor, Cache]:
    """Convolve x with a kernel.

    Args:
        op: the name of the op, for error lines.
        rank: the number of spatial axes, 1 to 3.
        x: (batch, *spatial, C).
        kernel: (*taps, C / groups, K).
        bias: (K,), or None.
        stride, dilation: one number for all spatial axes, or one for each.
        padding: see `padding_amounts`.
        padding_mode: "zeros", "reflect" or "edge", see models/ops/windows.py.
        groups: each sees its own C / groups channels and makes its own K / groups filters.
        flip: rotate the kernel by 180 degrees first.
        method: "primitive", "derivation" or "im2col", see README.md.
        fused: let the primitive's kernels do the padding "same", too: faster, and other last bits.

    Returns:
        y (batch, *outputs, K) and the cache.
    """
    geometry = geometry_of(op, rank, x, kernel, bias, stride, dilation, padding, padding_mode, groups)
    check_choice(op, "method", method, METHODS)
    inside = fused and method == "primitive" and padding == "same" and padding_mode == "zeros"
    inside = inside and conv_primitives.pads(x.dtype, kernel.shape, geometry.stride, geometry.dilation, groups)
    kernel_padding = "SAME" if inside else "VALID"
    padded = x if inside else pad(x, geometry.amounts, padding_mode, op)
    if flip:
        kernel = rotated(kernel, rank)
    if method == "im2col":
        y = _by_group(lambda x, w: _im2col_forward(x, w, geometry), padded, kernel, groups)
    else:
        y = conv_primitives.correlate(padded, kernel, geometry.stride, geometry.dilation, groups, kernel_padding)
    cache = Cache(padded, kernel, bias is not None, geometry, groups, flip, method, kernel_padding)
    y = y if bias is None else y + bias
    return y, cache


def backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dx, dkernel, dbias), as derived above; by the cache's method."""
    geometry, groups = cache.geometry, cache.groups
    method = cache.method
    if method == "primitive" and not conv_primitives.differentiable(dy.dtype, geometry.dilation, groups):
        method = "derivation"  # TensorFlow has no such kernel on a CPU
    if method == "primitive":
        steps = geometry.stride, geometry.dilation
        inside = cache.kernel_padding == "SAME"
        sizes = geometry.sizes if inside else geometry.padded
        dx = conv_primitives.input_gradient(dy, cache.kernel, sizes, *steps, groups, cache.kernel_padding)
        dkernel = conv_primitives.kernel_gradient(cache.padded_x, dy, cache.kernel.shape, *steps, cache.kernel_padding)
    else:
        nothing = tf.zeros_like(cache.padded_x), tf.zeros_like(cache.kernel)
        dx, dkernel = unless_empty(dy, lambda: nothing, lambda: _written_out(dy, cache, method))
    if cache.kernel_padding == "VALID":
        dx = unpad(dx, geometry.sizes, geometry.amounts, geometry.mode)
    if cache.flip:
        dkernel = rotated(dkernel, len(geometry.sizes))
    dbias = sum_over(dy, range(dy.shape.rank - 1)) if cache.has_bias else None
    return dx, dkernel, dbias


def _written_out(dy: tf.Tensor, cache: Cache, method: str) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the gradients with respect to the padded input and the kernel, by matrix products."""
    geometry, groups = cache.geometry, cache.groups
    by_input, by_kernel = {
        "derivation": (input_gradient, kernel_gradient),
        "im2col": (_im2col_input_gradient, _im2col_kernel_gradient),
    }[method]
    dx = _by_group(lambda dy, w: by_input(dy, w, geometry), dy, cache.kernel, groups)
    pairs = zip(tf.split(cache.padded_x, groups, -1), tf.split(dy, groups, -1), strict=True)
    return dx, tf.concat([by_kernel(x, dy, geometry) for x, dy in pairs], axis=-1)


def kernel_gradient(padded_x: tf.Tensor, dy: tf.Tensor, geometry: Geometry) -> tf.Tensor:
    """Return dw[a], the sum over images and positions of x~[n, p S + a D] dy[n, p]^T: a matrix product for each tap."""
    axes, dtype = "ijl"[: len(geometry.sizes)], dy.dtype
    padded_x, dy = at_least_float32(padded_x), at_least_float32(dy)
    products = [
        tf.einsum(
            f"n{axes}c,n{axes}k->ck",
            seen_by(tap, padded_x, geometry.outputs, geometry.stride, geometry.dilation),
            dy,
        )
        for tap in taps(geometry.kernel)
    ]
    return tf.cast(tf.reshape(tf.stack(products), (*geometry.kernel, padded_x.shape[-1], dy.shape[-1])), dtype)


def input_gradient(dy: tf.Tensor, kernel: tf.Tensor, geometry: Geometry) -> tf.Tensor:
    """Return dx~: dy, spread by the stride and padded by a kernel less one on all sides, with the rotated kernel."""
    rank = len(geometry.sizes)
    spread = with_holes(dy, geometry.stride)
    kernel = with_holes(tf.linalg.matrix_transpose(rotated(kernel, rank)), geometry.dilation, first_axis=0)
    around = [taps - 1 for taps in kernel.shape[:rank]]
    # Pixels that no window reached, when a stride leaves some over at the end, get a gradient of zero.
    over = [full - n - k for full, n, k in zip(geometry.padded, sizes_of(spread), around, strict=True)]
    amounts = tuple((k, k + rest) for k, rest in zip(around, over, strict=True))
    return conv_primitives.correlate(pad(spread, amounts), kernel, (1,) * rank, (1,) * rank)


def rotated(kernel: tf.Tensor, rank: int) -> tf.Tensor:
    """Return the kernel (*taps, C, K) turned by 180 degrees: reversed along every spatial axis."""
    return tf.reverse(kernel, range(rank))


def _im2col_forward(padded_x: tf.Tensor, kernel: tf.Tensor, geometry: Geometry) -> tf.Tensor:
    """Multiply windows as rows by the kernel as a matrix (taps x C, K)."""
    columns = im2col(padded_x, geometry.kernel, geometry.outputs, geometry.stride, geometry.dilation)
    return tf.tensordot(columns, _as_matrix(kernel), 1)


def _im2col_kernel_gradient(padded_x: tf.Tensor, dy: tf.Tensor, geometry: Geometry) -> tf.Tensor:
    """Return dW = X^T dY, since Y = X W, with all windows of all images as the rows of X."""
    columns = im2col(padded_x, geometry.kernel, geometry.outputs, geometry.stride, geometry.dilation)
    rows, dy_rows = (tf.reshape(t, [-1, t.shape[-1]]) for t in (columns, dy))
    return tf.reshape(tf.matmul(rows, dy_rows, transpose_a=True), (*geometry.kernel, padded_x.shape[-1], dy.shape[-1]))


def _im2col_input_gradient(dy: tf.Tensor, kernel: tf.Tensor, geometry: Geometry) -> tf.Tensor:
    """Return dX = dY W^T, each entry added to the pixel that it was copied from."""
    columns = tf.tensordot(dy, tf.transpose(_as_matrix(kernel)), 1)
    return col2im(columns, geometry.padded, geometry.kernel, geometry.stride, geometry.dilation)


def _as_matrix(kernel: tf.Tensor) -> tf.Tensor:
    return tf.reshape(kernel, [-1, kernel.shape[-1]])


def _by_group(
    f: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], x: tf.Tensor, kernel: tf.Tensor, groups: int
) -> tf.Tensor:
    """Return f of each group's channels and filters, side by side. The filters' axis is the kernel's last."""
    pairs = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    return tf.concat([f(x, w) for x, w in pairs], axis=-1)


def geometry_of(
    op: str,
    rank: int,
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None,
    stride: int | Sequence[int],
    dilation: int | Sequence[int],
    padding: Padding,
    mode: str,
    groups: int,
) -> Geometry:
    """Compute the sizes of everything. Whatever can be wrong with a convolution's arguments is answered here."""
    check_tensor(op, "x", x, f"batch, {AXES[rank]}, channels")
    check_tensor(op, "kernel", kernel, f"{AXES[rank]}, channels, filters")
    check_known_channels(op, "x", x)
    check_per_axis(op, "stride", stride, rank)
    check_per_axis(op, "dilation", dilation, rank)
    check_positive(op, "groups", groups)
    channels, filters = x.shape[-1], kernel.shape[-1]
    for name, count in (("channels", channels), ("filters", filters)):
        if count % groups:
            raise ValueError(f"{op}: {count} {name} cannot be divided among groups={groups}: use a divisor of {count}")
    check_same_size(
        op, "the kernel's number of channels", kernel.shape[-2], "x's channels / groups", channels // groups
    )
    if bias is not None:
        check_tensor(op, "bias", bias, "filters")
        check_same_size(op, "the bias's size", bias.shape[0], "the kernel's number of filters", filters)
    sizes, window = sizes_of(x), tuple(kernel.shape[:rank])
    stride, dilation = per_axis(stride, rank), per_axis(dilation, rank)
    amounts = padding_amounts(op, padding, sizes, window, stride, dilation)
    padded = tuple(size + before + after for size, (before, after) in zip(sizes, amounts, strict=True))
    try:
        outputs = tuple(
            output_size(n, f, s, dilation=d) for n, f, s, d in zip(padded, window, stride, dilation, strict=True)
        )
    except ValueError as error:
        raise ValueError(f"{op}: {error}") from None
    return Geometry(sizes, padded, outputs, window, stride, dilation, amounts, mode)


conv1d = Op("conv1d", partial(forward, "conv1d", 1), backward)
conv2d = Op("conv2d", partial(forward, "conv2d", 2), backward)
conv3d = Op("conv3d", partial(forward, "conv3d", 3), backward)
