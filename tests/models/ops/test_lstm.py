"""Long short-term memory: a step in numbers, a sequence as a chain of steps, what the cell does for gradients."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.lstm import lstm, lstm_cell

BATCH, STEPS, INPUTS, UNITS = 3, 4, 2, 5


def weights(units: int = UNITS, inputs: int = INPUTS, seed: int = 0) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    random = np.random.default_rng(seed)
    shapes = ((inputs, 4 * units), (units, 4 * units), (4 * units,))
    kernel, recurrent, bias = (tf.constant(random.normal(size=shape)) for shape in shapes)
    return kernel, recurrent, bias


def drawn(*shape: int, seed: int = 1) -> tf.Tensor:
    return tf.constant(np.random.default_rng(seed).normal(size=shape))


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


def test_a_sequence_is_a_chain_of_steps_and_so_is_its_gradient() -> None:
    x, hidden, cell, given = (
        drawn(BATCH, STEPS, INPUTS),
        drawn(BATCH, UNITS, seed=2),
        drawn(BATCH, UNITS, seed=3),
        weights(),
    )
    dy = drawn(BATCH, STEPS, UNITS, seed=4)
    y, cache = lstm.forward(x, *given, hidden, cell)
    state, caches = tf.concat([hidden, cell], axis=-1), []
    for step in range(STEPS):
        state, of_step = lstm_cell.forward(x[:, step], state, *given)
        caches.append(of_step)
        np.testing.assert_allclose(y[:, step], state[:, :UNITS], atol=1e-12)
    dstate, sums = tf.zeros_like(state), [0.0, 0.0, 0.0]
    dx = []
    for step in reversed(range(STEPS)):
        asked = tf.concat([dy[:, step], tf.zeros_like(cell)], axis=-1)
        of_x, dstate, *of_weights = lstm_cell.backward(dstate + asked, caches[step])
        dx.insert(0, of_x)
        sums = [total + each for total, each in zip(sums, of_weights, strict=True)]
    expected = [tf.stack(dx, axis=1), *sums, dstate[:, :UNITS], dstate[:, UNITS:]]
    for gradient, other in zip(lstm.backward(dy, cache), expected, strict=True):
        np.testing.assert_allclose(gradient, other, atol=1e-12)


def test_the_last_state_alone_has_the_gradient_of_a_sequence_asked_for_its_end_only() -> None:
    x, given, dy = drawn(BATCH, STEPS, INPUTS), weights(), drawn(BATCH, UNITS, seed=2)
    y, cache = lstm.forward(x, *given, return_sequences=False)
    sequence, whole = lstm.forward(x, *given)
    np.testing.assert_array_equal(y, sequence[:, -1])
    padded = tf.concat([tf.zeros((BATCH, STEPS - 1, UNITS), tf.float64), dy[:, None]], axis=1)
    for gradient, expected in zip(lstm.backward(dy, cache), lstm.backward(padded, whole), strict=True):
        assert (gradient is None) == (expected is None)
        if gradient is not None:
            np.testing.assert_allclose(gradient, expected, atol=1e-14)


@pytest.mark.parametrize(("forget", "kept"), [(100.0, 1.0), (0.0, 0.5**30), (-100.0, 0.0)])
def test_through_the_cell_a_gradient_is_multiplied_by_the_forget_gates_alone(forget: float, kept: float) -> None:
    """30 steps whose hidden states are shut off from one another: all that comes back is through c."""
    steps, recurrent = 30, tf.zeros((1, 4), tf.float64)
    bias = tf.constant([-100.0, forget, 0.0, 100.0], tf.float64)
    hidden, cell = tf.zeros((1, 1), tf.float64), tf.constant([[1e-3]], tf.float64)
    x = tf.zeros((1, steps, 1), tf.float64)
    _, cache = lstm.forward(x, recurrent, recurrent, bias, hidden, cell, return_sequences=False)
    dcell = lstm.backward(tf.ones((1, 1), tf.float64), cache)[-1]
    assert float(dcell[0, 0]) == pytest.approx(kept, rel=1e-5, abs=1e-30)


def test_what_was_left_out_has_no_gradient() -> None:
    kernel, recurrent, _ = weights()
    _, cache = lstm.forward(drawn(BATCH, STEPS, INPUTS), kernel, recurrent)
    assert [each is None for each in lstm.backward(drawn(BATCH, STEPS, UNITS), cache)] == [False] * 3 + [True] * 3


def test_in_half_precision_the_cell_adds_up_many_small_steps() -> None:
    """In float16 itself a cell of 8 stands still under additions of 0.003: 8 + 0.003 is 8 again."""
    bias = tf.constant([100.0, 100.0, 0.003, 100.0], tf.float16)
    zeros, steps = tf.zeros((1, 4), tf.float16), 200
    x = tf.zeros((1, steps, 1), tf.float16)
    cell = tf.constant([[8.0]], tf.float16)
    _, cache = lstm.forward(x, zeros, zeros, bias, tf.zeros((1, 1), tf.float16), cell)
    assert float(cache.gates[-1].c[0, 0]) == pytest.approx(8 + 0.003 * (steps - 1), rel=1e-3)
    assert cache.gates[-1].c.dtype == "float32"


def test_the_graph_takes_any_batch_but_needs_the_number_of_steps() -> None:
    given = weights()
    run = tf.function(lambda x: lstm(x, *given), input_signature=[tf.TensorSpec((None, STEPS, INPUTS), tf.float64)])
    x = drawn(BATCH, STEPS, INPUTS)
    np.testing.assert_allclose(run(x), lstm(x, *given), atol=1e-12)
    with pytest.raises(ValueError, match=r"lstm: x has shape .*: expected a known size on every axis but the batch's"):
        tf.function(lambda x: lstm(x, *given)).get_concrete_function(tf.TensorSpec((2, None, INPUTS), tf.float64))


@pytest.mark.parametrize(
    ("position", "shape", "said"),
    [
        (0, (BATCH, INPUTS), r"lstm: x has shape \(3, 2\): expected 3 axes, \(batch, steps, n\)"),
        (0, (BATCH, STEPS, 7), "lstm: the kernel's number of rows is 2: expected 7, as x's columns"),
        (1, (INPUTS, 12), r"lstm: the kernel's number of columns is 12: expected 20, as 4 \* units"),
        (2, (UNITS, 4), r"lstm: the recurrent kernel's number of columns is 4: expected 20, as 4 \* units"),
        (3, (7,), r"lstm: the bias's size is 7: expected 20"),
        (4, (BATCH, 2), "lstm: the number of columns of hidden is 2: expected 5, as units"),
        (5, (BATCH, UNITS, 1), r"lstm: cell has shape \(3, 5, 1\): expected 2 axes, \(batch, units\)"),
    ],
)
def test_weights_and_states_that_do_not_fit_are_refused(position: int, shape: tuple[int, ...], said: str) -> None:
    tensors = [drawn(BATCH, STEPS, INPUTS), *weights(), drawn(BATCH, UNITS), drawn(BATCH, UNITS)]
    tensors[position] = drawn(*shape)
    with pytest.raises(ValueError, match=said):
        lstm(*tensors)


def test_a_state_of_the_wrong_width_is_refused_by_the_cell() -> None:
    with pytest.raises(ValueError, match=r"lstm_cell: the state's number of columns is 5: expected 10, as 2 \* units"):
        lstm_cell(drawn(BATCH, INPUTS), drawn(BATCH, UNITS), *weights())
