"""Dense layer, dropout, flatten, exchange of axes, and residual addition.

Dense, y = x W + b for a batch of rows; all axes before the last one count rows. With L the loss, dL/dW[i, j] =
sum_n x[n, i] dy[n, j]: the rows of a batch add up. In matrices,

    dW = x^T dy        db = sum_n dy[n]        dx = dy W^T.

Source: Goodfellow, Bengio and Courville 2016, section 6.5.

Dropout, y = x m / (1 - rate), with a mask m of zeros and ones that is 0 with probability `rate`. The mask is a constant
of the step, so dx = dy m / (1 - rate): what was dropped gets no gradient. Dividing by 1 - rate keeps the expected
value, so nothing is done at inference. Source: Srivastava et al. 2014.

Flatten changes the shape, so its backward pass changes it back; an exchange of axes is undone by its inverse. A sum
passes its gradient to both of its terms: with y = f(x) + x the path around f gives dx = f'(x) dy + dy, the 1 in f'(x)
+ 1 that lets gradients pass deep networks.
Source: He et al. 2016.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_range, check_same_shape, check_same_size, check_tensor
from keras_suite.models.ops.op import Gradients, Op, sum_over
from keras_suite.models.ops.open_sizes import Size, size_of


class DenseCache(NamedTuple):
    """What the backward pass needs."""

    x: tf.Tensor
    kernel: tf.Tensor
    has_bias: bool


def dense_forward(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None) -> tuple[tf.Tensor, DenseCache]:
    """Return y (batch, ..., units) of x (batch, ..., n), a kernel (n, units) and a bias (units,) or None."""
    check_tensor("dense", "x", x, ", ".join(["batch", *["…"] * ((x.shape.rank or 2) - 2), "n"]))
    check_tensor("dense", "kernel", kernel, "n, units")
    check_same_size("dense", "the kernel's number of rows", kernel.shape[0], "x's columns", x.shape[-1])
    if bias is not None:
        check_tensor("dense", "bias", bias, "units")
        check_same_size("dense", "the bias's size", bias.shape[0], "the kernel's number of columns", kernel.shape[1])
    y = tf.matmul(x, kernel) if x.shape.rank == 2 else tf.tensordot(x, kernel, 1)
    return (y if bias is None else y + bias), DenseCache(x, kernel, bias is not None)


def dense_backward(dy: tf.Tensor, cache: DenseCache) -> Gradients:
    """Return (dx, dkernel, dbias), as derived above."""
    if dy.shape.rank == 2:
        dx, rows, dy_rows = tf.matmul(dy, cache.kernel, transpose_b=True), cache.x, dy
    else:
        dx = tf.tensordot(dy, cache.kernel, [[-1], [1]])
        rows, dy_rows = (tf.reshape(t, [-1, t.shape[-1]]) for t in (cache.x, dy))
    dkernel = tf.matmul(rows, dy_rows, transpose_a=True)
    return dx, dkernel, sum_over(dy_rows, [0]) if cache.has_bias else None


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


def flatten_forward(x: tf.Tensor) -> tuple[tf.Tensor, tuple[Size, ...]]:
    """Reshape (batch, ...) to (batch, all the rest), in row-major order."""
    check_floating("flatten", "x", x)
    if x.shape.rank in (None, 0):
        raise ValueError(f"flatten: x has shape {x.shape}: expected a batch's axis first")
    rest = tuple(size_of(x, axis) for axis in range(1, x.shape.rank))
    return tf.reshape(x, [-1, math.prod(rest)]), rest


def flatten_backward(dy: tf.Tensor, rest: tuple[Size, ...]) -> Gradients:
    """Return (dx,): dy in the shape of x."""
    return (tf.reshape(dy, [-1, *rest]),)


def permute_forward(x: tf.Tensor, *, axes: Sequence[int]) -> tuple[tf.Tensor, tuple[int, ...]]:
    """Return x with its axes in another order: y's axis i is x's axis `axes[i]`."""
    check_floating("permute", "x", x)
    if sorted(axes) != list(range(x.shape.rank)):
        raise ValueError(
            f"permute: axes={tuple(axes)} is no order of x's {x.shape.rank} axes: expected each of 0 to "
            f"{x.shape.rank - 1} once"
        )
    inverse = [0] * len(axes)
    for new, old in enumerate(axes):
        inverse[old] = new
    return tf.transpose(x, axes), tuple(inverse)


def permute_backward(dy: tf.Tensor, inverse: tuple[int, ...]) -> Gradients:
    """Return (dx,): dy with its axes where x has them."""
    return (tf.transpose(dy, inverse),)


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
permute = Op("permute", permute_forward, permute_backward)
add = Op("add", add_forward, add_backward)
