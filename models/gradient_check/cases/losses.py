"""Losses on one-hot and soft labels, beside TensorFlow's own."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator
from keras_suite.models.ops import losses


def softmax_cross_entropy_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(tf.cast(y, z.dtype), z))

    return Case(losses.softmax_cross_entropy, _logits_and_labels(choose), reference, constant=(1,))


def binary_cross_entropy_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))

    return Case(losses.binary_cross_entropy, _logits_and_labels(choose), reference, constant=(1,))


def mean_squared_error_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:
        return tf.reduce_mean(tf.math.squared_difference(z, y))

    return Case(losses.mean_squared_error, _logits_and_labels(choose), reference, constant=(1,))


def hinge_case(choose: Choose) -> Case:
    """Logits a multiple of 0.1 plus 0.05 apart from each other's margins: no term is near its kink."""
    margin = choose((0.5, 1.0, 2.0))
    random = generator(choose)
    shape = (choose((1, 2, 4)), choose((2, 3, 5)))
    right = random.integers(0, shape[1], shape[0])
    z = random.permutation(np.arange(np.prod(shape)) * 0.1 - 0.5).reshape(shape)
    z[np.arange(shape[0]), right] += 0.05

    def reference(z: Any, y: Any) -> Any:
        correct = tf.boolean_mask(z, y > 0)[:, None]
        terms = tf.nn.relu(z - correct + tf.constant(margin, z.dtype))
        return tf.reduce_mean(tf.reduce_sum(terms, -1) - tf.constant(margin, z.dtype))  # the right class adds m itself

    return Case(losses.hinge, (z, np.eye(shape[1])[right]), reference, {"margin": margin}, constant=(1,))


def kl_divergence_case(choose: Choose) -> Case:
    def reference(z: Any, y: Any) -> Any:
        return tf.reduce_mean(tf.reduce_sum(tf.math.xlogy(y, y) - y * tf.nn.log_softmax(z), -1))

    return Case(losses.kl_divergence, _logits_and_labels(choose), reference, constant=(1,))


def _logits_and_labels(choose: Choose) -> tuple[np.ndarray, np.ndarray]:
    batch, classes = choose((1, 2, 5)), choose((1, 2, 4))
    random = generator(choose)
    logits = random.normal(size=(batch, classes), scale=choose((0.1, 1.0, 5.0)))
    labels = np.eye(classes)[random.integers(0, classes, batch)]
    smoothing = choose((0.0, 0.1, 1.0))
    return logits, (1 - smoothing) * labels + smoothing * random.dirichlet(np.ones(classes), batch)
