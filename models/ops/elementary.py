"""The arithmetic of expressions, element by element: what a computational graph is made of.

With y = f(a, b) each input gets dy times its own partial derivative:

    y            da                db
    a - b        dy                -dy
    a b          b dy              a dy
    a / b        dy / b            -y dy / b
    -a           -dy
    a^p          p a^(p-1) dy                        p is a constant
    e^a          y dy
    log a        dy / a
    sqrt a       dy / (2 y)
    max(a, b)    dy where a >= b   dy where a < b    of equals the first one gets it, as in TensorFlow

Those of the quotient, e^a and sqrt a are written in y, which is known already. No shapes are broadcast. Source: any
calculus; the table of Goodfellow, Bengio and Courville 2016, section 6.5.
"""

import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_same_shape
from keras_suite.models.ops.op import Gradients, Op

Pair = tuple[tf.Tensor, tf.Tensor]


def _check_pair(op: str, a: tf.Tensor, b: tf.Tensor) -> None:
    check_floating(op, "a", a)
    check_floating(op, "b", b)
    check_same_shape(op, "b", b, "a", a)


def subtract_forward(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, None]:
    """Return a - b."""
    _check_pair("subtract", a, b)
    return a - b, None


def subtract_backward(dy: tf.Tensor, cache: None) -> Gradients:
    """Return (da, db) = (dy, -dy)."""
    return dy, -dy


def multiply_forward(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, Pair]:
    """Return a b."""
    _check_pair("multiply", a, b)
    return a * b, (a, b)


def multiply_backward(dy: tf.Tensor, cache: Pair) -> Gradients:
    """Return (da, db) = (b dy, a dy): each factor gets the other one."""
    a, b = cache
    return b * dy, a * dy


def divide_forward(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, Pair]:
    """Return a / b."""
    _check_pair("divide", a, b)
    y = a / b
    return y, (y, b)


def divide_backward(dy: tf.Tensor, cache: Pair) -> Gradients:
    """Return (da, db) = (dy / b, -y dy / b)."""
    y, b = cache
    return dy / b, -y * dy / b


def negative_forward(a: tf.Tensor) -> tuple[tf.Tensor, None]:
    """Return -a."""
    check_floating("negative", "a", a)
    return -a, None


def negative_backward(dy: tf.Tensor, cache: None) -> Gradients:
    """Return (da,) = (-dy,)."""
    return (-dy,)


def power_forward(a: tf.Tensor, *, exponent: float) -> tuple[tf.Tensor, tuple[tf.Tensor, float]]:
    """Return a^exponent; NaN for a negative a and an exponent that is no whole number."""
    check_floating("power", "a", a)
    return tf.pow(a, tf.cast(exponent, a.dtype)), (a, exponent)


def power_backward(dy: tf.Tensor, cache: tuple[tf.Tensor, float]) -> Gradients:
    """Return (da,) = exponent a^(exponent - 1) dy; a constant, the exponent 0, has the gradient 0 at 0 as well."""
    a, exponent = cache
    if exponent == 0:
        return (tf.zeros_like(dy),)
    return (exponent * tf.pow(a, tf.cast(exponent - 1, a.dtype)) * dy,)


def exp_forward(a: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return e^a."""
    check_floating("exp", "a", a)
    y = tf.exp(a)
    return y, y


def exp_backward(dy: tf.Tensor, y: tf.Tensor) -> Gradients:
    """Return (da,) = y dy."""
    return (y * dy,)


def log_forward(a: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the natural logarithm of a."""
    check_floating("log", "a", a)
    return tf.math.log(a), a


def log_backward(dy: tf.Tensor, a: tf.Tensor) -> Gradients:
    """Return (da,) = dy / a."""
    return (dy / a,)


def sqrt_forward(a: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the square root of a."""
    check_floating("sqrt", "a", a)
    y = tf.sqrt(a)
    return y, y


def sqrt_backward(dy: tf.Tensor, y: tf.Tensor) -> Gradients:
    """Return (da,) = dy / (2 y)."""
    return (dy / (2 * y),)


def maximum_forward(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, Pair]:
    """Return the larger of a and b."""
    _check_pair("maximum", a, b)
    return tf.maximum(a, b), (a, b)


def maximum_backward(dy: tf.Tensor, cache: Pair) -> Gradients:
    """Return (da, db): dy to the larger one, of equals to the first."""
    a, b = cache
    first = tf.cast(a >= b, dy.dtype)
    return first * dy, (1 - first) * dy


subtract = Op("subtract", subtract_forward, subtract_backward)
multiply = Op("multiply", multiply_forward, multiply_backward)
divide = Op("divide", divide_forward, divide_backward)
negative = Op("negative", negative_forward, negative_backward)
power = Op("power", power_forward, power_backward)
exp = Op("exp", exp_forward, exp_backward)
log = Op("log", log_forward, log_backward)
sqrt = Op("sqrt", sqrt_forward, sqrt_backward)
maximum = Op("maximum", maximum_forward, maximum_backward)
