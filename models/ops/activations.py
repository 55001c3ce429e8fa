"""Activations, element by element: y = f(x), dx = f'(x) dy. Each derivative is written in what is cheapest to keep.

    sigmoid     s = 1 / (1 + e^-x)        s' = e^-x / (1 + e^-x)^2 = s (1 - s)
    tanh        t                         t' = 1 - t^2, which lies in (0, 1]
    relu        max(x, 0)                 1 where x > 0, else 0
    leaky relu  x or slope x              1 where x > 0, else slope
    elu         x or alpha (e^x - 1)      1 where x >= 0, else alpha e^x = y + alpha

At 0 the last three have no derivative. Taken there is what TensorFlow takes: relu 0, leaky relu the slope, elu 1. (Some
lectures take 1 for relu; both are subgradients.) Sources: Goodfellow, Bengio and Courville 2016, section 6.3;
Maas et al. 2013 (leaky); Clevert et al. 2016 (elu).
"""

import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_range
from keras_suite.models.ops.op import Gradients, Op

LARGEST_SLOPE = 1e6  # a bound only so that infinity and NaN are refused


def sigmoid_forward(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """1 / (1 + e^-x), without overflow on either side."""
    check_floating("sigmoid", "x", x)
    y = tf.sigmoid(x)
    return y, y


def sigmoid_backward(dy: tf.Tensor, y: tf.Tensor) -> Gradients:
    """(dx,) = y (1 - y) dy; at most a quarter of dy."""
    return (dy * y * (1 - y),)


def tanh_forward(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """tanh x."""
    check_floating("tanh", "x", x)
    y = tf.tanh(x)
    return y, y


def tanh_backward(dy: tf.Tensor, y: tf.Tensor) -> Gradients:
    """(dx,) = (1 - y^2) dy."""
    return (dy * (1 - y * y),)


def relu_forward(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """max(x, 0)."""
    check_floating("relu", "x", x)
    y = tf.maximum(x, 0)
    return y, y


def relu_backward(dy: tf.Tensor, y: tf.Tensor) -> Gradients:
    """(dx,): dy where x > 0, which is where y > 0."""
    return (dy * tf.cast(y > 0, dy.dtype),)


def leaky_relu_forward(x: tf.Tensor, *, negative_slope: float = 0.2) -> tuple[tf.Tensor, tuple[tf.Tensor, float]]:
    """x where x > 0, else negative_slope * x; Keras's `leaky_relu` has 0.2, its LeakyReLU layer 0.3."""
    check_floating("leaky_relu", "x", x)
    check_range("leaky_relu", "negative_slope", negative_slope, 0, LARGEST_SLOPE)
    return tf.where(x > 0, x, negative_slope * x), (x, negative_slope)


def leaky_relu_backward(dy: tf.Tensor, cache: tuple[tf.Tensor, float]) -> Gradients:
    """(dx,): dy where x > 0, else negative_slope * dy."""
    x, negative_slope = cache
    return (tf.where(x > 0, dy, negative_slope * dy),)


def elu_forward(x: tf.Tensor, *, alpha: float = 1.0) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor, float]]:
    """x where x >= 0, else alpha (e^x - 1)."""
    check_floating("elu", "x", x)
    check_range("elu", "alpha", alpha, 0, LARGEST_SLOPE)
    # The branch not taken is computed, too: e^x of a large x would be infinite there.
    y = tf.where(x >= 0, x, alpha * tf.math.expm1(tf.minimum(x, 0)))
    return y, (x, y, alpha)


def elu_backward(dy: tf.Tensor, cache: tuple[tf.Tensor, tf.Tensor, float]) -> Gradients:
    """(dx,): dy where x >= 0, else (y + alpha) dy."""
    x, y, alpha = cache
    return (tf.where(x >= 0, dy, dy * (y + alpha)),)


sigmoid = Op("sigmoid", sigmoid_forward, sigmoid_backward)
tanh = Op("tanh", tanh_forward, tanh_backward)
relu = Op("relu", relu_forward, relu_backward)
leaky_relu = Op("leaky_relu", leaky_relu_forward, leaky_relu_backward)
elu = Op("elu", elu_forward, elu_backward)
