"""Numbers held in variables: what Keras computes with constants, until another number is set in a traced graph."""

from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.models.hyperparameter_variables import copy_into, structure
from keras_suite.models.layers.core import Dropout
from keras_suite.models.optimizers import adamw
from keras_suite.models.regularizers import L1L2

X = np.random.default_rng(0).normal(size=(16, 6)).astype(np.float32)


Y = np.eye(3, dtype=np.float32)[np.arange(16) % 3]


def network(rate: float = 0.4, l1: float = 1e-3, l2: float = 1e-2, decay: float = 0.1, units: int = 8) -> keras.Model:
    keras.backend.clear_session(free_memory=False)  # names begin anew, as in each run
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6,), name="inputs")
    x = keras.layers.Dense(units, activation="relu", kernel_regularizer=L1L2(l1, l2), name="dense")(inputs)
    outputs = keras.layers.Dense(3, name="logits")(Dropout(rate, seed=3, name="dropout")(x))
    model = keras.Model(inputs, outputs, name="network")
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(adamw(learning_rate=0.01, weight_decay=decay), loss, jit_compile=False)
    return model


def after_steps(model: keras.Model) -> list[Any]:
    return [*(float(model.train_on_batch(X, Y)) for _ in range(3)), *map(np.asarray, model.weights)]


def test_dropout_draws_the_mask_of_keras() -> None:
    ours, keras_own = Dropout(0.4, seed=3), keras.layers.Dropout(0.4, seed=3)
    for _ in range(3):
        np.testing.assert_allclose(ours(X, training=True), keras_own(X, training=True), rtol=1e-6)
    assert np.array_equal(ours(X), X)
    assert ours.count_params() == 0
    assert not ours.weights


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_at_which_there_is_no_dropout_or_nothing_else_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="expected 0 < rate < 1"):
        Dropout(rate)


def test_weights_decay_as_with_keras_but_not_biases() -> None:
    own = keras.optimizers.AdamW(0.01, 0.1)
    own.exclude_from_weight_decay(var_names=["bias"])
    other = network()
    other.compile(own, other.loss, jit_compile=False)
    for ours, theirs in zip(after_steps(network()), after_steps(other), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_a_traced_network_takes_everything_of_another_one() -> None:
    model, other = network(), network(rate=0.1, l1=1e-2, l2=0.1, decay=0.5)
    assert structure(model) == structure(other)
    after_steps(model)
    copy_into(model, other)
    for taken, own in zip(after_steps(model), after_steps(network(0.1, 1e-2, 0.1, 0.5)), strict=True):
        assert np.array_equal(taken, own)


@pytest.mark.parametrize("other", [{"units": 9}, {"l1": 0.0}, {"l2": 0.0}], ids=str)
def test_networks_with_other_graphs_have_another_structure(other: dict[str, Any]) -> None:
    assert structure(network()) != structure(network(**other))


def test_networks_with_other_metrics_have_another_structure() -> None:
    plain, measured = network(), network()
    measured.compile(measured.optimizer, measured.loss, metrics=["accuracy"], jit_compile=False)
    assert structure(plain) != structure(measured)


def test_a_model_with_a_number_in_an_unknown_place_has_no_structure() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2, bias_regularizer=L1L2(0.0, 0.1))(inputs))
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True), jit_compile=False)
    assert structure(model) is None
