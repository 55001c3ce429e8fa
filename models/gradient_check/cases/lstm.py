"""Long short-term memory beside Keras's own layer: one step, and sequences with and without states to begin with."""

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator
from keras_suite.models.ops.lstm import lstm_cell
from keras_suite.models.ops.lstm_sequence import lstm


def lstm_cell_case(choose: Choose) -> Case:
    batch, inputs, units = choose((1, 2, 3)), choose((1, 2, 3)), choose((1, 2, 3))
    random = generator(choose)
    state = random.normal(size=(batch, 2 * units))
    tensors = (random.normal(size=(batch, inputs)), state, *_weights(random, inputs, units, choose))
    return Case(lstm_cell, tensors, _cell)


def lstm_case(choose: Choose) -> Case:
    batch, steps, inputs, units = choose((1, 2)), choose((1, 2, 4)), choose((1, 2)), choose((1, 2))
    random, return_sequences = generator(choose), choose((True, True, False))
    states = random.normal(size=(2, batch, units)) if choose((True, False)) else (None, None)
    x = random.normal(size=(batch, steps, inputs))
    mask = random.integers(2, size=(batch, steps)).astype(float) if choose((False, True)) else None
    recurrent_mask = random.integers(2, size=(batch, units)) * 2.0 if choose((False, False, True)) else None
    asked = {name: choose((False, True)) for name in ("return_state", "go_backwards", "zero_output_for_mask")}
    options = {"return_sequences": return_sequences, **asked}
    tensors = (x, *_weights(random, inputs, units, choose), *states, mask, recurrent_mask)
    return Case(lstm, tensors, partial(_sequence, **options), options, constant=(6, 7))


def _weights(random: np.random.Generator, inputs: int, units: int, choose: Choose) -> tuple[Any, Any, Any]:
    bias = random.normal(size=4 * units) if choose((True, True, False)) else None
    return random.normal(size=(inputs, 4 * units)), random.normal(size=(units, 4 * units)), bias


def _sequence(
    x: Any,
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any,
    hidden: Any,
    cell: Any,
    mask: Any,
    recurrent_mask: Any,
    **options: Any,
) -> Any:
    """Return what Keras's layer does; a dropout mask, which that draws itself, is multiplied into h by a cell of it."""
    described = {"units": recurrent_kernel.shape[0], "use_bias": bias is not None, "dtype": x.dtype.name}
    if recurrent_mask is None:
        layer = keras.layers.LSTM(**described, **options)
    else:
        layer = keras.layers.RNN(MaskedCell(recurrent_mask, **described), dtype=x.dtype.name, **options)
    weights, states = (kernel, recurrent_kernel, bias), None if hidden is None else [hidden, cell]
    y = _output(layer, x, weights, states, None if mask is None else tf.cast(mask, bool))
    if not options["return_state"]:
        return y
    y, *states = y
    y = y if options["return_sequences"] else y[:, None]
    return tf.concat([y, *(state[:, None] for state in states)], axis=1)


class MaskedCell(keras.layers.LSTMCell):
    """Keras's cell, with h multiplied by a mask before the recurrent kernel."""

    def __init__(self, mask: Any, **cell: Any) -> None:
        super().__init__(**cell)
        self._mask = mask

    def call(self, x: Any, states: Any, training: bool = False) -> Any:
        return super().call(x, [states[0] * tf.cast(self._mask, x.dtype), states[1]], training=training)


def _cell(x: Any, state: Any, kernel: Any, recurrent_kernel: Any, bias: Any) -> Any:
    layer = keras.layers.LSTMCell(recurrent_kernel.shape[0], use_bias=bias is not None, dtype=x.dtype.name)
    _, after = _output(layer, x, (kernel, recurrent_kernel, bias), tf.split(state, 2, axis=-1))
    return tf.concat(after, axis=-1)


def _output(layer: keras.layers.Layer, x: Any, weights: tuple[Any, ...], states: Any, mask: Any = None) -> Any:
    """Return Keras's output with tensors for its layer's weights, to which autodiff then leads."""
    layer.build(x.shape)
    trainable = [weight for weight in weights if weight is not None]
    others = [variable.value for variable in layer.non_trainable_variables]
    if isinstance(layer, keras.layers.RNN):
        given = {"initial_state": states, "mask": mask}
        return layer.stateless_call(trainable, others, x, **{k: v for k, v in given.items() if v is not None})[0]
    return layer.stateless_call(trainable, others, x, states)[0]
