"""Activations at random values beside TensorFlow's own, and at exactly 0 where they have a kink."""

from typing import Any

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
    alpha = choose((1.0, 1.0, 0.5, 2.0))

    def reference(x: Any) -> Any:  # at 0 Keras's gradient is alpha, and TensorFlow has alpha 1 only
        return tf.where(x >= 0, x, tf.constant(alpha, x.dtype) * tf.math.expm1(tf.minimum(x, 0)))

    return _kinked(activations.elu, reference, {"alpha": alpha}, choose)


def maxout_case(choose: Choose) -> Case:
    """Distinct values, or few whole numbers, so that most groups hold ties: the first of equals wins."""
    pieces, ties = choose((1, 2, 3)), choose((False, False, True))
    shape = (*_shape(choose), pieces * choose((1, 2)))
    random = generator(choose)

    def reference(x: Any) -> Any:
        groups = tf.reshape(x, [*shape[:-1], -1, pieces])
        return tf.reduce_sum(groups * tf.one_hot(tf.argmax(groups, -1), pieces, dtype=x.dtype), -1)

    x = random.integers(0, 3, shape).astype(np.float64) if ties else spaced(random, shape)
    return Case(maxout, (x,), reference, {"pieces": pieces}, differences=not ties)


def softmax_case(choose: Choose) -> Case:
    """Also on logits of which e^x overflows."""
    x = _smooth(choose) + choose((0.0, 0.0, 1000.0))
    return Case(softmax, (x,), tf.nn.softmax, {"method": choose(SOFTMAX_METHODS)})


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
