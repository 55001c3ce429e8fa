"""Sequences of LSTM steps: a chain of steps, what the cell does for gradients, masks, and open numbers of steps."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops import lstm_sequence
from keras_suite.models.ops.lstm import lstm_cell
from keras_suite.models.ops.lstm_sequence import lstm
from tests.models.ops.lstm_tensors import BATCH, INPUTS, UNITS, drawn, weights

STEPS = 4


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
    for gradient, other in zip(lstm.backward(dy, cache)[:6], expected, strict=True):
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
    dcell = lstm.backward(tf.ones((1, 1), tf.float64), cache)[5]
    assert float(dcell[0, 0]) == pytest.approx(kept, rel=1e-5, abs=1e-30)


def test_what_was_left_out_has_no_gradient() -> None:
    kernel, recurrent, _ = weights()
    _, cache = lstm.forward(drawn(BATCH, STEPS, INPUTS), kernel, recurrent)
    assert [each is None for each in lstm.backward(drawn(BATCH, STEPS, UNITS), cache)] == [False] * 3 + [True] * 5


def test_in_half_precision_the_cell_adds_up_many_small_steps() -> None:
    """In float16 itself a cell of 8 stands still under additions of 0.003: 8 + 0.003 is 8 again."""
    bias = tf.constant([100.0, 100.0, 0.003, 100.0], tf.float16)
    zeros, steps = tf.zeros((1, 4), tf.float16), 200
    x = tf.zeros((1, steps, 1), tf.float16)
    cell = tf.constant([[8.0]], tf.float16)
    _, cache = lstm.forward(x, zeros, zeros, bias, tf.zeros((1, 1), tf.float16), cell)
    assert float(cache.passed.gates.c[-1, 0, 0]) == pytest.approx(8 + 0.003 * (steps - 1), rel=1e-3)
    assert cache.passed.gates.c.dtype == "float32"


@pytest.mark.parametrize("return_sequences", [True, False])
@pytest.mark.parametrize("asked", ["", "return_state", "go_backwards", "zero_output_for_mask"])
def test_a_graph_of_an_open_number_of_steps_gives_what_a_known_one_does(return_sequences: bool, asked: str) -> None:
    options = {asked: True} if asked else {}
    mask = tf.constant([[1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]], tf.float64)
    recurrent_mask = tf.constant([[0.0, 2, 2, 0, 2]] * BATCH, tf.float64)
    x, hidden, cell = drawn(BATCH, STEPS, INPUTS), drawn(BATCH, UNITS, seed=2), drawn(BATCH, UNITS, seed=3)
    every = [x, *weights(), hidden, cell]

    def passes(x: tf.Tensor, mask: tf.Tensor, *rest: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch([x, *rest])
            y = lstm(x, *rest, mask, recurrent_mask, return_sequences=return_sequences, **options)
            loss = tf.reduce_sum(y * tf.cos(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), y.dtype)))
        return [y, *tape.gradient(loss, [x, *rest])]

    whole = (tf.TensorSpec((None, None, INPUTS), tf.float64), tf.TensorSpec((None, None), tf.float64))
    rest = [tf.TensorSpec(tensor.shape, tf.float64) for tensor in every[1:]]
    run = tf.function(passes, input_signature=[*whole, *rest])
    for found, expected in zip(run(x, mask, *every[1:]), passes(x, mask, *every[1:]), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_steps_that_a_mask_leaves_out_change_neither_the_states_nor_any_gradient() -> None:
    given, hidden, cell = weights(), drawn(BATCH, UNITS, seed=2), drawn(BATCH, UNITS, seed=3)
    x, dy = drawn(BATCH, STEPS, INPUTS), drawn(BATCH, 3, UNITS, seed=4)
    options = {"return_sequences": False, "return_state": True}
    y, cache = lstm.forward(x[:, :2], *given, hidden, cell, **options)
    longer, masked = lstm.forward(x, *given, hidden, cell, tf.constant([[1.0, 1, 0, 0]] * BATCH), **options)
    np.testing.assert_allclose(longer, y, atol=1e-14)
    dx, *others = lstm.backward(dy, masked)[:6]
    expected_dx, *expected = lstm.backward(dy, cache)[:6]
    np.testing.assert_allclose(dx, tf.concat([expected_dx, tf.zeros_like(x[:, 2:])], axis=1), atol=1e-14)
    for found, other in zip(others, expected, strict=True):
        np.testing.assert_allclose(found, other, atol=1e-13)


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


@pytest.mark.parametrize("return_sequences", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_a_scan_over_many_steps_gives_the_bits_of_unrolled_ones(
    monkeypatch: pytest.MonkeyPatch, masked: bool, return_sequences: bool
) -> None:
    random = np.random.default_rng(0)
    x, *states = (tf.constant(random.normal(size=s), tf.float32) for s in ((3, 6, INPUTS), (3, UNITS), (3, UNITS)))
    given = [tf.cast(tensor, tf.float32) for tensor in weights()]
    mask = tf.constant(random.integers(2, size=(3, 6)), tf.float32) if masked else None
    found = []
    for unrolled in (6, 5):
        monkeypatch.setattr(lstm_sequence, "UNROLLED", unrolled)

        @tf.function(autograph=False)
        def passes(x: tf.Tensor) -> list[tf.Tensor]:
            y, cache = lstm.forward(
                x, *given, *states, mask, return_sequences=return_sequences, return_state=True, go_backwards=True
            )
            assert isinstance(cache.passed, list) == (lstm_sequence.UNROLLED == 6)
            return [y, *lstm.backward(tf.cos(y), cache)[:6]]

        found.append(passes(x))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
