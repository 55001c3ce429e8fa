"""Batch normalisation over any axis, and of what a mask leaves in, beside Keras's own."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.models.layers.normalization import ManualBatchNormalization


def trained(layer: Any, x: np.ndarray, mask: np.ndarray | None) -> list[np.ndarray]:
    """The output, the gradients of the input and the weights, and the moving statistics, of one training batch."""
    images = tf.constant(x)
    layer(images)
    with tf.GradientTape() as tape:
        tape.watch(images)
        y = layer(images, training=True, mask=mask)
        loss = tf.reduce_sum(tf.reshape(y, [-1]) * tf.cos(tf.range(x.size, dtype=tf.float32)))
    gradients = tape.gradient(loss, [images, *[v.value for v in layer.trainable_variables]])
    return [np.asarray(each) for each in (y, *gradients, *layer.get_weights())]


@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("masked", [False, True])
def test_it_gives_what_keras_gives_over_any_axis_and_under_a_mask(axis: int, masked: bool) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(4, 5, 6)).astype(np.float32)
    mask = random.integers(2, size=(4, 5)).astype(bool) if masked else None
    kinds = (ManualBatchNormalization, layers.BatchNormalization)
    for ours, theirs in zip(*(trained(kind(axis=axis, momentum=0.5), x, mask) for kind in kinds), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_a_batch_that_a_mask_leaves_nothing_of_is_no_nan() -> None:
    x = np.ones((2, 3, 2), np.float32)
    y = ManualBatchNormalization()(x, training=True, mask=np.zeros((2, 3), bool))
    assert np.isfinite(np.asarray(y)).all()


def test_a_mask_of_other_axes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ManualBatchNormalization: the mask has shape .* expected one axis less"):
        ManualBatchNormalization()(np.ones((2, 3, 2), np.float32), mask=np.ones(2, bool))
