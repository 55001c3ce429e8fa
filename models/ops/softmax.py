"""Softmax over the last axis, s_k = e^x_k / sum_j e^x_j.

ds_k/dx_j = s_k ([k = j] - s_j), a matrix diag(s) - s s^T. Times dy it needs no matrix:

    dx_j = sum_k dy_k s_k ([k = j] - s_j) = s_j (dy_j - sum_k dy_k s_k).

Adding a number to all x changes nothing, so the largest is subtracted first, and no e^x overflows.
Source: Bridle 1990; Goodfellow, Bengio and Courville 2016, section 6.2.2.3.
"""

from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_choice, check_floating
from keras_suite.models.ops.op import Gradients, Op
from keras_suite.models.ops.precision import at_least_float32

METHODS = ("product", "jacobian")


class Cache(NamedTuple):
    """The probabilities, in float32 at least."""

    s: tf.Tensor
    method: str


def softmax_forward(x: tf.Tensor, *, method: str = "product") -> tuple[tf.Tensor, Cache]:
    """Probabilities of the shape of x; backward by the product above, or by the whole matrix ("jacobian")."""
    check_floating("softmax", "x", x)
    check_choice("softmax", "method", method, METHODS)
    if x.shape.rank == 0:
        raise ValueError("softmax: x is a single number, of shape (): expected the classes on its last axis")
    wide = at_least_float32(x)
    powers = tf.exp(wide - tf.reduce_max(wide, axis=-1, keepdims=True))
    s = powers / tf.reduce_sum(powers, axis=-1, keepdims=True)
    return tf.cast(s, x.dtype), Cache(s, method)


def softmax_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """(dx,), as derived above."""
    s, wide = cache.s, tf.cast(dy, cache.s.dtype)
    if cache.method == "jacobian":
        matrix = tf.linalg.diag(s) - s[..., :, None] * s[..., None, :]
        dx = tf.linalg.matvec(matrix, wide)
    else:
        dx = s * (wide - tf.reduce_sum(wide * s, axis=-1, keepdims=True))
    return (tf.cast(dx, dy.dtype),)


softmax = Op("softmax", softmax_forward, softmax_backward)
