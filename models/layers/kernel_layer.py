"""Layers with a kernel and a bias: their weights, in Keras's own arguments."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.activation import activation_steps, checked_activation
from keras_suite.models.layers.manual_layer import ManualLayer, Step

_PARTS = {
    "kernel_initializer": keras.initializers,
    "bias_initializer": keras.initializers,
    "kernel_regularizer": keras.regularizers,
    "bias_regularizer": keras.regularizers,
    "kernel_constraint": keras.constraints,
    "bias_constraint": keras.constraints,
}


class KernelLayer(ManualLayer):
    """Adds `kernel` and, with `use_bias`, `bias`; subclasses say of which shapes, and which op takes them."""

    def __init__(
        self,
        *,
        activation: str | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        self.activation = checked_activation(type(self).__name__, activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def shapes(self, input_shape: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The kernel's and the bias's shape."""
        raise NotImplementedError

    def op_step(self, kernel: Any, bias: Any) -> Step:
        """The step that takes these weights."""
        raise NotImplementedError

    def build(self, input_shape: Sequence[int]) -> None:
        kernel_shape, bias_shape = self.shapes(input_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=kernel_shape,
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = (
            self.add_weight(
                name="bias",
                shape=bias_shape,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
            if self.use_bias
            else None
        )

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [self.op_step(self.kernel, self.bias), *activation_steps(self.activation)]

    def get_config(self) -> dict[str, Any]:
        parts = {name: room.serialize(getattr(self, name)) for name, room in _PARTS.items()}
        return {**super().get_config(), "activation": self.activation, "use_bias": self.use_bias, **parts}
