"""Batch normalisation; its moving statistics live here, its maths in the op."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step
from keras_suite.models.ops.batch_normalization import batch_normalization, batch_normalization_inference


@keras.saving.register_keras_serializable(PACKAGE)
class ManualBatchNormalization(ManualLayer):
    """As keras.layers.BatchNormalization over the last axis, with moving <- momentum * moving + (1 - momentum) * batch.

    Frozen (`trainable=False`) it stays in inference mode, as Keras's does.
    """

    def __init__(
        self, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True, **layer: Any
    ) -> None:
        super().__init__(**layer)
        self.momentum, self.epsilon, self.center, self.scale = momentum, epsilon, center, scale

    def build(self, input_shape: Sequence[int]) -> None:
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones") if self.scale else None
        self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros") if self.center else None
        # Statistics of half precision would stand still: 0.99 m + 0.01 b rounds back to m.
        still = {"shape": shape, "trainable": False, "autocast": False}
        self.moving_mean = self.add_weight(name="moving_mean", initializer="zeros", **still)
        self.moving_variance = self.add_weight(name="moving_variance", initializer="ones", **still)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        options = {"epsilon": self.epsilon}
        if training and self.trainable:
            return [Step(batch_normalization, (self.gamma, self.beta), options)]
        tensors = (self.gamma, self.beta, self.moving_mean.value, self.moving_variance.value)
        return [Step(batch_normalization_inference, tensors, options)]

    def taken(self, step: Step, y: Any) -> tf.Tensor:
        if step.op is batch_normalization_inference:
            return y
        y, mean, variance = y
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(self.momentum * moving + (1 - self.momentum) * tf.cast(batch, moving.dtype))
        return y

    def get_config(self) -> dict[str, Any]:
        names = ("momentum", "epsilon", "center", "scale")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
