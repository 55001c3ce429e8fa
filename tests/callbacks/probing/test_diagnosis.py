"""Looking into networks while they train: what is seen is right, and nothing is changed by looking."""

import copy
import math
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.callbacks.probing.diagnosis import Diagnosis
from keras_suite.callbacks.probing.probe import MOST_LAYERS, Look, Probe, watched_layers
from tests.callbacks.conftest import Digits

LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


@pytest.fixture
def probe(digits: Digits) -> Probe:
    return Probe(digits[0][:64] / 255, digits[1][:64])


def network(*hidden: Any) -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((64,)), *hidden, layers.Dense(10, name="logits")])


def chain(factor: float, depth: int = 20) -> keras.Model:
    """A deep linear chain: each layer turns its input, and makes it `factor` times as long."""
    turns = [
        layers.Dense(64, use_bias=False, name=f"dense_{k}", kernel_initializer=keras.initializers.Orthogonal(factor, k))
        for k in range(1, depth + 1)
    ]
    return network(*turns)


def dropping(seed: int = 3) -> keras.Model:
    model = network(
        layers.Dense(32, activation="relu", name="dense"),
        layers.BatchNormalization(name="normalization"),
        layers.Dropout(0.5, seed=seed, name="dropout"),
    )
    model.compile(keras.optimizers.Adam(0.01), LOSS)
    return model


def diagnosis(model: keras.Model, probe: Probe, images: int, **options: Any) -> Diagnosis:
    return Diagnosis(model, probe, lambda rows: None, images, **options)


@pytest.mark.parametrize(("factor", "over_twenty"), [(1.1, 6.7), (0.9, 0.12)])
def test_what_comes_back_through_a_linear_chain_is_a_power_of_its_factor(
    factor: float, over_twenty: float, probe: Probe
) -> None:
    seen = Look(chain(factor), LOSS, probe)()
    back = [seen[f"dense_{k}"]["output_gradient_norm"] for k in range(1, 21)]
    assert np.array(back) / back[-1] == pytest.approx([factor ** (20 - k) for k in range(1, 21)], rel=1e-3)
    assert back[0] / back[-1] * factor == pytest.approx(over_twenty, rel=0.02)  # type: ignore[operator]
    own = [seen[f"dense_{k}"]["gradient_norm"] for k in range(1, 21)]
    assert own == pytest.approx([own[0]] * 20, rel=1e-3), "forward and backward factors make up for each other"


def test_gradients_and_norms_are_those_of_the_loss(probe: Probe) -> None:
    model = network(layers.Dense(16, activation="tanh", name="dense"))
    seen = Look(model, LOSS, probe)()
    with tf.GradientTape() as tape:
        loss = LOSS(probe.targets, model(probe.inputs))
    kernel = model.get_layer("dense").kernel
    expected = np.linalg.norm(tape.gradient(loss, kernel.value))
    assert seen["dense"]["gradient_norm"] == pytest.approx(expected, rel=1e-5)
    assert seen["dense"]["weight_norm"] == pytest.approx(np.linalg.norm(kernel), rel=1e-6)


def test_dead_units_and_saturated_outputs_are_counted(probe: Probe) -> None:
    rectified = layers.Dense(10, activation="relu", name="rectified")
    squashed = layers.Dense(4, activation="sigmoid", name="squashed")
    model = network(rectified, squashed)
    rectified.bias.assign(np.array([-1e3] * 3 + [1e3] * 7, np.float32))
    squashed.kernel.assign(np.zeros((10, 4), np.float32))
    squashed.bias.assign(np.array([9, -9, 0, 1], np.float32))
    seen = Look(model, LOSS, probe)()
    assert seen["rectified"]["dead"] == pytest.approx(0.3)
    assert seen["rectified"]["saturated"] is None
    assert seen["squashed"]["saturated"] == 0.5
    assert seen["logits"]["dead"] is None


def test_a_channel_is_dead_only_if_it_is_zero_at_every_place(digits: Digits) -> None:
    images = digits[0][:8].reshape(8, 8, 8, 1) / 255
    convolution = layers.Conv2D(4, 3, name="convolution")
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), convolution, layers.ReLU(name="relu"), layers.Flatten(), layers.Dense(10)]
    )
    convolution.bias.assign(np.array([-1e3, 0, 0, 0], np.float32))
    seen = Look(model, LOSS, Probe(images, digits[1][:8]))()
    assert seen["relu"]["dead"] == 0.25
    assert seen["relu"]["weight_norm"] is None
    assert seen["convolution"]["dead"] is None


def test_non_finite_values_show_in_the_norms(probe: Probe) -> None:
    model = network(layers.Dense(16, name="dense"))
    kernel = np.asarray(model.get_layer("dense").kernel).copy()
    kernel[0, :3] = np.nan
    model.get_layer("dense").kernel.assign(kernel)
    seen = Look(model, LOSS, probe)()
    assert math.isnan(seen["dense"]["weight_norm"] or 0)
    assert math.isnan(seen["logits"]["gradient_norm"] or 0)
    assert math.isfinite(seen["logits"]["weight_norm"] or math.nan)


def test_of_a_deep_network_some_layers_are_looked_at_with_its_ends(probe: Probe) -> None:
    deep = chain(1.0, depth=100)
    names = [layer.name for layer in watched_layers(deep)]
    assert len(names) == MOST_LAYERS
    assert (names[0], names[-1]) == ("dense_1", "logits")


def test_layers_of_nested_models_are_found(probe: Probe) -> None:
    inner = keras.Sequential([keras.Input((64,)), layers.Dense(64, activation="relu", name="inside")], name="backbone")
    seen = Look(network(inner), LOSS, probe)()
    assert list(seen) == ["inside", "logits"]
    assert (seen["inside"]["gradient_norm"] or 0) > 0


def test_layers_behind_a_frozen_front_are_looked_into(probe: Probe) -> None:
    model = network(layers.Dense(16, activation="relu", name="front"), layers.Dense(8, activation="relu", name="back"))
    front = keras.Model(model.inputs[0], model.get_layer("front").output)
    rest = keras.Model(model.get_layer("front").output, model.outputs[0])
    features = np.asarray(front(probe.inputs))
    behind, whole = Look(rest, LOSS, Probe(features, probe.targets))(), Look(model, LOSS, probe)()
    assert list(behind) == ["back", "logits"]
    for column in ("gradient_norm", "output_gradient_norm", "weight_norm", "dead"):
        assert behind["back"][column] == pytest.approx(whole["back"][column], rel=1e-5)


def test_a_network_without_autodiff_shows_all_but_gradients(probe: Probe) -> None:
    seen = Look(network(layers.Dense(16, activation="relu", name="dense")), LOSS, probe, autodiff=False)()
    assert seen["dense"]["gradient_norm"] is seen["dense"]["output_gradient_norm"] is None
    assert seen["dense"]["dead"] is not None
    assert (seen["dense"]["weight_norm"] or 0) > 0


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_training_ends_with_the_same_bits_whether_looked_at_or_not(
    precision: str, digits: Digits, probe: Probe
) -> None:
    ends = []
    for watched in (False, True):
        keras.config.set_dtype_policy(precision)
        try:
            model = dropping()
        finally:
            keras.config.set_dtype_policy("float32")
        callbacks = [diagnosis(model, probe, 6400)] if watched else []
        model.fit(digits[0] / 255, digits[1], batch_size=128, epochs=3, verbose=0, shuffle=False, callbacks=callbacks)
        assert len(callbacks[0].rows if watched else ()) == (8 if watched else 0)
        everything = [*model.variables, *model.optimizer.variables]
        ends.append([np.asarray(variable).tobytes() for variable in everything])
        assert "call" not in vars(model.layers[0])
    assert ends[0] == ends[1]


def test_half_precision_shows_the_gradients_of_full_precision(digits: Digits, probe: Probe) -> None:
    seen = []
    for precision in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(precision)
        try:
            model = dropping()
        finally:
            keras.config.set_dtype_policy("float32")
        watching = diagnosis(model, Probe(probe.inputs, probe.targets), 6400)
        model.fit(digits[0][:64], digits[1][:64], epochs=0, verbose=0)
        model.optimizer.build(model.trainable_variables)
        watching.set_model(model)
        watching.on_train_begin()
        watching.on_epoch_begin(0)
        seen.append([row["gradient_norm"] for row in watching.rows])
    assert seen[1] == pytest.approx(seen[0], rel=0.02)


def test_small_sets_are_looked_at_less_often_but_first_and_last_always(digits: Digits, probe: Probe) -> None:
    model = dropping()
    watching = diagnosis(model, probe, 2000)
    model.fit(digits[0][:64], digits[1][:64], epochs=6, verbose=0, callbacks=[watching])
    assert sorted({row["epoch"] for row in watching.rows}) == [0, 1, 4, 6]
    ratios = {row["epoch"]: row["update_ratio"] for row in watching.rows if row["layer"] == "dense"}
    assert ratios[0] is ratios[6] is None
    assert ratios[1] > 0 and ratios[4] > 0


def test_the_update_ratio_is_the_change_of_an_epoch_per_step(digits: Digits, probe: Probe) -> None:
    model = network()
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    before = np.asarray(model.get_layer("logits").kernel).copy()
    watching = diagnosis(model, probe, 6400)
    model.fit(digits[0][:640] / 255, digits[1][:640], batch_size=64, epochs=1, verbose=0, callbacks=[watching])
    moved = np.linalg.norm(np.asarray(model.get_layer("logits").kernel) - before)
    assert watching.rows[-1]["update_ratio"] == pytest.approx(moved / np.linalg.norm(before) / 10, rel=1e-4)


def test_a_restored_diagnosis_goes_on_with_the_same_rows(digits: Digits, probe: Probe) -> None:
    model = dropping()
    watching = diagnosis(model, probe, 6400)
    model.fit(digits[0][:64], digits[1][:64], epochs=2, verbose=0, callbacks=[watching])
    state = copy.deepcopy(watching.get_state())
    again = diagnosis(model, probe, 6400)
    again.set_model(model)
    again.set_params({"steps": 2})
    again.on_train_begin()
    again.set_state(state)
    again.on_epoch_begin(2)
    assert again.rows == watching.rows
    again.on_train_end()
    assert again.rows == watching.rows, "the last epoch was looked at before"


def test_a_new_phase_begins_with_a_look_of_its_own(digits: Digits, probe: Probe) -> None:
    model = dropping()
    before = [{"epoch": 5, "phase": 1, "layer": "dense"}]
    watching = diagnosis(model, probe, 6400, phase=2, began=5, rows=before)
    model.fit(digits[0][:64], digits[1][:64], initial_epoch=5, epochs=6, verbose=0, callbacks=[watching])
    assert [(row["epoch"], row["phase"]) for row in watching.rows] == [(5, 1), (5, 2), (5, 2), (6, 2), (6, 2)]
