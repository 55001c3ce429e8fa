"""Long short-term memory over a sequence."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step
from keras_suite.models.ops.lstm import lstm


@keras.saving.register_keras_serializable(PACKAGE)
class ManualLSTM(ManualLayer):
    """As keras.layers.LSTM: (batch, steps, n) -> (batch, units), with `return_sequences` (batch, steps, units).

    The number of steps must be known where the layer runs: the steps are unrolled. A model's Input may leave it open
    (None). `initial_state` is a pair (hidden, cell) of (batch, units) each, zeros if left out.
    """

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
            self.add_weight(name="bias", shape=(columns,), initializer=self._first_bias) if self.use_bias else None
        )

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Said by itself, for Keras would run the steps to see it."""
        return (*input_shape[: 2 if self.return_sequences else 1], self.units)

    def _first_bias(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The initializer's, but 1 for the forget gate: a cell keeps what it holds until training says otherwise."""
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

    def get_config(self) -> dict[str, Any]:
        initializers = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in ("units", "use_bias", "unit_forget_bias", "return_sequences")},
            **{name: keras.initializers.serialize(getattr(self, name)) for name in initializers},
        }
