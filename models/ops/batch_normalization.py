"""Batch normalisation of each channel over everything else: x (batch, C) or (batch, height, width, C).

With m entries in a channel, mean u and variance v = mean((x - u)^2), both over those m, and e a small number:

    h = (x - u) / sqrt(v + e)        y = gamma h + beta
    dgamma = sum dy h                dbeta = sum dy
    dx = gamma / sqrt(v + e) * (dy - mean(dy) - h mean(dy h))

since u and v depend on x, too. Write r = 1 / sqrt(v + e) and g = gamma dy, the gradient with respect to h. Directly dx
gets r g; through u, -r mean(g); through v, with dh/dv = -h r^2 / 2 and dv/dx_i = 2 (x_i - u) / m = 2 h_i / (r m), it
gets -r h mean(g h). At inference u and v are the moving ones, constants: dx = gamma r dy.
Entries can be left out of the statistics, by a mask w of ones and zeros with M = sum w of a channel: u = sum w x / M
and v = sum w (x - u)^2 / M. All entries are still normalised with these, so all have a part in the two sums over g, but
only the entries with w = 1 are reached by them: dx = r (g - w (sum g) / M - w h (sum g h) / M).
Source: Ioffe and Szegedy 2015.
"""

from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_choice, check_floating, check_range, check_same_size, check_tensor
from keras_suite.models.ops.op import Gradients, Op, at_least_float32

METHODS = ("auto", "primitive", "derivation")


class Cache(NamedTuple):
    """What the derivation needs: h and r = 1 / sqrt(v + e), in float32 at least; beta's precision, if there is one."""

    h: tf.Tensor
    r: tf.Tensor
    gamma: tf.Tensor | None
    beta: tf.DType | None


class FusedCache(NamedTuple):
    """What TensorFlow's kernel needs: x, gamma (ones if there is none), what its forward kernel left for it, e.

    And the precisions of gamma and beta, which x's may be lower than; None for one that was left out.
    """

    x: tf.Tensor
    scale: tf.Tensor
    reserved: tuple[tf.Tensor, tf.Tensor, tf.Tensor]
    epsilon: float
    gamma: tf.DType | None
    beta: tf.DType | None


def batch_normalization_forward(
    x: tf.Tensor,
    gamma: tf.Tensor | None = None,
    beta: tf.Tensor | None = None,
    *,
    epsilon: float = 1e-3,
    method: str = "auto",
) -> tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], Cache | FusedCache]:
    """Normalise a training batch with its own statistics.

    Args:
        x: (batch, C) or (batch, height, width, C).
        gamma: scale (C,), or None.
        beta: offset (C,), or None.
        epsilon: added to the variance.
        method: "auto" is TensorFlow's fused kernel ("primitive") where it has one, for images in float32 or less;
            "derivation" is the formula above.

    Returns:
        (y, u, v) and the cache; u and v (C,) are for the moving statistics.
    """
    axes = _checked("batch_normalization", x, gamma, beta, epsilon)
    check_choice("batch_normalization", "method", method, METHODS)
    fusible = x.shape.rank == 4 and x.dtype.size <= 4
    if method == "primitive" and not fusible:
        raise ValueError(
            f"batch_normalization: method='primitive' takes 4 axes of float32 or less, and x is {x.dtype.name} of "
            f"shape {tuple(x.shape)}: use method='auto'"
        )
    if fusible and method != "derivation":
        return _fused(x, gamma, beta, epsilon)
    wide = at_least_float32(x)
    mean = tf.reduce_mean(wide, axes)
    variance = tf.reduce_mean(tf.square(wide - mean), axes)
    r = tf.math.rsqrt(variance + epsilon)
    h = (wide - mean) * r
    return (tf.cast(_scaled(h, gamma, beta), x.dtype), mean, variance), Cache(h, r, gamma, _precision(beta))


def batch_normalization_backward(dy: tf.Tensor, cache: Cache | FusedCache) -> Gradients:
    """Return (dx, dgamma, dbeta), as derived above."""
    if isinstance(cache, FusedCache):
        return _fused_backward(dy, cache)
    wide, axes = tf.cast(dy, cache.h.dtype), list(range(dy.shape.rank - 1))
    dbeta, dgamma = tf.reduce_sum(wide, axes), tf.reduce_sum(wide * cache.h, axes)
    count = tf.cast(tf.size(dy) // dy.shape[-1], wide.dtype)
    dx = _scaled(cache.r, cache.gamma, None) * (wide - dbeta / count - cache.h * (dgamma / count))
    return tf.cast(dx, dy.dtype), _cast(dgamma, _precision(cache.gamma)), _cast(dbeta, cache.beta)


def batch_normalization_inference_forward(
    x: tf.Tensor,
    gamma: tf.Tensor | None,
    beta: tf.Tensor | None,
    moving_mean: tf.Tensor,
    moving_variance: tf.Tensor,
    *,
    epsilon: float = 1e-3,
) -> tuple[tf.Tensor, Cache]:
    """Return y, normalised with the moving mean and variance (C,), which are constants of the step."""
    _checked("batch_normalization_inference", x, gamma, beta, epsilon)
    _check_per_channel("batch_normalization_inference", x, moving_mean=moving_mean, moving_variance=moving_variance)
    wide = at_least_float32(x)
    r = tf.math.rsqrt(tf.cast(moving_variance, wide.dtype) + epsilon)
    h = (wide - tf.cast(moving_mean, wide.dtype)) * r
    return tf.cast(_scaled(h, gamma, beta), x.dtype), Cache(h, r, gamma, _precision(beta))


def batch_normalization_inference_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dx, dgamma, dbeta, None, None): dx = gamma r dy."""
    wide, axes = tf.cast(dy, cache.h.dtype), list(range(dy.shape.rank - 1))
    dbeta, dgamma = tf.reduce_sum(wide, axes), tf.reduce_sum(wide * cache.h, axes)
    dx = _scaled(cache.r, cache.gamma, None) * wide
    return tf.cast(dx, dy.dtype), _cast(dgamma, _precision(cache.gamma)), _cast(dbeta, cache.beta), None, None


def _fused(
    x: tf.Tensor, gamma: tf.Tensor | None, beta: tf.Tensor | None, epsilon: float
) -> tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], FusedCache]:
    channels = x.shape[-1]
    scale = tf.ones(channels) if gamma is None else tf.cast(gamma, tf.float32)
    offset = tf.zeros(channels) if beta is None else tf.cast(beta, tf.float32)
    fused = tf.raw_ops.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean=[], variance=[], epsilon=epsilon)
    reserved = (fused.reserve_space_1, fused.reserve_space_2, fused.reserve_space_3)
    # Its variance is the sample's, divided by m - 1 (by 1 if m = 1); ours and Keras's divides by m.
    count = tf.cast(tf.size(x) // channels, tf.float32)
    variance = fused.batch_variance * tf.maximum(count - 1, 1) / count
    cache = FusedCache(x, scale, reserved, epsilon, _precision(gamma), _precision(beta))
    return (fused.y, fused.batch_mean, variance), cache


def _fused_backward(dy: tf.Tensor, cache: FusedCache) -> Gradients:
    one, two, three = cache.reserved
    fused = tf.raw_ops.FusedBatchNormGradV3(
        y_backprop=dy,
        x=cache.x,
        scale=cache.scale,
        reserve_space_1=one,
        reserve_space_2=two,
        reserve_space_3=three,
        epsilon=cache.epsilon,
    )
    return fused.x_backprop, _cast(fused.scale_backprop, cache.gamma), _cast(fused.offset_backprop, cache.beta)


def _scaled(h: tf.Tensor, gamma: tf.Tensor | None, beta: tf.Tensor | None) -> tf.Tensor:
    y = h if gamma is None else h * tf.cast(gamma, h.dtype)
    return y if beta is None else y + tf.cast(beta, h.dtype)


def _precision(tensor: tf.Tensor | None) -> tf.DType | None:
    return None if tensor is None else tensor.dtype


def _cast(gradient: tf.Tensor, precision: tf.DType | None) -> tf.Tensor | None:
    """Return the gradient in the precision of its tensor, None if that was left out."""
    return None if precision is None else tf.cast(gradient, precision)


def _checked(op: str, x: tf.Tensor, gamma: tf.Tensor | None, beta: tf.Tensor | None, epsilon: float) -> list[int]:
    """Check the arguments, and return the axes that statistics are taken over."""
    check_floating(op, "x", x)
    check_range(op, "epsilon", epsilon, 0, 1)
    if x.shape.rank is None or x.shape.rank < 2:
        raise ValueError(f"{op}: x has shape {x.shape}: expected a batch's axis first and the channels' last")
    if x.shape[-1] is None:
        raise ValueError(f"{op}: x has shape {x.shape}: expected a known number of channels on its last axis")
    _check_per_channel(op, x, gamma=gamma, beta=beta)
    return list(range(x.shape.rank - 1))


def _check_per_channel(op: str, x: tf.Tensor, **tensors: tf.Tensor | None) -> None:
    for argument, tensor in tensors.items():
        if tensor is not None:
            check_tensor(op, argument, tensor, "channels")
            check_same_size(op, f"{argument}'s size", tensor.shape[0], "x's channels", x.shape[-1])


class MaskedCache(NamedTuple):
    """As `Cache`, and the mask in the shape of x with the number of its ones in each channel, at least 1."""

    plain: Cache
    mask: tf.Tensor
    count: tf.Tensor


def masked_batch_normalization_forward(
    x: tf.Tensor,
    mask: tf.Tensor,
    gamma: tf.Tensor | None = None,
    beta: tf.Tensor | None = None,
    *,
    epsilon: float = 1e-3,
) -> tuple[tuple[tf.Tensor, tf.Tensor, tf.Tensor], MaskedCache]:
    """Normalise a training batch with the statistics of what its mask of ones and zeros leaves in.

    The mask is broadcast to the shape of x. The other arguments, and what is returned, are as for
    `batch_normalization_forward`.
    """
    op = "masked_batch_normalization"
    axes = _checked(op, x, gamma, beta, epsilon)
    if mask.shape.rank != x.shape.rank:
        raise ValueError(f"{op}: mask has shape {tuple(mask.shape)} and x {tuple(x.shape)}: expected as many axes")
    wide = at_least_float32(x)
    kept = tf.broadcast_to(tf.cast(mask, wide.dtype), tf.shape(x))
    count = tf.maximum(tf.reduce_sum(kept, axes), 1)
    mean = tf.reduce_sum(kept * wide, axes) / count
    variance = tf.reduce_sum(kept * tf.square(wide - mean), axes) / count
    r = tf.math.rsqrt(variance + epsilon)
    h = (wide - mean) * r
    cache = MaskedCache(Cache(h, r, gamma, _precision(beta)), kept, count)
    return (tf.cast(_scaled(h, gamma, beta), x.dtype), mean, variance), cache


def masked_batch_normalization_backward(dy: tf.Tensor, cache: MaskedCache) -> Gradients:
    """Return (dx, None, dgamma, dbeta), as derived above."""
    (h, r, gamma, beta), kept, count = cache
    wide, axes = tf.cast(dy, h.dtype), list(range(dy.shape.rank - 1))
    dbeta, dgamma = tf.reduce_sum(wide, axes), tf.reduce_sum(wide * h, axes)
    dx = _scaled(r, gamma, None) * (wide - kept * (dbeta / count + h * (dgamma / count)))
    return tf.cast(dx, dy.dtype), None, _cast(dgamma, _precision(gamma)), _cast(dbeta, beta)


batch_normalization = Op("batch_normalization", batch_normalization_forward, batch_normalization_backward)
masked_batch_normalization = Op(
    "masked_batch_normalization", masked_batch_normalization_forward, masked_batch_normalization_backward
)
batch_normalization_inference = Op(
    "batch_normalization_inference", batch_normalization_inference_forward, batch_normalization_inference_backward
)
