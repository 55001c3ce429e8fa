"""Passes as people write them, sound and with slips, for the tests of the check."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.passes import Passes, by_tape


def pair(name: str, parameters: str, forward: Any, backward: Any) -> Passes:
    return Passes(name, tuple(parameters.split()), forward, backward, plain=lambda *tensors: forward(*tensors)[0])


def dense_forward(x: Any, kernel: Any, bias: Any) -> Any:
    return x @ kernel + bias, (x, kernel)


def dense_backward(dy: Any, cache: Any) -> Any:
    x, kernel = cache
    return dy @ tf.transpose(kernel), tf.transpose(x) @ dy, tf.reduce_sum(dy, 0)


DENSE = pair("dense", "x kernel bias", dense_forward, dense_backward)


def dense_with(slip: Any) -> Passes:
    """The dense layer whose three gradients go through `slip`."""
    return pair("dense", "x kernel bias", dense_forward, lambda dy, cache: slip(*dense_backward(dy, cache)))


def numpy_relu_backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    dx = dy * 1.0
    dx[x < 0] = 0
    return dx


NUMPY_RELU = Passes(
    "relu", ("x",), lambda x: (np.maximum(x, 0), x.copy()), lambda dy, x: [numpy_relu_backward(dy, x)], plain=None
)


@tf.custom_gradient
def swish(x: Any) -> Any:
    s = tf.sigmoid(x)
    return x * s, lambda dy: dy * (s + x * s * (1 - s))


SWISH = Passes("swish", ("x",), *by_tape(swish), plain=lambda x: x * tf.sigmoid(x))
LOG = pair("log", "x", lambda x: (tf.math.log(x), x), lambda dy, x: [dy / x])
IN_FLOAT32 = pair("ones", "x", lambda x: (x * tf.ones(x.shape), x), lambda dy, x: [dy * tf.ones(x.shape)])


def cross_entropy_forward(logits: Any, labels: Any) -> Any:
    p = tf.nn.softmax(logits)
    return -tf.reduce_mean(tf.reduce_sum(labels * tf.math.log(p), -1)), (p, labels)


CROSS_ENTROPY = pair(
    "cross_entropy",
    "logits labels",
    cross_entropy_forward,
    lambda dy, cache: [dy * (cache[0] - cache[1]) / cache[0].shape[0], None],
)
