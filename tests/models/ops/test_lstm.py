"""Long short-term memory: a step in numbers."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.lstm import lstm_cell
from tests.models.ops.lstm_tensors import BATCH, INPUTS, UNITS, drawn, weights


def test_a_step_with_open_and_shut_gates() -> None:
    """Biases of +-100 open and shut the gates: i shut and f open keep the cell, i open and f shut replace it."""
    x, state = tf.constant([[0.0]], tf.float64), tf.constant([[0.3, -0.7]], tf.float64)
    kernel, recurrent = tf.zeros((1, 4), tf.float64), tf.zeros((1, 4), tf.float64)

    def after(i: float, f: float, g: float, o: float) -> list[float]:
        gates = tf.constant([i, f, g, o], tf.float64)
        return np.asarray(lstm_cell(x, state, kernel, recurrent, gates))[0].tolist()

    assert after(-100, 100, 0.4, 100) == pytest.approx([np.tanh(-0.7), -0.7])
    assert after(100, -100, 0.4, 100) == pytest.approx([np.tanh(np.tanh(0.4)), np.tanh(0.4)])
    assert after(100, 100, 0.4, -100) == pytest.approx([0, np.tanh(0.4) - 0.7])


def test_a_state_of_the_wrong_width_is_refused_by_the_cell() -> None:
    with pytest.raises(ValueError, match=r"lstm_cell: the state's number of columns is 5: expected 10, as 2 \* units"):
        lstm_cell(drawn(BATCH, INPUTS), drawn(BATCH, UNITS), *weights())
