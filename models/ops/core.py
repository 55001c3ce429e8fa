"""Dense layer, dropout, flatten and residual addition.

Dense, y = x W + b for a batch of rows. With L the loss, dL/dW[i, j] = sum_n x[n, i] dy[n, j]: the rows of a batch add
up. In matrices,

    dW = x^T dy        db = sum_n dy[n]        dx = dy W^T.

Source: Goodfellow, Bengio and Courville 2016, section 6.5.

Dropout, y = x m / (1 - rate), with a mask m of zeros and ones that is 0 with probability `rate`. The mask is a constant
of the step, so dx = dy m / (1 - rate): what was dropped gets no gradient. Dividing by 1 - rate keeps the expected
value, so nothing is done at inference. Source: Srivastava et al. 2014.

Flatten changes the shape, so its backward pass changes it back. A sum passes its gradient to both of its terms: with
y = f(x) + x the path around f gives dx = f'(x) dy + dy, the 1 in f'(x) + 1 that lets gradients pass deep networks.
Source: He et al. 2016.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_range, check_same_shape, check_same_size, check_tensor
from keras_suite.models.ops.op import Gradients, Op, sum_over


class DenseCache(NamedTuple):
    """What the backward pass needs."""

    x: tf.Tensor
    kernel: tf.Tensor
    has_bias: bool


def dense_forward(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None) -> tuple[tf.Tensor, DenseCache]:
    """Return y (batch, units) of x (batch, n), a kernel (n, units) and a bias (units,) or None."""
    check_tensor("dense", "x", x, "batch, n")
    check_tensor("dense", "kernel", kernel, "n, units")
    check_same_size("dense", "the kernel's number of rows", kernel.shape[0], "x's columns", x.shape[-1])
    if bias is not None:
        check_tensor("dense", "bias", bias, "units")
        check_same_size("dense", "the bias's size", bias.shape[0], "the kernel's number of columns", kernel.shape[1])
    y = tf.matmul(x, kernel)
    return (y if bias is None else y + bias), DenseCache(x, kernel, bias is not None)


def dense_backward(dy: tf.Tensor, cache: DenseCache) -> Gradients:
    """Return (dx, dkernel, dbias), as derived above."""
    dx = tf.matmul(dy, cache.kernel, transpose_b=True)
    dkernel = tf.matmul(cache.x, dy, transpose_a=True)
    return dx, dkernel, sum_over(dy, [0]) if cache.has_bias else None


dense = Op("dense", dense_forward, dense_backward)


def keep_mask(shape: Any, rate: float, seed: Any, dtype: Any) -> tf.Tensor:
    """Sample ones with probability 1 - rate, else zeros: a pure function of the seed, two whole numbers."""
    check_range("dropout", "rate", rate, 0, 1)
    uniform = tf.random.stateless_uniform(shape, tf.cast(seed, tf.int64))
    return tf.cast(uniform >= rate, dtype)


def dropout_forward(x: tf.Tensor, mask: tf.Tensor, *, rate: float) -> tuple[tf.Tensor, tuple[tf.Tensor, float]]:
    """Return x where the mask is 1, multiplied by 1 / (1 - rate), and 0 where it is 0."""
    check_floating("dropout", "x", x)
    check_floating("dropout", "mask", mask)
    check_range("dropout", "rate", rate, 0, 1)
    check_same_shape("dropout", "mask", mask, "x", x)
    mask = tf.cast(mask, x.dtype)
    return x * mask / (1 - rate), (mask, rate)


def dropout_backward(dy: tf.Tensor, cache: tuple[tf.Tensor, float]) -> Gradients:
    """Return (dx, None) = dy m / (1 - rate)."""
    mask, rate = cache
    return dy * mask / (1 - rate), None


dropout = Op("dropout", dropout_forward, dropout_backward)


def flatten_forward(x: tf.Tensor) -> tuple[tf.Tensor, tuple[int, ...]]:
    """Reshape (batch, ...) to (batch, all the rest), in row-major order."""
    check_floating("flatten", "x", x)
    if x.shape.rank in (None, 0) or None in x.shape[1:]:
        raise ValueError(f"flatten: x has shape {x.shape}: expected a batch's axis first, and known sizes after it")
    rest = tuple(x.shape[1:])
    return tf.reshape(x, [-1, int(np.prod(rest))]), rest


def flatten_backward(dy: tf.Tensor, rest: tuple[int, ...]) -> Gradients:
    """Return (dx,): dy in the shape of x."""
    return (tf.reshape(dy, [-1, *rest]),)


def add_forward(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, None]:
    """Return a + b, of one shape; nothing is broadcast, since a residual that does not fit is a mistake."""
    check_floating("add", "a", a)
    check_floating("add", "b", b)
    check_same_shape("add", "b", b, "a", a)
    return a + b, None


def add_backward(dy: tf.Tensor, cache: None) -> Gradients:
    """Return (da, db) = (dy, dy)."""
    return dy, dy


flatten = Op("flatten", flatten_forward, flatten_backward)
add = Op("add", add_forward, add_backward)
