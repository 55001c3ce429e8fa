"""One vector beside each step of a sequence."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class BesideEach(keras.layers.Layer):
    """[(batch, steps, n), (batch, m)] -> (batch, steps, n + m): the vector is the same at every step."""

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        steps, vector = inputs
        return tf.concat([steps, tf.repeat(vector[:, None], tf.shape(steps)[1], axis=1)], axis=-1)

    def compute_output_shape(self, input_shape: Sequence[Sequence[int | None]]) -> tuple[int | None, ...]:
        (batch, steps, n), (_, m) = input_shape
        return batch, steps, (n or 0) + (m or 0)
