"""Arithmetic at random values beside TensorFlow's own; the maximum also of equals."""

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator, spaced
from keras_suite.models.ops import elementary


def subtract_case(choose: Choose) -> Case:
    return Case(elementary.subtract, _two(choose), tf.subtract, linear_in=())


def multiply_case(choose: Choose) -> Case:
    return Case(elementary.multiply, _two(choose), tf.multiply, linear_in=(0, 1))


def divide_case(choose: Choose) -> Case:
    a, b = _two(choose)
    return Case(elementary.divide, (a, _away_from_zero(b)), tf.divide, linear_in=(0,))


def negative_case(choose: Choose) -> Case:
    return Case(elementary.negative, _two(choose)[:1], tf.negative, linear_in=(0,))


def power_case(choose: Choose) -> Case:
    exponent = choose((0, 1, 2, 3, -1, 0.5))
    a = _two(choose)[0]
    a = np.abs(_away_from_zero(a)) if exponent == 0.5 else _away_from_zero(a)
    return Case(elementary.power, (a,), lambda a: tf.pow(a, tf.cast(exponent, a.dtype)), {"exponent": exponent})


def exp_case(choose: Choose) -> Case:
    return Case(elementary.exp, _two(choose)[:1], tf.exp)


def log_case(choose: Choose) -> Case:
    return Case(elementary.log, (np.abs(_away_from_zero(_two(choose)[0])),), tf.math.log)


def sqrt_case(choose: Choose) -> Case:
    return Case(elementary.sqrt, (np.abs(_away_from_zero(_two(choose)[0])),), tf.sqrt)


def maximum_case(choose: Choose) -> Case:
    """Of values that are all apart, or of some equals, where TensorFlow's rule decides."""
    shape, ties = _shape(choose), choose((False, True))
    both = spaced(generator(choose), (2, *shape))
    a, b = both[0], both[1].copy()
    if ties:
        b.flat[::2] = a.flat[::2]
    return Case(elementary.maximum, (a, b), tf.maximum, differences=not ties)


def _shape(choose: Choose) -> list[int]:
    return [choose((1, 2, 3)) for _ in range(choose((1, 3)))]


def _two(choose: Choose) -> tuple[np.ndarray, np.ndarray]:
    shape, random, scale = _shape(choose), generator(choose), choose((0.1, 1.0, 3.0))
    a, b = random.normal(size=(2, *shape), scale=scale)
    return a, b


def _away_from_zero(a: np.ndarray) -> np.ndarray:
    """Return values of at least 0.3, so that quotients stay where a difference quotient can follow them."""
    return np.where(a < 0, a - 0.3, a + 0.3)
