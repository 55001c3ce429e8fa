"""Layers over the steps of a sequence: long short-term memory, and a vector repeated beside every step."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step
from keras_suite.models.ops.lstm import lstm


@keras.saving.register_keras_serializable(PACKAGE)
class ManualLSTM(ManualLayer):
    """LSTM as keras.layers.LSTM: (batch, steps, n) -> (batch, units), with `return_sequences` (batch, steps, units).

    The number of steps must be known where the layer runs: the steps are unrolled. A model's Input may leave it open
    (None). `initial_state` is a pair (hidden, cell) of (batch, units) each, zeros if left out.
    """

    arguments = (
        "units",
        "use_bias",
        "kernel_initializer",
        "recurrent_initializer",
        "bias_initializer",
        "unit_forget_bias",
        "return_sequences",
    )

    def __init__(
        self,
        units: int,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        return_sequences: bool = False,
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        if units < 1:
            raise ValueError(f"ManualLSTM: units={units!r} is not possible: expected a whole number from 1 up")
        self.units, self.use_bias, self.unit_forget_bias = units, use_bias, unit_forget_bias
        self.return_sequences = return_sequences
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape: Sequence[int]) -> None:
        columns = 4 * self.units
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], columns), initializer=self.kernel_initializer
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, columns), initializer=self.recurrent_initializer
        )
        self.bias = (
            self.add_weight(name="bias", shape=(columns,), initializer=self._initial_bias) if self.use_bias else None
        )

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape without running the steps, as Keras would to see it."""
        return (*input_shape[: 2 if self.return_sequences else 1], self.units)

    def _initial_bias(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Return the initializer's bias, but 1 for the forget gate: a cell keeps its state until trained otherwise."""
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype=dtype)
        i, g_and_o = (self.bias_initializer((size,), dtype=dtype) for size in (self.units, 2 * self.units))
        return keras.ops.concatenate([i, keras.ops.ones((self.units,), dtype), g_and_o])

    def steps(self, x: tf.Tensor, training: bool, initial_state: Sequence[Any] = (None, None)) -> list[Step]:
        tensors = (self.kernel, self.recurrent_kernel, self.bias, *initial_state)
        return [Step(lstm, tensors, {"return_sequences": self.return_sequences})]

    def call(
        self, x: tf.Tensor, training: bool | None = None, initial_state: Sequence[tf.Tensor] | None = None
    ) -> tf.Tensor:
        (step,) = self.steps(x, bool(training), initial_state or (None, None))
        return step.op(x, *step.tensors, **step.options)


@keras.saving.register_keras_serializable(PACKAGE)
@keras.saving.register_keras_serializable(PACKAGE, "BesideEach")  # its name in models saved earlier
class RepeatAndConcatenate(keras.layers.Layer):
    """A vector repeated beside each step of a sequence: [(batch, steps, n), (batch, m)] -> (batch, steps, n + m)."""

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        steps, vector = inputs
        return tf.concat([steps, tf.repeat(vector[:, None], tf.shape(steps)[1], axis=1)], axis=-1)

    def compute_output_shape(self, input_shape: Sequence[Sequence[int | None]]) -> tuple[int | None, ...]:
        (batch, steps, n), (_, m) = input_shape
        return batch, steps, (n or 0) + (m or 0)
