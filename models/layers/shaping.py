"""Layers without weights that pass values on: dropout, flatten, residual addition."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step
from keras_suite.models.ops.dropout import dropout, keep_mask
from keras_suite.models.ops.reshaping import add, flatten


@keras.saving.register_keras_serializable(PACKAGE)
class ManualDropout(ManualLayer):
    """As keras.layers.Dropout: in training each value is zeroed with probability `rate`, others grow by 1/(1 - rate).

    The mask is drawn from a seed of two numbers that moves on with every batch and is saved with the model.
    """

    def __init__(self, rate: float, seed: int | None = None, **layer: Any) -> None:
        super().__init__(**layer)
        if not 0 <= rate < 1:
            raise ValueError(f"ManualDropout: rate={rate!r} is not possible: expected 0 <= rate < 1")
        self.rate, self.seed = rate, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        if not training or not self.rate:
            return []
        mask = keep_mask(tf.shape(x), self.rate, self.seed_generator.next(), x.dtype)
        return [Step(dropout, (mask,), {"rate": self.rate})]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(PACKAGE)
class ManualFlatten(ManualLayer):
    """(batch, ...) -> (batch, all the rest in row-major order)."""

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(flatten)]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualAdd(keras.layers.Layer):
    """The sum of two tensors of one shape, as at the end of a residual block; called on [a, b]."""

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        a, b = inputs
        return add(a, b)
