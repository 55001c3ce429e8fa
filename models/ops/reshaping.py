"""Ops that only pass values on: flatten, and the sum at the end of a residual block.

Flatten changes the shape, so its backward pass changes it back. A sum hands its gradient to both of its terms: with
y = f(x) + x the path around f gives dx = f'(x) dy + dy, the 1 in f'(x) + 1 that lets gradients pass deep networks.
Source: He et al. 2016.
"""

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_same_shape
from keras_suite.models.ops.op import Gradients, Op


def flatten_forward(x: tf.Tensor) -> tuple[tf.Tensor, tuple[int, ...]]:
    """(batch, ...) -> (batch, all the rest), in row-major order."""
    check_floating("flatten", "x", x)
    if x.shape.rank in (None, 0) or None in x.shape[1:]:
        raise ValueError(f"flatten: x has shape {x.shape}: expected a batch's axis first, and known sizes after it")
    rest = tuple(x.shape[1:])
    return tf.reshape(x, [-1, int(np.prod(rest))]), rest


def flatten_backward(dy: tf.Tensor, rest: tuple[int, ...]) -> Gradients:
    """(dx,): dy in the shape of x."""
    return (tf.reshape(dy, [-1, *rest]),)


def add_forward(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, None]:
    """a + b, of one shape; nothing is broadcast, since a residual that does not fit is a mistake."""
    check_floating("add", "a", a)
    check_floating("add", "b", b)
    check_same_shape("add", "b", b, "a", a)
    return a + b, None


def add_backward(dy: tf.Tensor, cache: None) -> Gradients:
    """(da, db) = (dy, dy)."""
    return dy, dy


flatten = Op("flatten", flatten_forward, flatten_backward)
add = Op("add", add_forward, add_backward)
