"""Batch and layer normalisation as layers: weights, moving statistics, masks, and the axes that are normalised."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step
from keras_suite.models.ops.batch_normalization import (
    batch_normalization,
    batch_normalization_inference,
    masked_batch_normalization,
)
from keras_suite.models.ops.checks import check_range
from keras_suite.models.ops.core import permute
from keras_suite.models.ops.layer_normalization import layer_normalization


@keras.saving.register_keras_serializable(PACKAGE)
class ManualBatchNormalization(ManualLayer):
    """Batch normalisation over one axis, as keras.layers.BatchNormalization.

    moving <- momentum * moving + (1 - momentum) * batch. Frozen (`trainable=False`) it stays in inference mode, as
    Keras's does. With a mask the batch's statistics are those of what it leaves in.
    """

    arguments = (
        "momentum",
        "epsilon",
        "center",
        "scale",
        "axis",
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
        "moving_variance_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
    )
    passes_masks = True

    def __init__(
        self,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        *,
        axis: int = -1,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        name = type(self).__name__
        check_range(name, "momentum", momentum, 0, 1 + 1e-9)
        check_range(name, "epsilon", epsilon, 0, 1)
        if not isinstance(axis, int) or isinstance(axis, bool) or axis == 0:
            raise ValueError(f"{name}: axis={axis!r} is not possible: expected a whole number, -1 or from 1 up")
        self.momentum, self.epsilon, self.center, self.scale = momentum, epsilon, center, scale
        self.axis = axis
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)
        self.moving_mean_initializer = keras.initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = keras.initializers.get(moving_variance_initializer)
        self.beta_regularizer = keras.regularizers.get(beta_regularizer)
        self.gamma_regularizer = keras.regularizers.get(gamma_regularizer)
        self.beta_constraint = keras.constraints.get(beta_constraint)
        self.gamma_constraint = keras.constraints.get(gamma_constraint)

    def build(self, input_shape: Sequence[int | None]) -> None:
        rank, name = len(input_shape), type(self).__name__
        if rank < 2 or not -rank < self.axis < rank or input_shape[self.axis] is None:
            raise ValueError(
                f"{name}: the input has shape {tuple(input_shape)}: expected a known number of channels on axis "
                f"{self.axis}"
            )
        channels = int(input_shape[self.axis] or 0)
        self.gamma = self._weight("gamma", channels) if self.scale else None
        self.beta = self._weight("beta", channels) if self.center else None
        # Statistics of half precision would stand still: 0.99 m + 0.01 b rounds back to m.
        fixed = {"shape": (channels,), "trainable": False, "autocast": False}
        self.moving_mean = self.add_weight(name="moving_mean", initializer=self.moving_mean_initializer, **fixed)
        self.moving_variance = self.add_weight(
            name="moving_variance", initializer=self.moving_variance_initializer, **fixed
        )
        self.input_spec = keras.layers.InputSpec(ndim=rank, axes={self.axis: channels})

    def _weight(self, name: str, channels: int) -> keras.Variable:
        parts = {part: getattr(self, f"{name}_{part}") for part in ("initializer", "regularizer", "constraint")}
        return self.add_weight(name=name, shape=(channels,), **parts)

    def steps(self, x: tf.Tensor, training: bool, mask: Any = None) -> list[Step]:
        axis, last = self.axis % x.shape.rank, x.shape.rank - 1
        there = (*(i for i in range(last + 1) if i != axis), axis)
        kept = None if mask is None else tf.transpose(tf.cast(mask, x.dtype)[..., None], there)
        steps = [self._step(training, kept)]
        if axis == last:
            return steps
        back = tuple(there.index(i) for i in range(last + 1))
        return [Step(permute, options={"axes": there}), *steps, Step(permute, options={"axes": back})]

    def _step(self, training: bool, mask: Any) -> Step:
        options = {"epsilon": self.epsilon}
        if training and self.trainable:
            if mask is not None:
                return Step(masked_batch_normalization, (mask, self.gamma, self.beta), options)
            return Step(batch_normalization, (self.gamma, self.beta), options)
        tensors = (self.gamma, self.beta, self.moving_mean.value, self.moving_variance.value)
        return Step(batch_normalization_inference, tensors, options)

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: Any = None) -> tf.Tensor:
        x = self.computable(inputs)
        if mask is not None and len(mask.shape) != len(x.shape) - 1:
            raise ValueError(
                f"{type(self).__name__}: the mask has shape {tuple(mask.shape)} and the input {tuple(x.shape)}: "
                "expected one axis less"
            )
        return self.through(x, self.steps(x, bool(training), mask))

    def update_statistics(self, step: Step, y: Any) -> tf.Tensor:
        if step.op not in (batch_normalization, masked_batch_normalization):
            return y
        y, mean, variance = y
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(self.momentum * moving + (1 - self.momentum) * tf.cast(batch, moving.dtype))
        return y


@keras.saving.register_keras_serializable(PACKAGE)
class ManualLayerNormalization(ManualLayer):
    """Layer normalisation over one axis or more, as keras.layers.LayerNormalization; the weights stay in float32."""

    arguments = (
        "axis",
        "epsilon",
        "center",
        "scale",
        "beta_initializer",
        "gamma_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
    )
    passes_masks = True

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        *,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        name = type(self).__name__
        axes = [axis] if isinstance(axis, int) and not isinstance(axis, bool) else axis
        if not isinstance(axes, list | tuple) or not axes or not all(type(each) is int for each in axes):
            raise TypeError(f"{name}: axis={axis!r} is not possible: expected a whole number, or a list of some")
        check_range(name, "epsilon", epsilon, 0, 1)
        self.axis: int | list[int] = axis if isinstance(axis, int) else list(axis)
        self.axes = tuple(axes)
        self.epsilon, self.center, self.scale = epsilon, center, scale
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)
        self.beta_regularizer = keras.regularizers.get(beta_regularizer)
        self.gamma_regularizer = keras.regularizers.get(gamma_regularizer)
        self.beta_constraint = keras.constraints.get(beta_constraint)
        self.gamma_constraint = keras.constraints.get(gamma_constraint)

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.compute_output_shape(input_shape)
        shape = tuple(input_shape[axis] for axis in sorted(axis % len(input_shape) for axis in self.axes))
        if None in shape:
            raise ValueError(
                f"{type(self).__name__}: the input has shape {tuple(input_shape)}: expected known sizes on axes "
                f"{self.axes}"
            )
        self.gamma = self._weight("gamma", shape) if self.scale else None
        self.beta = self._weight("beta", shape) if self.center else None

    def _weight(self, name: str, shape: tuple[Any, ...]) -> keras.Variable:
        parts = {part: getattr(self, f"{name}_{part}") for part in ("initializer", "regularizer", "constraint")}
        return self.add_weight(name=name, shape=shape, autocast=False, **parts)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        rank = len(input_shape)
        if not all(-rank <= axis < rank and axis % rank for axis in self.axes):
            raise ValueError(
                f"{type(self).__name__}: the input has shape {tuple(input_shape)}: expected an axis {self.axis} of it, "
                "which is not the batch's"
            )
        return tuple(input_shape)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(layer_normalization, (self.gamma, self.beta), {"axes": self.axes, "epsilon": self.epsilon})]
