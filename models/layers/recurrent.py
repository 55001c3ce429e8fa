"""Layers over the steps of a sequence: long short-term memory, and a vector repeated beside every step."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step, known_channels
from keras_suite.models.ops.checks import check_positive, check_range
from keras_suite.models.ops.core import dropout, keep_mask
from keras_suite.models.ops.lstm_sequence import lstm

State = Sequence[Any]  # hidden, cell; (batch, units) each


@keras.saving.register_keras_serializable(PACKAGE)
class ManualLSTM(ManualLayer):
    """LSTM as keras.layers.LSTM: (batch, steps, n) -> (batch, units), with `return_sequences` (batch, steps, units).

    The number of steps may be left open (None). `initial_state` is a pair (hidden, cell), zeros if
    left out. With `return_state` it returns (output, hidden, cell). Masks, dropout, `go_backwards` and `stateful` are
    as Keras's; the activations are tanh and sigmoid, for which the gradient is derived.
    """

    arguments = (
        "units",
        "use_bias",
        "kernel_initializer",
        "recurrent_initializer",
        "bias_initializer",
        "unit_forget_bias",
        "return_sequences",
        "kernel_regularizer",
        "recurrent_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "recurrent_constraint",
        "bias_constraint",
        "dropout",
        "recurrent_dropout",
        "seed",
        "return_state",
        "go_backwards",
        "stateful",
        "zero_output_for_mask",
    )
    passes_masks = True

    def __init__(
        self,
        units: int,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        return_sequences: bool = False,
        *,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        zero_output_for_mask: bool = False,
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        check_positive("ManualLSTM", "units", units)
        check_range("ManualLSTM", "dropout", dropout, 0, 1)
        check_range("ManualLSTM", "recurrent_dropout", recurrent_dropout, 0, 1)
        self.units, self.use_bias, self.unit_forget_bias = units, use_bias, unit_forget_bias
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.zero_output_for_mask = go_backwards, stateful, zero_output_for_mask
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = keras.regularizers.get(recurrent_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.recurrent_constraint = keras.constraints.get(recurrent_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self.dropout, self.recurrent_dropout, self.seed = dropout, recurrent_dropout, seed
        self.states: list[keras.Variable] = []
        if dropout or recurrent_dropout:
            self.seed_generator = keras.random.SeedGenerator(seed)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: Sequence[int | None]) -> None:
        columns, n = 4 * self.units, known_channels("ManualLSTM", input_shape)
        self.kernel = self._weight("kernel", "kernel", (n, columns), self.kernel_initializer)
        shape = (self.units, columns)
        self.recurrent_kernel = self._weight("recurrent_kernel", "recurrent", shape, self.recurrent_initializer)
        self.bias = self._weight("bias", "bias", (columns,), self._initial_bias) if self.use_bias else None
        if self.stateful:
            if input_shape[0] is None:
                raise ValueError(
                    f"ManualLSTM: the input has shape {tuple(input_shape)}: expected a known batch size, for "
                    "stateful=True keeps a state for each of its sequences; give the model's Input a batch_size"
                )
            kept = {"shape": (input_shape[0], self.units), "initializer": "zeros", "trainable": False}
            self.states = [self.add_weight(name=name, **kept) for name in ("hidden", "cell")]
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: n})

    def _weight(self, name: str, of: str, shape: tuple[int, ...], initializer: Any) -> keras.Variable:
        parts = {part: getattr(self, f"{of}_{part}") for part in ("regularizer", "constraint")}
        return self.add_weight(name=name, shape=shape, initializer=initializer, **parts)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Any:
        """Return the shape without running the steps, as Keras would to see it."""
        if len(input_shape) != 3:
            raise ValueError(
                f"ManualLSTM: the input has shape {tuple(input_shape)}: expected 3 axes, (batch, steps, n)"
            )
        output = (*input_shape[: 2 if self.return_sequences else 1], self.units)
        state = (input_shape[0], self.units)
        return (output, state, state) if self.return_state else output

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the steps if they are returned; states have none."""
        mask = previous_mask[0] if isinstance(previous_mask, list | tuple) else previous_mask
        mask = mask if self.return_sequences else None
        return [mask, None, None] if self.return_state else mask

    def reset_state(self) -> None:
        """Set the states of a stateful layer to 0."""
        for state in self.states:
            state.assign(keras.ops.zeros_like(state))

    def _initial_bias(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Return the initializer's bias, but 1 for the forget gate: a cell keeps its state until trained otherwise."""
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype=dtype)
        i, g_and_o = (self.bias_initializer((size,), dtype=dtype) for size in (self.units, 2 * self.units))
        return keras.ops.concatenate([i, keras.ops.ones((self.units,), dtype), g_and_o])

    def steps(self, x: tf.Tensor, training: bool, initial_state: State = (None, None), mask: Any = None) -> list[Step]:
        before, recurrent_mask = [], None
        if training and self.dropout:  # one mask for all steps
            kept = self._kept([tf.shape(x)[0], 1, x.shape[-1]], self.dropout, x.dtype)
            before = [Step(dropout, (tf.broadcast_to(kept, tf.shape(x)),), {"rate": self.dropout})]
        if training and self.recurrent_dropout:
            kept = self._kept([tf.shape(x)[0], self.units], self.recurrent_dropout, x.dtype)
            recurrent_mask = kept / (1 - self.recurrent_dropout)
        tensors = (self.kernel, self.recurrent_kernel, self.bias, *initial_state, mask, recurrent_mask)
        names = ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask")
        options = {name: getattr(self, name) for name in names}
        options["return_state"] |= self.stateful
        return [*before, Step(lstm, tensors, options)]

    def _kept(self, shape: Any, rate: float, dtype: tf.DType) -> tf.Tensor:
        return keep_mask(shape, rate, self.seed_generator.next(), dtype)

    def call(
        self, sequences: tf.Tensor, training: bool | None = None, initial_state: State | None = None, mask: Any = None
    ) -> Any:
        x = self.computable(sequences)
        state = initial_state or self.states or (None, None)
        y = self.through(x, self.steps(x, bool(training), [_as_tensor(each, x.dtype) for each in state], mask))
        if not (self.return_state or self.stateful):
            return y
        hidden, cell = y[:, -2], y[:, -1]
        y = y[:, :-2] if self.return_sequences else y[:, 0]
        for kept, after in zip(self.states, (hidden, cell), strict=False):
            kept.assign(tf.cast(after, kept.dtype))
        return (y, hidden, cell) if self.return_state else y


def _as_tensor(state: Any, dtype: tf.DType) -> tf.Tensor | None:
    return None if state is None else tf.cast(tf.convert_to_tensor(state), dtype)


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
