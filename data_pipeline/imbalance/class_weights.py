"""Weights of classes in the loss: an image of a rare class counts as much more as there are fewer of them."""

from typing import Any

import numpy as np
import tensorflow as tf


def balanced_class_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Compute images / (classes * images of the class) for each class, float32 (classes,).

    The mean weight of an image is 1, so the loss and the learning rate keep their scale (King and Zeng, 2001; what
    scikit-learn calls "balanced"). Classes without a label, of which none is counted, have weight 0.

    Args:
        labels: Of the training images, (n,).
        classes: How many classes there are.
    """
    counts = np.bincount(labels, minlength=classes)
    weights = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return np.where(counts > 0, weights, 0.0).astype(np.float32)


def with_class_weights(batches: tf.data.Dataset, weights: np.ndarray) -> tf.data.Dataset:
    """Return batches (inputs, targets, weights of the images (b,)).

    Args:
        batches: Of inputs and of targets (b, classes): one-hot, or partly of several classes, whose weights are mixed
            in the same parts.
        weights: Of the classes, float32 (classes,).
    """
    of_classes = tf.constant(weights)

    @tf.autograph.experimental.do_not_convert
    def weighted(inputs: Any, targets: tf.Tensor) -> tuple[Any, tf.Tensor, tf.Tensor]:
        return inputs, targets, tf.linalg.matvec(targets, of_classes)

    return batches.map(weighted)
