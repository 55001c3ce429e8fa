"""Layers that treat every position alike: dense, activations, normalisation, dropout, flatten, addition."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_suite.models.hyperparameter_variables import hyperparameter
from keras_suite.models.layers.manual_layer import (
    PACKAGE,
    KernelLayer,
    ManualLayer,
    Step,
    activation_steps,
    checked_activation,
)
from keras_suite.models.ops.activations import maxout
from keras_suite.models.ops.batch_normalization import batch_normalization, batch_normalization_inference
from keras_suite.models.ops.core import add, dense, dropout, flatten, keep_mask


@keras.saving.register_keras_serializable(PACKAGE)
class ManualDense(KernelLayer):
    """Dense layer for (batch, n), as keras.layers.Dense: y = x kernel + bias."""

    arguments = ("units",)

    def __init__(self, units: int, activation: str | None = None, **kernel_layer: Any) -> None:
        super().__init__(activation=activation, **kernel_layer)
        self.units = units

    def shapes(self, input_shape: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (input_shape[-1], self.units), (self.units,)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        return Step(dense, (kernel, bias))


@keras.saving.register_keras_serializable(PACKAGE)
class ManualActivation(ManualLayer):
    """An activation by its name, see `ACTIVATIONS`; `options` are its op's, as {"negative_slope": 0.1}."""

    arguments = ("activation", "options")

    def __init__(self, activation: str, options: Mapping[str, Any] | None = None, **layer: Any) -> None:
        super().__init__(**layer)
        self.activation = checked_activation("ManualActivation", activation)
        self.options = dict(options or {})

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(step.op, options=self.options) for step in activation_steps(self.activation)]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualMaxout(ManualLayer):
    """The maximum over groups of `pieces` neighbouring channels (Goodfellow et al. 2013)."""

    arguments = ("pieces",)

    def __init__(self, pieces: int, **layer: Any) -> None:
        super().__init__(**layer)
        self.pieces = pieces

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(maxout, options={"pieces": self.pieces})]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualBatchNormalization(ManualLayer):
    """Batch normalisation over the last axis, as keras.layers.BatchNormalization.

    moving <- momentum * moving + (1 - momentum) * batch. Frozen (`trainable=False`) it stays in inference mode, as
    Keras's does.
    """

    arguments = ("momentum", "epsilon", "center", "scale")

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
        fixed = {"shape": shape, "trainable": False, "autocast": False}
        self.moving_mean = self.add_weight(name="moving_mean", initializer="zeros", **fixed)
        self.moving_variance = self.add_weight(name="moving_variance", initializer="ones", **fixed)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        options = {"epsilon": self.epsilon}
        if training and self.trainable:
            return [Step(batch_normalization, (self.gamma, self.beta), options)]
        tensors = (self.gamma, self.beta, self.moving_mean.value, self.moving_variance.value)
        return [Step(batch_normalization_inference, tensors, options)]

    def update_statistics(self, step: Step, y: Any) -> tf.Tensor:
        if step.op is batch_normalization_inference:
            return y
        y, mean, variance = y
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(self.momentum * moving + (1 - self.momentum) * tf.cast(batch, moving.dtype))
        return y


@keras.saving.register_keras_serializable(PACKAGE)
class Dropout(keras.layers.Dropout):
    """Dropout as keras.layers.Dropout (Srivastava et al. 2014), but with the rate in a variable.

    See models/hyperparameter_variables.py. Keras's own fails with a variable for a rate. `rate` is above 0.
    """

    def __init__(self, rate: float, seed: int | None = None, **layer: Any) -> None:
        super().__init__(rate, seed=seed, **layer)
        if not 0 < rate < 1:
            raise ValueError(f"Dropout: rate={rate!r} is not possible: expected 0 < rate < 1, or no such layer")
        self.hyperparameters = (hyperparameter(rate),)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        rate = ops.cast(self.hyperparameters[0], inputs.dtype)
        uniform = keras.random.uniform(ops.shape(inputs), dtype=inputs.dtype, seed=self.seed_generator)
        return ops.where(uniform >= rate, inputs / (1 - rate), ops.zeros_like(inputs))


@keras.saving.register_keras_serializable(PACKAGE)
class ManualDropout(ManualLayer):
    """Dropout as keras.layers.Dropout: in training each value is zeroed with probability `rate`, others are scaled up.

    They are multiplied by 1 / (1 - rate). The mask is sampled from a seed of two numbers that moves on with every batch
    and is saved with the model.
    """

    arguments = ("rate", "seed")

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
