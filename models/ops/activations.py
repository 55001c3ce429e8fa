"""Activations: element by element, softmax over the classes, and maxout over groups of channels.

Element by element y = f(x) and dx = f'(x) dy, each derivative written in what is cheapest to keep:

    sigmoid     s = 1 / (1 + e^-x)        s' = e^-x / (1 + e^-x)^2 = s (1 - s)
    tanh        t                         t' = 1 - t^2, which lies in (0, 1]
    relu        max(x, 0)                 1 where x > 0, else 0
    leaky relu  x or slope x              1 where x > 0, else slope
    elu         x or alpha (e^x - 1)      1 where x >= 0, else alpha e^x = y + alpha

TensorFlow has one kernel for each of these products, `method="primitive"`. Those of tanh, relu and leaky relu agree
with the formulas above to the bit and are the default; those of sigmoid, elu and softmax round otherwise in the last
place, and have to be asked for, so that runs begun before go on to the same bits.

At 0 the last three have no derivative. Taken there is what TensorFlow takes: relu 0, leaky relu the slope, elu 1. (Some
lectures take 1 for relu; both are subgradients.) Sources: Goodfellow, Bengio and Courville 2016, section 6.3;
Maas et al. 2013 (leaky); Clevert et al. 2016 (elu).

Softmax over the last axis is s_k = e^x_k / sum_j e^x_j. Its derivative ds_k/dx_j = s_k ([k = j] - s_j) is a matrix
diag(s) - s s^T; times dy it needs no matrix:

    dx_j = sum_k dy_k s_k ([k = j] - s_j) = s_j (dy_j - sum_k dy_k s_k).

Adding a number to all x changes nothing, so the largest is subtracted first, and no e^x overflows.
Sources: Bridle 1990; Goodfellow, Bengio and Courville 2016, section 6.2.2.3.

Maxout takes the largest of `pieces` neighbouring channels, y[..., j] = max_i x[..., j pieces + i]: maximum pooling over
channels. The gradient goes to the channel that won, of equals to the first, and the others get nothing. With linear
channels before it, it is a convex function made of `pieces` straight ones. Source: Goodfellow et al. 2013.
"""

from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_choice, check_floating, check_positive, check_range
from keras_suite.models.ops.op import Gradients, Op, at_least_float32

METHODS = ("primitive", "derivation")
LARGEST_SLOPE = 1e6  # a bound only so that infinity and NaN are refused


class Squashed(NamedTuple):
    """What an activation's derivative is written in, its result y, and the method of the backward pass."""

    y: tf.Tensor
    method: str


def sigmoid_gradient(dy: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Return dx = y (1 - y) dy of y = sigmoid x; at most a quarter of dy."""
    return dy * y * (1 - y)


def tanh_gradient(dy: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Return dx = (1 - y^2) dy of y = tanh x."""
    return dy * (1 - y * y)


def sigmoid_forward(x: tf.Tensor, *, method: str = "derivation") -> tuple[tf.Tensor, Squashed]:
    """Return 1 / (1 + e^-x), without overflow on either side."""
    _check("sigmoid", x, method)
    y = tf.sigmoid(x)
    return y, Squashed(y, method)


def sigmoid_backward(dy: tf.Tensor, cache: Squashed) -> Gradients:
    """Return (dx,), as `sigmoid_gradient`."""
    y, method = cache
    return (tf.raw_ops.SigmoidGrad(y=y, dy=dy) if method == "primitive" else sigmoid_gradient(dy, y),)


def tanh_forward(x: tf.Tensor, *, method: str = "primitive") -> tuple[tf.Tensor, Squashed]:
    """Return tanh x."""
    _check("tanh", x, method)
    y = tf.tanh(x)
    return y, Squashed(y, method)


def tanh_backward(dy: tf.Tensor, cache: Squashed) -> Gradients:
    """Return (dx,), as `tanh_gradient`."""
    y, method = cache
    return (tf.raw_ops.TanhGrad(y=y, dy=dy) if method == "primitive" else tanh_gradient(dy, y),)


def relu_forward(x: tf.Tensor, *, method: str = "primitive") -> tuple[tf.Tensor, Squashed]:
    """Return max(x, 0)."""
    _check("relu", x, method)
    y = tf.nn.relu(x) if method == "primitive" else tf.maximum(x, 0)
    return y, Squashed(y, method)


def relu_backward(dy: tf.Tensor, cache: Squashed) -> Gradients:
    """Return (dx,): dy where x > 0, which is where y > 0."""
    y, method = cache
    if method == "primitive":
        return (tf.raw_ops.ReluGrad(gradients=dy, features=y),)
    return (dy * tf.cast(y > 0, dy.dtype),)


class Sloped(NamedTuple):
    """What leaky relu's derivative needs."""

    x: tf.Tensor
    slope: float
    method: str


def leaky_relu_forward(
    x: tf.Tensor, *, negative_slope: float = 0.2, method: str = "primitive"
) -> tuple[tf.Tensor, Sloped]:
    """Return x where x > 0, else negative_slope * x; Keras's `leaky_relu` has 0.2, its LeakyReLU layer 0.3."""
    _check("leaky_relu", x, method)
    check_range("leaky_relu", "negative_slope", negative_slope, 0, LARGEST_SLOPE)
    if x.dtype == tf.float64:
        method = "derivation"  # TensorFlow's kernel has its slope in float32
    cache = Sloped(x, negative_slope, method)
    if method == "primitive":
        return tf.raw_ops.LeakyRelu(features=x, alpha=negative_slope), cache
    return tf.where(x > 0, x, negative_slope * x), cache


def leaky_relu_backward(dy: tf.Tensor, cache: Sloped) -> Gradients:
    """Return (dx,): dy where x > 0, else negative_slope * dy."""
    x, slope, method = cache
    if method == "primitive":
        return (tf.raw_ops.LeakyReluGrad(gradients=dy, features=x, alpha=slope),)
    return (tf.where(x > 0, dy, slope * dy),)


class EluCache(NamedTuple):
    """What elu's derivative needs."""

    x: tf.Tensor
    y: tf.Tensor
    alpha: float
    method: str


def elu_forward(x: tf.Tensor, *, alpha: float = 1.0, method: str = "derivation") -> tuple[tf.Tensor, EluCache]:
    """Return x where x >= 0, else alpha (e^x - 1); "primitive" is possible with alpha 1, and else the derivation."""
    _check("elu", x, method)
    check_range("elu", "alpha", alpha, 0, LARGEST_SLOPE)
    if method == "primitive" and alpha == 1:
        y = tf.nn.elu(x)
        return y, EluCache(x, y, alpha, method)
    # The branch not taken is computed, too: e^x of a large x would be infinite there.
    y = tf.where(x >= 0, x, alpha * tf.math.expm1(tf.minimum(x, 0)))
    return y, EluCache(x, y, alpha, "derivation")


def elu_backward(dy: tf.Tensor, cache: EluCache) -> Gradients:
    """Return (dx,): dy where x >= 0, else (y + alpha) dy."""
    x, y, alpha, method = cache
    if method == "primitive":
        return (tf.raw_ops.EluGrad(gradients=dy, outputs=y),)
    return (tf.where(x >= 0, dy, dy * (y + alpha)),)


def _check(op: str, x: tf.Tensor, method: str) -> None:
    check_floating(op, "x", x)
    check_choice(op, "method", method, METHODS)


sigmoid = Op("sigmoid", sigmoid_forward, sigmoid_backward)
tanh = Op("tanh", tanh_forward, tanh_backward)
relu = Op("relu", relu_forward, relu_backward)
leaky_relu = Op("leaky_relu", leaky_relu_forward, leaky_relu_backward)
elu = Op("elu", elu_forward, elu_backward)


SOFTMAX_METHODS = ("product", "jacobian", "primitive")


class SoftmaxCache(NamedTuple):
    """The probabilities, in float32 at least."""

    s: tf.Tensor
    method: str


def softmax_forward(x: tf.Tensor, *, method: str = "product") -> tuple[tf.Tensor, SoftmaxCache]:
    """Return probabilities of the shape of x.

    Args:
        x: logits, the classes on the last axis.
        method: of the backward pass: the "product" above, or the whole matrix ("jacobian"). "primitive" is the product
            behind TensorFlow's own softmax.
    """
    check_floating("softmax", "x", x)
    check_choice("softmax", "method", method, SOFTMAX_METHODS)
    if x.shape.rank == 0:
        raise ValueError("softmax: x is a single number, of shape (): expected the classes on its last axis")
    wide = at_least_float32(x)
    if method == "primitive":
        s = tf.nn.softmax(wide)
        return tf.cast(s, x.dtype), SoftmaxCache(s, method)
    powers = tf.exp(wide - tf.reduce_max(wide, axis=-1, keepdims=True))
    s = powers / tf.reduce_sum(powers, axis=-1, keepdims=True)
    return tf.cast(s, x.dtype), SoftmaxCache(s, method)


def softmax_backward(dy: tf.Tensor, cache: SoftmaxCache) -> Gradients:
    """Return (dx,), as derived above."""
    s, wide = cache.s, tf.cast(dy, cache.s.dtype)
    if cache.method == "jacobian":
        matrix = tf.linalg.diag(s) - s[..., :, None] * s[..., None, :]
        dx = tf.linalg.matvec(matrix, wide)
    else:
        dx = s * (wide - tf.reduce_sum(wide * s, axis=-1, keepdims=True))
    return (tf.cast(dx, dy.dtype),)


softmax = Op("softmax", softmax_forward, softmax_backward)


def maxout_forward(x: tf.Tensor, *, pieces: int = 2) -> tuple[tf.Tensor, tuple[tf.Tensor, int]]:
    """Return the maxima (..., channels / pieces) of x (..., channels)."""
    check_floating("maxout", "x", x)
    check_positive("maxout", "pieces", pieces)
    channels = x.shape[-1] if x.shape.rank else None
    if channels is None:
        raise ValueError(f"maxout: x has shape {x.shape}: expected a known number of channels on its last axis")
    if channels % pieces:
        raise ValueError(f"maxout: x has {channels} channels: expected a multiple of pieces={pieces}")
    groups = tf.reshape(x, tf.concat([tf.shape(x)[:-1], [channels // pieces, pieces]], axis=0))
    groups.set_shape([*x.shape[:-1], channels // pieces, pieces])  # LiteRT has no op for ensure_shape
    return tf.reduce_max(groups, axis=-1), (tf.argmax(groups, axis=-1), pieces)


def maxout_backward(dy: tf.Tensor, cache: tuple[tf.Tensor, int]) -> Gradients:
    """Return (dx,): dy to the winner of each group."""
    winner, pieces = cache
    won = tf.one_hot(winner, pieces, dtype=dy.dtype) * dy[..., None]
    dx = tf.reshape(won, tf.concat([tf.shape(dy)[:-1], [dy.shape[-1] * pieces]], axis=0))
    return (tf.ensure_shape(dx, [*dy.shape[:-1], dy.shape[-1] * pieces]),)


maxout = Op("maxout", maxout_forward, maxout_backward)
