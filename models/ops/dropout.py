"""Dropout: y = x m / (1 - rate), with a mask m of zeros and ones that is 0 with probability `rate`.

The mask is a constant of the step, so dx = dy m / (1 - rate): what was dropped gets no gradient. Dividing by 1 - rate
keeps the expected value, so nothing is done at inference. Source: Srivastava et al. 2014.
"""

from typing import Any

import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_range, check_same_shape
from keras_suite.models.ops.op import Gradients, Op


def keep_mask(shape: Any, rate: float, seed: Any, dtype: Any) -> tf.Tensor:
    """Ones with probability 1 - rate, else zeros: a pure function of the seed, two whole numbers."""
    check_range("dropout", "rate", rate, 0, 1)
    drawn = tf.random.stateless_uniform(shape, tf.cast(seed, tf.int64))
    return tf.cast(drawn >= rate, dtype)


def dropout_forward(x: tf.Tensor, mask: tf.Tensor, *, rate: float) -> tuple[tf.Tensor, tuple[tf.Tensor, float]]:
    """x where the mask is 1, grown by 1 / (1 - rate), and 0 where it is 0."""
    check_floating("dropout", "x", x)
    check_floating("dropout", "mask", mask)
    check_range("dropout", "rate", rate, 0, 1)
    check_same_shape("dropout", "mask", mask, "x", x)
    mask = tf.cast(mask, x.dtype)
    return x * mask / (1 - rate), (mask, rate)


def dropout_backward(dy: tf.Tensor, cache: tuple[tf.Tensor, float]) -> Gradients:
    """(dx, None) = dy m / (1 - rate)."""
    mask, rate = cache
    return dy * mask / (1 - rate), None


dropout = Op("dropout", dropout_forward, dropout_backward)
