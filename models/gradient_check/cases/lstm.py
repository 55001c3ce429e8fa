"""Long short-term memory beside Keras's own layer: one step, and sequences with and without states to begin with."""

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator
from keras_suite.models.ops.lstm import lstm, lstm_cell


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
    return Case(
        lstm,
        (x, *_weights(random, inputs, units, choose), *states),
        partial(_sequence, return_sequences=return_sequences),
        {"return_sequences": return_sequences},
    )


def _weights(random: np.random.Generator, inputs: int, units: int, choose: Choose) -> tuple[Any, Any, Any]:
    bias = random.normal(size=4 * units) if choose((True, True, False)) else None
    return random.normal(size=(inputs, 4 * units)), random.normal(size=(units, 4 * units)), bias


def _sequence(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, hidden: Any, cell: Any, return_sequences: bool
) -> Any:
    layer = keras.layers.LSTM(
        recurrent_kernel.shape[0], use_bias=bias is not None, return_sequences=return_sequences, dtype=x.dtype.name
    )
    return _output(layer, x, (kernel, recurrent_kernel, bias), None if hidden is None else [hidden, cell])


def _cell(x: Any, state: Any, kernel: Any, recurrent_kernel: Any, bias: Any) -> Any:
    layer = keras.layers.LSTMCell(recurrent_kernel.shape[0], use_bias=bias is not None, dtype=x.dtype.name)
    _, after = _output(layer, x, (kernel, recurrent_kernel, bias), tf.split(state, 2, axis=-1))
    return tf.concat(after, axis=-1)


def _output(layer: keras.layers.Layer, x: Any, weights: tuple[Any, ...], states: Any) -> Any:
    """Return Keras's output with tensors for its layer's weights, to which autodiff then leads."""
    layer.build(x.shape)
    trainable = [weight for weight in weights if weight is not None]
    others = [variable.value for variable in layer.non_trainable_variables]
    states = (states,) if states is not None else ()
    return layer.stateless_call(trainable, others, x, *states)[0]
