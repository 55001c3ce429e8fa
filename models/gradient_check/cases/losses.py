"""Losses on one-hot and soft labels and on such that do not sum to 1, beside TensorFlow's own."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator
from keras_suite.models.ops import losses
from keras_suite.models.ops.op import Op

LARGE = 100.0  # logits of that size, of which e^z overflows: their loss has no digits left for a difference quotient


def softmax_cross_entropy_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:  # the gradient of TensorFlow's own takes labels to sum to 1
        return -tf.reduce_mean(tf.reduce_sum(y * tf.nn.log_softmax(z), -1))

    return _case(losses.softmax_cross_entropy, reference, choose)


def binary_cross_entropy_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))

    return _case(losses.binary_cross_entropy, reference, choose)


def mean_squared_error_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:
        return tf.reduce_mean(tf.math.squared_difference(z, y))

    return _case(losses.mean_squared_error, reference, choose)


def hinge_case(choose: Choose) -> Case:
    """Logits a multiple of 0.1 plus 0.05 apart from each other's margins: no term near its kink; or halves, on it."""
    margin, ties = choose((0.5, 1.0, 2.0)), choose((False, False, True))
    random = generator(choose)
    shape = (choose((1, 2, 4)), choose((2, 3, 5)))
    right = random.integers(0, shape[1], shape[0])
    if ties:
        z = random.integers(-2, 3, shape) * 0.5
    else:
        z = random.permutation(np.arange(np.prod(shape)) * 0.1 - 0.5).reshape(shape)
        z[np.arange(shape[0]), right] += 0.05

    def reference(z: Any, y: Any) -> Any:
        correct = tf.boolean_mask(z, y > 0)[:, None]
        terms = tf.nn.relu(z - correct + tf.constant(margin, z.dtype))
        return tf.reduce_mean(tf.reduce_sum(terms, -1) - tf.constant(margin, z.dtype))  # the right class adds m itself

    labels = np.eye(shape[1])[right]
    return Case(losses.hinge, (z, labels), reference, {"margin": margin}, constant=(1,), differences=not ties)


def kl_divergence_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:
        return tf.reduce_mean(tf.reduce_sum(tf.math.xlogy(y, y) - y * tf.nn.log_softmax(z), -1))

    return _case(losses.kl_divergence, reference, choose)


def _case(op: Op, reference: Any, choose: Choose) -> Case:
    logits, labels = _logits_and_labels(choose)
    return Case(op, (logits, labels), reference, constant=(1,), differences=bool(np.abs(logits).max() < LARGE))


def _logits_and_labels(choose: Choose) -> tuple[np.ndarray, np.ndarray]:
    batch, classes = choose((1, 2, 5)), choose((1, 2, 4))
    random = generator(choose)
    logits = random.normal(size=(batch, classes), scale=choose((0.1, 1.0, 5.0))) + choose((0.0, 0.0, 1000.0))
    labels = np.eye(classes)[random.integers(0, classes, batch)]
    smoothing, total = choose((0.0, 0.1, 1.0)), choose((1.0, 1.0, 0.5, 2.0))
    return logits, total * ((1 - smoothing) * labels + smoothing * random.dirichlet(np.ones(classes), batch))
