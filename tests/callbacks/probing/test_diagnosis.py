"""Probing networks while they train: changes nothing, is due often enough, and goes on after a restart."""

import copy
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.callbacks.probing.diagnosis import Diagnosis
from keras_suite.callbacks.probing.probe import ProbeBatch
from tests.callbacks.conftest import Digits

LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


@pytest.fixture
def probe(digits: Digits) -> ProbeBatch:
    return ProbeBatch(digits[0][:64] / 255, digits[1][:64])


def network(*hidden: Any) -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((64,)), *hidden, layers.Dense(10, name="logits")])


def dropping(seed: int = 3) -> keras.Model:
    keras.utils.set_random_seed(1)  # before any layer is created: its initializer takes its seed then
    model = network(
        layers.Dense(32, activation="relu", name="dense"),
        layers.BatchNormalization(name="normalization"),
        layers.Dropout(0.5, seed=seed, name="dropout"),
    )
    model.compile(keras.optimizers.Adam(0.01), LOSS, jit_compile=False)
    return model


def diagnosis(model: keras.Model, probe: ProbeBatch, images: int, **options: Any) -> Diagnosis:
    return Diagnosis(model, probe, lambda rows: None, images, **options)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_training_ends_with_the_same_bits_whether_probed_or_not(
    precision: str, digits: Digits, probe: ProbeBatch
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


def test_half_precision_shows_the_gradients_of_full_precision(digits: Digits, probe: ProbeBatch) -> None:
    seen = []
    for precision in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(precision)
        try:
            model = dropping()
        finally:
            keras.config.set_dtype_policy("float32")
        watching = diagnosis(model, ProbeBatch(probe.inputs, probe.targets), 6400)
        model.fit(digits[0][:64], digits[1][:64], epochs=0, verbose=0)
        model.optimizer.build(model.trainable_variables)
        watching.set_model(model)
        watching.on_train_begin()
        watching.on_epoch_begin(0)
        seen.append([row["gradient_norm"] for row in watching.rows])
    assert seen[1] == pytest.approx(seen[0], rel=0.02)


def test_small_sets_are_probed_less_often_but_first_and_last_always(digits: Digits, probe: ProbeBatch) -> None:
    model = dropping()
    watching = diagnosis(model, probe, 2000)
    model.fit(digits[0][:64], digits[1][:64], epochs=6, verbose=0, callbacks=[watching])
    assert sorted({row["epoch"] for row in watching.rows}) == [0, 1, 4, 6]
    ratios = {row["epoch"]: row["update_ratio"] for row in watching.rows if row["layer"] == "dense"}
    assert ratios[0] is ratios[6] is None
    assert ratios[1] > 0 and ratios[4] > 0


def test_the_update_ratio_is_the_change_of_an_epoch_per_step(digits: Digits, probe: ProbeBatch) -> None:
    model = network()
    model.compile(keras.optimizers.SGD(0.1), LOSS, jit_compile=False)
    before = np.asarray(model.get_layer("logits").kernel).copy()
    watching = diagnosis(model, probe, 6400)
    model.fit(digits[0][:640] / 255, digits[1][:640], batch_size=64, epochs=1, verbose=0, callbacks=[watching])
    moved = np.linalg.norm(np.asarray(model.get_layer("logits").kernel) - before)
    assert watching.rows[-1]["update_ratio"] == pytest.approx(moved / np.linalg.norm(before) / 10, rel=1e-4)


def test_a_restored_diagnosis_continues_with_the_same_rows(digits: Digits, probe: ProbeBatch) -> None:
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
    assert again.rows == watching.rows, "the last epoch was probed before"


def test_a_new_phase_begins_with_a_probe_of_its_own(digits: Digits, probe: ProbeBatch) -> None:
    model = dropping()
    before = [{"epoch": 5, "phase": 1, "layer": "dense"}]
    watching = diagnosis(model, probe, 6400, phase=2, began=5, rows=before)
    model.fit(digits[0][:64], digits[1][:64], initial_epoch=5, epochs=6, verbose=0, callbacks=[watching])
    assert [(row["epoch"], row["phase"]) for row in watching.rows] == [(5, 1), (5, 2), (5, 2), (6, 2), (6, 2)]
