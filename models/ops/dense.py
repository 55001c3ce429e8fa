"""The dense layer, y = x W + b, for a batch of rows.

With L the loss, dL/dW[i, j] = sum_n x[n, i] dy[n, j]: the rows of a batch add up. In matrices,

    dW = x^T dy        db = sum_n dy[n]        dx = dy W^T.

Source: Goodfellow, Bengio and Courville 2016, section 6.5.
"""

from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_same_size, check_tensor
from keras_suite.models.ops.op import Gradients, Op
from keras_suite.models.ops.precision import sum_over


class Cache(NamedTuple):
    """What the backward pass needs."""

    x: tf.Tensor
    kernel: tf.Tensor
    has_bias: bool


def dense_forward(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None) -> tuple[tf.Tensor, Cache]:
    """y (batch, units) of x (batch, n), a kernel (n, units) and a bias (units,) or None."""
    check_tensor("dense", "x", x, "batch, n")
    check_tensor("dense", "kernel", kernel, "n, units")
    check_same_size("dense", "the kernel's number of rows", kernel.shape[0], "x's columns", x.shape[-1])
    if bias is not None:
        check_tensor("dense", "bias", bias, "units")
        check_same_size("dense", "the bias's size", bias.shape[0], "the kernel's number of columns", kernel.shape[1])
    y = tf.matmul(x, kernel)
    return (y if bias is None else y + bias), Cache(x, kernel, bias is not None)


def dense_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """(dx, dkernel, dbias), as derived above."""
    dx = tf.matmul(dy, cache.kernel, transpose_b=True)
    dkernel = tf.matmul(cache.x, dy, transpose_a=True)
    return dx, dkernel, sum_over(dy, [0]) if cache.has_bias else None


dense = Op("dense", dense_forward, dense_backward)
