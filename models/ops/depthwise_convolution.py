"""Depthwise convolution: every channel has kernels of its own, and no channel is mixed with another.

With M kernels for each of the C channels (Keras's depth multiplier), filter m of channel c is channel c M + m of y:

    y[n, p, c M + m] = b[c M + m] + sum_a x~[n, p S + a D, c] w[a, c, m].

It is a convolution whose sum over channels is left out, so the sums over channels and filters fall away going back:

    dw[a, c, m]  = sum_{n, p} x~[n, p S + a D, c] dy[n, p, c M + m]
    dx~[n, q, c] = sum_{p, a: p S + a D = q} sum_m dy[n, p, c M + m] w[a, c, m]
    db[c M + m]  = sum_{n, p} dy[n, p, c M + m].

A separable convolution is this one followed by a convolution of 1x1 pixels, which does the mixing: F F C M + C M K
weights in the place of F F C K. Sources: Sifre 2014, chapter 6; Chollet 2017; Howard et al. 2017.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from keras_suite.models.ops import conv_primitives
from keras_suite.models.ops.checks import check_choice, check_same_size, check_tensor
from keras_suite.models.ops.conv_geometry import Padding
from keras_suite.models.ops.convolution import Geometry, geometry_of
from keras_suite.models.ops.op import Gradients, Op, at_least_float32, sum_over
from keras_suite.models.ops.open_sizes import shaped, size_of, unless_empty
from keras_suite.models.ops.windows import col2im, pad, seen_by, taps, unpad

OP = "depthwise_conv2d"
METHODS = ("primitive", "derivation")


class Cache(NamedTuple):
    """What the backward pass needs. `padded` is x itself where TensorFlow's kernel does the padding ("SAME")."""

    padded: tf.Tensor
    kernel: tf.Tensor
    has_bias: bool
    geometry: Geometry
    way: str  # "depthwise", "phases", "grouped" or "derivation"
    kernel_padding: str


def depthwise_conv2d_forward(
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None = None,
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = "valid",
    padding_mode: str = "zeros",
    method: str = "primitive",
) -> tuple[tf.Tensor, Cache]:
    """Convolve each channel of x with its own kernels.

    Args:
        x: (batch, H, W, C).
        kernel: (h, w, C, M).
        bias: (C M,), or None.
        stride, dilation: one number for both axes, or one for each.
        padding, padding_mode: as for a convolution, see models/ops/convolution.py.
        method: "primitive" is TensorFlow's kernels for the three sums: its depthwise ones, with dilation on every D-th
            pixel by itself; with strides too, or two of them, those of C groups; "derivation" writes them out.

    Returns:
        y (batch, H', W', C M) and the cache.
    """
    geometry = geometry_of(OP, 2, x, kernel, None, stride, dilation, padding, padding_mode, 1)
    filters = kernel.shape[-2] * kernel.shape[-1]
    if bias is not None:
        check_tensor(OP, "bias", bias, "channels x multiplier")
        check_same_size(OP, "the bias's size", bias.shape[0], "the kernel's channels x multiplier", filters)
    check_choice(OP, "method", method, METHODS)
    way = _way(x, geometry) if method == "primitive" else "derivation"
    inside = way == "depthwise" and padding == "same" and padding_mode == "zeros"
    padded = x if inside else pad(x, geometry.amounts, padding_mode, OP)
    cache = Cache(padded, kernel, bias is not None, geometry, way, "SAME" if inside else "VALID")
    y = {
        "depthwise": _by_depthwise_kernel,
        "phases": _by_phases,
        "grouped": _by_groups,
        "derivation": _by_taps,
    }[way](cache)
    return (y if bias is None else y + bias), cache


def depthwise_conv2d_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dx, dkernel, dbias), as derived above."""
    geometry = cache.geometry
    nothing = tf.zeros_like(cache.padded), tf.zeros_like(cache.kernel)
    back = {
        "depthwise": _depthwise_kernels_back,
        "phases": _phases_back,
        "grouped": _groups_back,
        "derivation": _taps_back,
    }[cache.way]
    if cache.way == "depthwise":  # of no images their second is uninitialised memory on some processors
        dx, dkernel = back(dy, cache)
        dkernel = tf.where(tf.shape(dy)[0] > 0, dkernel, nothing[1])
    else:
        dx, dkernel = unless_empty(dy, lambda: nothing, lambda: back(dy, cache))
    if cache.kernel_padding == "VALID":
        dx = unpad(dx, geometry.sizes, geometry.amounts, geometry.mode)
    return dx, dkernel, sum_over(dy, [0, 1, 2]) if cache.has_bias else None


def _way(x: tf.Tensor, geometry: Geometry) -> str:
    """Return which of TensorFlow's kernels compute such a convolution and its gradients on this device."""
    if max(geometry.dilation) == 1 and len(set(geometry.stride)) == 1 and not _is_faulty(x.dtype, geometry):
        return "depthwise"
    if max(geometry.stride) == 1:
        return "phases"
    return "grouped" if conv_primitives.differentiable(x.dtype, geometry.dilation, groups=2) else "derivation"


def _is_faulty(dtype: tf.DType, geometry: Geometry) -> bool:
    """Return whether TensorFlow 2.21's own depthwise kernels may compute garbage on a CPU.

    They do in bfloat16 where they stride over a single output along the width, which an open size may come to.
    """
    width = geometry.outputs[-1]
    return bool(dtype == tf.bfloat16 and max(geometry.stride) > 1 and (not isinstance(width, int) or width == 1))


def _by_taps(cache: Cache) -> tf.Tensor:
    """Return the first sum: for each tap, all that it sees times its weights."""
    y, wide = 0, at_least_float32(cache.padded)
    geometry, kernel = cache.geometry, tf.cast(cache.kernel, wide.dtype)
    for tap in taps(geometry.kernel):
        seen = seen_by(tap, wide, geometry.outputs, geometry.stride, geometry.dilation)
        y = y + seen[..., None] * kernel[tap]
    return tf.cast(_joined(y), cache.padded.dtype)


def _taps_back(dy: tf.Tensor, cache: Cache) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the gradients with respect to the padded input and the kernel: a sum for each tap."""
    geometry, wide = cache.geometry, at_least_float32(dy)
    channels, multiplier = cache.kernel.shape[-2:]
    each = tf.reshape(wide, tf.concat([tf.shape(dy)[:-1], [channels, multiplier]], axis=0))
    x, kernel = at_least_float32(cache.padded), tf.cast(cache.kernel, wide.dtype)
    windows, weights = [], []
    for tap in taps(geometry.kernel):
        seen = seen_by(tap, x, geometry.outputs, geometry.stride, geometry.dilation)
        weights.append(tf.reduce_sum(seen[..., None] * each, [0, 1, 2]))
        windows.append(tf.reduce_sum(each * kernel[tap], -1))
    dkernel = tf.reshape(tf.stack(weights), cache.kernel.shape)
    columns = tf.concat(windows, axis=-1)
    columns.set_shape([*dy.shape[:-1], channels * len(windows)])
    dx = col2im(columns, geometry.padded, geometry.kernel, geometry.stride, geometry.dilation)
    return tf.cast(dx, dy.dtype), tf.cast(dkernel, dy.dtype)


def _by_depthwise_kernel(cache: Cache) -> tf.Tensor:
    geometry = cache.geometry
    y = tf.raw_ops.DepthwiseConv2dNative(
        input=cache.padded, filter=cache.kernel, strides=(1, *geometry.stride, 1), padding=cache.kernel_padding
    )
    filters = cache.kernel.shape[-2] * cache.kernel.shape[-1]
    y = tf.reshape(y, tf.stack([tf.shape(cache.padded)[0], *geometry.outputs, filters]))  # of no images it has x's
    return shaped(y, cache.padded, geometry.outputs, filters)


def _depthwise_kernels_back(dy: tf.Tensor, cache: Cache) -> tuple[tf.Tensor, tf.Tensor]:
    options = {"strides": (1, *cache.geometry.stride, 1), "padding": cache.kernel_padding}
    sizes = [size_of(cache.padded, axis) for axis in (1, 2, 3)]
    shape = tf.stack([tf.shape(dy)[0], *sizes])
    dx = tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
        input_sizes=shape, filter=cache.kernel, out_backprop=dy, **options
    )
    dkernel = tf.raw_ops.DepthwiseConv2dNativeBackpropFilter(
        input=cache.padded, filter_sizes=cache.kernel.shape, out_backprop=dy, **options
    )
    return dx, dkernel


def _phase(x: tf.Tensor, cache: Cache) -> tf.Tensor:
    """Return x as D D images for each, one of every D-th pixel from each of the first D D on."""
    return tf.space_to_batch(x, cache.geometry.dilation, _left_over(cache))


def _left_over(cache: Cache) -> list[list[Any]]:
    """Return how many pixels lack at each axis's end to a multiple of its dilation, as paddings."""
    return [[0, -size % d] for size, d in zip(cache.geometry.padded, cache.geometry.dilation, strict=True)]


def _of_phases(cache: Cache) -> Cache:
    """Return the cache of the convolution without dilation that every phase goes through."""
    geometry, phases = cache.geometry, _phase(cache.padded, cache)
    ones = (1,) * len(geometry.stride)
    outputs = tuple(size_of(phases, axis) - taps + 1 for axis, taps in enumerate(geometry.kernel, 1))
    return cache._replace(padded=phases, geometry=geometry._replace(dilation=ones, outputs=outputs))


def _by_phases(cache: Cache) -> tf.Tensor:
    """Dilate: no output sees pixels of two phases, and in its own the kernel has no holes."""
    y = tf.batch_to_space(_by_depthwise_kernel(_of_phases(cache)), cache.geometry.dilation, _left_over(cache))
    return shaped(y, cache.padded, cache.geometry.outputs, cache.kernel.shape[-2] * cache.kernel.shape[-1])


def _phases_back(dy: tf.Tensor, cache: Cache) -> tuple[tf.Tensor, tf.Tensor]:
    dx, dkernel = _depthwise_kernels_back(_phase(dy, cache), _of_phases(cache))
    dx = tf.batch_to_space(dx, cache.geometry.dilation, _left_over(cache))
    return shaped(dx, cache.padded, cache.geometry.padded, dx.shape[-1]), dkernel


def _by_groups(cache: Cache) -> tf.Tensor:
    """Return the convolution of C groups, each of one channel and M filters."""
    geometry, channels = cache.geometry, cache.kernel.shape[-2]
    return conv_primitives.correlate(
        cache.padded, _of_groups(cache.kernel), geometry.stride, geometry.dilation, channels
    )


def _groups_back(dy: tf.Tensor, cache: Cache) -> tuple[tf.Tensor, tf.Tensor]:
    geometry, kernel = cache.geometry, _of_groups(cache.kernel)
    steps = geometry.stride, geometry.dilation
    dx = conv_primitives.input_gradient(dy, kernel, geometry.padded, *steps, cache.kernel.shape[-2])
    dkernel = conv_primitives.kernel_gradient(cache.padded, dy, kernel.shape, *steps)
    return dx, tf.reshape(dkernel, cache.kernel.shape)


def _of_groups(kernel: tf.Tensor) -> tf.Tensor:
    """Return a kernel (h, w, C, M) as (h, w, 1, C M)."""
    return tf.reshape(kernel, [*kernel.shape[:2], 1, kernel.shape[2] * kernel.shape[3]])


def _joined(y: tf.Tensor) -> tf.Tensor:
    """Return (batch, H', W', C, M) as (batch, H', W', C M)."""
    filters = y.shape[-2] * y.shape[-1]
    joined = tf.reshape(y, tf.concat([tf.shape(y)[:-2], [filters]], axis=0))
    joined.set_shape([*y.shape[:-2], filters])
    return joined


depthwise_conv2d = Op(OP, depthwise_conv2d_forward, depthwise_conv2d_backward)
