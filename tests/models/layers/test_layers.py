"""One harness for every hand-derived layer: equal to Keras's, trainable everywhere, saved and loaded as it was."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.layers.convolution import ManualConv2D
from keras_suite.models.layers.core import ManualActivation, ManualDropout
from keras_suite.models.layers.pooling import ManualUpSampling2D
from keras_suite.models.layers.recurrent import ManualLSTM
from tests.end_to_end.forked import fork
from tests.models.layers.cases import AROUND, LAYERS, LayerCase, inputs

STATES = ((2, 5, 3), (2, 4), (2, 4))  # of a batch of sequences, and the two states to begin with
POLICIES = ("float32", "mixed_float16", "mixed_bfloat16")


def network(layer: Any, case: LayerCase) -> keras.Model:
    """The layer, between an input and a built-in dense layer that gives it something to learn."""
    x = keras.Input(case.shape)
    return keras.Model(x, keras.layers.Dense(2, dtype="float32")(keras.layers.Flatten()(layer(x))))


def loss_of(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The mean squared error and the penalties; `evaluate` would trace another graph for it."""
    answer = np.asarray(model(x, training=False))
    return float(np.mean(np.square(answer - y))) + sum(float(loss) for loss in model.losses)


def answer_and_gradients(layer: Any, x: Any, training: bool) -> list[np.ndarray]:
    """The output, then the gradients of a sum weighted by position: of the input, then of each trainable variable."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=training) if "training" in layer._call_signature.parameters else layer(x)
        weights = tf.cast(tf.cos(tf.range(tf.size(y[0]), dtype=tf.float32)), y.dtype)
        loss = tf.reduce_sum(tf.reshape(y, [len(x), -1]) * weights)
    gradients = tape.gradient(loss, [x, *[v.value for v in layer.trainable_variables]])
    return [np.asarray(y), *map(np.asarray, gradients)]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", [name for name, case in LAYERS.items() if case.keras])
def test_a_layer_gives_what_keras_gives_and_the_same_gradients(name: str, training: bool) -> None:
    case = LAYERS[name]
    assert case.keras is not None
    ours, theirs = case.ours(), case.keras()
    x = inputs(case)
    ours(x), theirs(x)
    assert [v.shape for v in ours.weights] == [v.shape for v in theirs.weights]
    ours.set_weights(theirs.get_weights())
    pairs = zip(answer_and_gradients(ours, x, training), answer_and_gradients(theirs, x, training), strict=True)
    for found, expected in pairs:
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5)
    for found, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):  # the moving statistics
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    for found, expected in zip(ours.losses, theirs.losses, strict=True):
        assert float(found) == pytest.approx(float(expected), rel=1e-6)


def ways_to_train() -> Iterator[Any]:
    """Each layer with each precision, and eagerly; in the fast tests one layer of each file."""
    for name in LAYERS:
        later = [] if name in ("dense", "conv2d", "max_pooling2d", "lstm") else [pytest.mark.slow]
        for policy in POLICIES:
            yield pytest.param(name, policy, False, marks=later)
        yield pytest.param(name, "float32", True, marks=later)


@pytest.mark.parametrize(("name", "policy", "run_eagerly"), list(ways_to_train()))
def test_a_layer_trains_under_every_precision(name: str, policy: str, run_eagerly: bool) -> None:
    case = LAYERS[name]
    keras.config.set_dtype_policy(policy)
    try:
        keras.utils.set_random_seed(1)
        layer = case.ours()
        model = network(layer, case)
        model.compile(keras.optimizers.SGD(0.01), "mse", run_eagerly=run_eagerly, jit_compile=False)
        before = [np.array(v) for v in layer.trainable_variables]
        x = inputs(case, batch=8)
        y = np.ones((8, 2), np.float32)
        untrained = loss_of(model, x, y)
        model.fit(x, y, batch_size=4, epochs=2, verbose=0)
        assert loss_of(model, x, y) < untrained
    finally:
        keras.config.set_dtype_policy("float32")
    assert layer.compute_dtype == policy.removeprefix("mixed_")
    for old, new in zip(before, layer.trainable_variables, strict=True):
        assert new.dtype == "float32"
        assert not np.array_equal(old, np.array(new)), new.path


@pytest.mark.slow
@pytest.mark.usefixtures("any_kernels")
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_and_its_gradient_compile_under_xla(name: str) -> None:
    case = LAYERS[name]
    layer = case.ours()
    x = tf.constant(inputs(case))
    layer(x)

    def passes(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=False) if "training" in layer._call_signature.parameters else layer(x)
            loss = tf.reduce_sum(tf.square(y))
        return y, tape.gradient(loss, x)

    for compiled, plain in zip(tf.function(passes, jit_compile=True)(x), passes(x), strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def reloaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[np.ndarray], list[np.ndarray]]]:
    """Outputs and gradients of every layer here, and after loading its file in a process of its own."""
    folder = tmp_path_factory.mktemp("layers")
    here = {}
    for name, case in LAYERS.items():
        if name in AROUND:  # layers of this file's own; their parts are tested by the others
            continue
        model = network(case.ours(), case)
        model.save(folder / f"{name}.keras")
        here[name] = answer_and_gradients(model, inputs(case), training=False)
    process = fork(folder / "said.txt", answer_all, folder)
    process.join(240)
    assert process.exitcode == 0, (folder / "said.txt").read_text(encoding="utf-8")
    both = {}
    for name, found in here.items():
        with np.load(folder / f"{name}.npz") as there:
            both[name] = (found, [there[key] for key in sorted(there.files)])
    return both


def answer_all(folder: Path) -> None:
    """Run in the new process: loads every file and writes its outputs and gradients beside it."""
    warnings.simplefilter("error", UserWarning)
    for path in folder.glob("*.keras"):
        model = keras.saving.load_model(path)
        found = answer_and_gradients(model, inputs(LAYERS[path.stem]), training=False)
        np.savez(path.with_suffix(".npz"), **{f"{i:03}": array for i, array in enumerate(found)})


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LAYERS if name not in AROUND])
def test_a_saved_layer_answers_in_a_new_process_as_before(name: str, reloaded: Any) -> None:
    here, there = reloaded[name]
    assert len(here) == len(there)
    assert all(np.array_equal(a, b) for a, b in zip(here, there, strict=True))


@pytest.mark.parametrize("name", LAYERS)
def test_forward_and_backward_without_autodiff_agree_with_the_tape(name: str) -> None:
    layer = LAYERS[name].ours()
    if not hasattr(layer, "steps"):
        return  # called on two tensors: no chain of steps
    x = tf.constant(inputs(LAYERS[name]))
    layer(x)
    taped = answer_and_gradients(layer, x, training=False)
    y, done = layer.forward(x, training=False)
    weights = tf.cos(tf.range(tf.size(y[0]), dtype=tf.float32))
    dy = tf.reshape(tf.tile(weights[None], [len(x), 1]), tf.shape(y))
    dx, gradients = layer.backward(dy, done)
    by_variable = {variable.path: gradient for variable, gradient in gradients}
    by_hand = [y, dx, *[by_variable[v.path] for v in layer.trainable_variables]]
    for mine, other in zip(by_hand, taped, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


def test_dropout_drops_its_share_and_keeps_the_mean() -> None:
    layer = ManualDropout(0.4, seed=1)
    x = np.ones((200, 50), np.float32)
    first, second = np.asarray(layer(x, training=True)), np.asarray(layer(x, training=True))
    assert np.mean(first == 0) == pytest.approx(0.4, abs=0.02)
    assert first.mean() == pytest.approx(1.0, abs=0.03)
    assert not np.array_equal(first, second)
    assert np.array_equal(np.asarray(layer(x, training=False)), x)


def test_dropouts_gradient_is_that_of_the_mask_it_drew() -> None:
    layer = ManualDropout(0.5, seed=1)
    x = tf.constant(inputs(LAYERS["dense"]))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    np.testing.assert_array_equal(tape.gradient(y, x), np.where(np.asarray(y) == 0, 0, 2))


def test_an_activation_without_a_derivation_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"ManualConv2D: activation='gelu' has no hand-derived gradient: expected None"
    ):
        ManualConv2D(3, 3, activation="gelu")


def test_an_activations_options_reach_its_op() -> None:
    layer = ManualActivation("leaky_relu", {"negative_slope": 0.5})
    assert np.asarray(layer(np.array([[-2.0, 2.0]], np.float32))).tolist() == [[-1.0, 2.0]]


def test_a_frozen_batch_normalisation_keeps_its_moving_statistics() -> None:
    layer = LAYERS["batch_normalization"].ours()
    x = inputs(LAYERS["batch_normalization"])
    layer(x)
    layer.trainable = False
    before = layer.get_weights()
    layer(5 * x, training=True)
    assert all(np.array_equal(a, b) for a, b in zip(before, layer.get_weights(), strict=True))


@pytest.mark.parametrize("unit_forget_bias", [True, False])
def test_an_lstm_begins_with_keras_biases_and_initial_states(unit_forget_bias: bool) -> None:
    x, hidden, cell = (np.random.default_rng(k).normal(size=s).astype("float32") for k, s in enumerate(STATES))
    ours = ManualLSTM(4, unit_forget_bias=unit_forget_bias)
    theirs = keras.layers.LSTM(4, unit_forget_bias=unit_forget_bias)
    theirs(x), ours(x)
    assert np.array_equal(ours.bias, theirs.weights[2])
    ours.set_weights(theirs.get_weights())
    given = [tf.constant(hidden), tf.constant(cell)]
    gradients = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            tape.watch(given)
            loss = tf.reduce_sum(layer(x, initial_state=given) ** 2)
        gradients.append([loss, *tape.gradient(loss, given)])
    for found, expected in zip(*gradients, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_states_that_an_lstm_begins_with_may_come_from_a_network_and_train_it() -> None:
    image, words = keras.Input((3,)), keras.Input((5, 3))
    first = keras.layers.Dense(4, name="first")
    y = ManualLSTM(4)(words, initial_state=[first(image), keras.ops.zeros_like(first(image))])
    model = keras.Model([image, words], y)
    model.compile("sgd", "mse", jit_compile=False)
    before = first.get_weights()
    model.fit([np.ones((4, 3)), np.ones((4, 5, 3))], np.ones((4, 4)), verbose=0)
    assert not np.array_equal(before[0], first.get_weights()[0])


@pytest.mark.parametrize("return_sequences", [True, False])
def test_a_network_may_leave_the_number_of_an_lstms_steps_open(return_sequences: bool) -> None:
    words = keras.Input((None, 3))
    layer = ManualLSTM(4, return_sequences=return_sequences)
    model = keras.Model(words, layer(words))
    assert model.output.shape == ((None, None, 4) if return_sequences else (None, 4))
    for steps in (2, 5):
        x = np.random.default_rng(0).normal(size=(3, steps, 3)).astype("float32")
        np.testing.assert_allclose(model(x), layer(x), rtol=1e-6)
        assert model(x).shape == ((3, steps, 4) if return_sequences else (3, 4))


def test_an_lstm_of_no_units_is_refused() -> None:
    with pytest.raises(ValueError, match="ManualLSTM: units=0 is not possible: expected a whole number from 1 up"):
        ManualLSTM(0)


def test_fused_upsampling_has_the_same_bits_and_stays_fused_in_a_saved_model() -> None:
    images = tf.constant(np.random.default_rng(0).normal(size=(2, 5, 4, 3)), tf.float32)
    results = []
    for layer in (ManualUpSampling2D(2), ManualUpSampling2D(2, fused=True)):
        with tf.GradientTape() as tape:
            tape.watch(images)
            y = layer(images)
            squares = tf.reduce_sum(y**2 * tf.reshape(tf.range(240.0), y.shape[1:]))
        results.append((y.numpy(), tape.gradient(squares, images).numpy()))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
    assert ManualUpSampling2D.from_config(ManualUpSampling2D(2, fused=True).get_config()).fused
