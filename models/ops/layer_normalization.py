"""Layer normalisation: each sample, or each position of it, by the mean and variance of its own features.

With the m entries of a position over the normalised axes, their mean u and variance v = mean((x - u)^2), as in batch
normalisation but for the axes (models/ops/batch_normalization.py):

    h = (x - u) / sqrt(v + e)        y = gamma h + beta
    dgamma = sum dy h                dbeta = sum dy          over all positions of all samples
    dx = r (g - mean(g) - h mean(g h))    with r = 1 / sqrt(v + e) and g = gamma dy.

u and v depend on x: through u, dx gets -r mean(g); through v, with dh/dv = -h r^2 / 2 and dv/dx_i = 2 h_i / (r m), it
gets -r h mean(g h). gamma, of one entry for each feature, stands inside the means here. No sample has a part in
another's, so training and inference are the same, and nothing is kept between batches. Source: Ba et al. 2016.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_range
from keras_suite.models.ops.op import Gradients, Op, at_least_float32

OP = "layer_normalization"


class Cache(NamedTuple):
    """What the derivation needs: h and r, in float32 at least, gamma, and the precisions that gradients go out in."""

    h: tf.Tensor
    r: tf.Tensor
    gamma: tf.Tensor | None
    beta: tf.DType | None
    axes: tuple[int, ...]


def layer_normalization_forward(
    x: tf.Tensor,
    gamma: tf.Tensor | None = None,
    beta: tf.Tensor | None = None,
    *,
    axes: Sequence[int] = (-1,),
    epsilon: float = 1e-3,
) -> tuple[tf.Tensor, Cache]:
    """Normalise x over these axes.

    Args:
        x: (batch, ...).
        gamma, beta: scale and offset of the normalised axes' sizes, in their order in x; None for one left out.
        axes: counted from 0, or from the last, -1; not the batch's.
        epsilon: added to the variance.
    """
    normalised = _checked(x, gamma, beta, axes, epsilon)
    wide = at_least_float32(x)
    mean = tf.reduce_mean(wide, normalised, keepdims=True)
    centred = wide - mean
    r = tf.math.rsqrt(tf.reduce_mean(tf.square(centred), normalised, keepdims=True) + epsilon)
    h = centred * r
    y = h if gamma is None else h * _beside(gamma, h, normalised)
    y = y if beta is None else y + _beside(beta, h, normalised)
    return tf.cast(y, x.dtype), Cache(h, r, gamma, None if beta is None else beta.dtype, normalised)


def layer_normalization_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dx, dgamma, dbeta), as derived above."""
    wide, axes = tf.cast(dy, cache.h.dtype), cache.axes
    others = [axis for axis in range(dy.shape.rank) if axis not in axes]
    dgamma = None
    g = wide
    if cache.gamma is not None:
        dgamma = tf.cast(tf.reduce_sum(wide * cache.h, others), cache.gamma.dtype)
        g = wide * _beside(cache.gamma, wide, axes)
    dbeta = None if cache.beta is None else tf.cast(tf.reduce_sum(wide, others), cache.beta)
    along = tf.reduce_mean(g * cache.h, axes, keepdims=True)
    dx = cache.r * (g - tf.reduce_mean(g, axes, keepdims=True) - cache.h * along)
    return tf.cast(dx, dy.dtype), dgamma, dbeta


def _beside(weight: tf.Tensor, x: tf.Tensor, axes: Sequence[int]) -> tf.Tensor:
    """Return gamma or beta with as many axes as x, in its precision."""
    sizes = iter(weight.shape)
    return tf.cast(tf.reshape(weight, [next(sizes) if a in axes else 1 for a in range(x.shape.rank)]), x.dtype)


def _checked(
    x: tf.Tensor, gamma: tf.Tensor | None, beta: tf.Tensor | None, axes: Sequence[int], epsilon: float
) -> tuple[int, ...]:
    """Return the axes counted from 0, in their order; raise ValueError if anything does not fit."""
    check_floating(OP, "x", x)
    check_range(OP, "epsilon", epsilon, 0, 1)
    rank = x.shape.rank
    counted = sorted({axis % rank for axis in axes if -rank <= axis < rank}) if rank else []
    if not counted or len(counted) != len(axes) or counted[0] == 0:
        raise ValueError(
            f"{OP}: axes={tuple(axes)} is not possible for x of shape {x.shape}: expected each of 1 to "
            f"{(rank or 2) - 1} at most once, or counted from the last, -1"
        )
    sizes = tuple(x.shape[axis] for axis in counted)
    for name, weight in (("gamma", gamma), ("beta", beta)):
        if weight is not None:
            check_floating(OP, name, weight)
            if not weight.shape.is_compatible_with(sizes):
                raise ValueError(
                    f"{OP}: {name} has shape {tuple(weight.shape)}: expected {sizes}, as x on axes {counted}"
                )
    return tuple(counted)


layer_normalization = Op(OP, layer_normalization_forward, layer_normalization_backward)
