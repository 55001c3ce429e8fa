"""Activations at random values beside TensorFlow's own, and at exactly 0 where they have a kink."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator, spaced
from keras_suite.models.ops import activations
from keras_suite.models.ops.activations import METHODS, SOFTMAX_METHODS, maxout, softmax
from keras_suite.models.ops.op import Op


def sigmoid_case(choose: Choose) -> Case:
    return Case(activations.sigmoid, (_smooth(choose),), tf.nn.sigmoid, {"method": choose(METHODS)})


def tanh_case(choose: Choose) -> Case:
    return Case(activations.tanh, (_smooth(choose),), tf.nn.tanh, {"method": choose(METHODS)})


def relu_case(choose: Choose) -> Case:
    return _kinked(activations.relu, tf.nn.relu, {}, choose)


def leaky_relu_case(choose: Choose) -> Case:
    slope = choose((0.0, 0.25, 0.5, 1.5))  # in float32 exactly: TensorFlow keeps it so even beside float64
    return _kinked(activations.leaky_relu, lambda x: tf.nn.leaky_relu(x, slope), {"negative_slope": slope}, choose)


def elu_case(choose: Choose) -> Case:
    """At 0 only with alpha 1: otherwise Keras's gradient there is alpha, and TensorFlow has no other alpha."""
    alpha = choose((1.0, 1.0, 0.5, 2.0))
    if alpha == 1.0:
        return _kinked(activations.elu, tf.nn.elu, {"alpha": alpha}, choose)
    x = spaced(generator(choose), _shape(choose))
    options = {"alpha": alpha, "method": choose(METHODS)}
    return Case(activations.elu, (x,), lambda x: keras.ops.elu(x, alpha), options)


def maxout_case(choose: Choose) -> Case:
    pieces = choose((1, 2, 3))
    shape = (*_shape(choose), pieces * choose((1, 2)))

    def reference(x: Any) -> Any:
        return tf.reduce_max(tf.reshape(x, [*shape[:-1], -1, pieces]), -1)

    return Case(maxout, (spaced(generator(choose), shape),), reference, {"pieces": pieces})


def softmax_case(choose: Choose) -> Case:
    return Case(softmax, (_smooth(choose),), tf.nn.softmax, {"method": choose(SOFTMAX_METHODS)})


def _shape(choose: Choose) -> list[int]:
    return [choose((1, 2)), *[choose((1, 2, 3)) for _ in range(choose((1, 3)))]]


def _smooth(choose: Choose) -> np.ndarray:
    shape = _shape(choose)
    return generator(choose).normal(size=shape, scale=choose((0.1, 1.0, 4.0)))


def _kinked(op: Op, reference: Any, options: dict[str, Any], choose: Choose) -> Case:
    """Away from 0; or with zeros among the values, where TensorFlow's rule decides."""
    x, zeros = spaced(generator(choose), _shape(choose)), choose((False, True))
    if zeros:
        x.flat[::2] = 0.0
    return Case(op, (x,), reference, {**options, "method": choose(METHODS)}, differences=not zeros)
