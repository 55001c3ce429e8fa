"""The check of a whole model's gradients names the weight whose gradient is wrong, in any kind of model."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.models.gradient_check.model_check import ModelCheck, check_model
from keras_suite.models.gradient_check.model_loss import ModelLoss
from keras_suite.models.networks.mnist_demo_net import mnist_manual_net
from keras_suite.models.ops.convolution import conv2d
from tests.models.gradient_check.layers_of_users import (
    HalfDead,
    Narrow,
    OwnDense,
    Subclassed,
    TensorFlowDropout,
    digits,
    nested,
    stack,
)


def checked(model: keras.Model, entries: int = 3) -> list[ModelCheck]:
    return check_model(model, *digits(), entries=entries)


def failed(checks: list[ModelCheck]) -> list[str]:
    return [row.weight for check in checks for row in check.rows if not row.passed]


def test_a_models_wrong_gradient_is_found_at_its_weight() -> None:
    backward = conv2d.backward
    object.__setattr__(conv2d, "backward", lambda dy, cache: tuple(1.01 * g for g in backward(dy, cache)))
    try:
        predicting = checked(mnist_manual_net((8, 8, 1), 10, 1))[0]
    finally:
        object.__setattr__(conv2d, "backward", backward)
    assert failed([predicting]) == ["conv_1/kernel", "conv_1/bias", "conv_2/kernel", "conv_2/bias"]
    assert failed(checked(mnist_manual_net((8, 8, 1), 10, 1))) == []


def test_a_wrong_gradient_is_named_with_its_layer_and_its_factor() -> None:
    assert failed(checked(stack(layers.Dense(6, "tanh"), OwnDense(7)))) == []
    [check] = checked(stack(layers.Dense(6, "tanh"), OwnDense(7, 1.5, name="own")))
    [row] = [row for row in check.rows if not row.passed]
    assert (row.weight, row.layer, row.kind) == ("own/kernel", "own", "OwnDense")
    assert "(1.5 times that, at all entries)" in row.reason


@pytest.mark.parametrize("build", [nested, Subclassed, lambda: keras.Sequential([Subclassed(), layers.Dense(3)])])
def test_models_inside_models_and_subclassed_ones_are_checked_as_they_predict_and_train(build: Any) -> None:
    model = build()
    model(digits()[0])
    checks = checked(model)
    assert [(check.training, check.precision) for check in checks] == [
        (False, "float64"),
        (True, "float64"),
    ], checks[0].how
    assert failed(checks) == []
    assert all(len(check.rows) == len(model.trainable_variables) for check in checks)


@pytest.mark.slow
def test_a_wrong_gradient_inside_a_subclassed_model_is_found() -> None:
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, Subclassed(0.5)(inputs))
    checks = checked(model)
    assert {row.layer for check in checks for row in check.rows if not row.passed} == {"own"}
    assert "the copy has other gradients" in checks[0].how  # Keras forgets what a model was created with


def test_a_weight_that_no_gradient_reaches_fails_unless_it_is_frozen() -> None:
    model = stack(HalfDead(name="half"))
    [check] = checked(model)
    [row] = [row for row in check.rows if not row.passed]
    assert (row.weight, row.reached, row.reason) == ("half/dead", False, "no gradient reaches it")
    model.get_layer("half").dead.trainable = False
    assert "half/dead" not in [row.weight for row in checked(model)[0].rows]
    assert failed(checked(model)) == []


def test_a_weight_that_its_layer_sets_as_it_trains_is_checked_as_it_predicts() -> None:
    [check] = checked(stack(layers.SpectralNormalization(layers.Dense(6))))
    assert not check.training and "not as it trains, for there its layer sets" in check.how
    assert failed([check]) == []


def test_a_bias_that_batch_normalisation_takes_away_is_no_false_alarm() -> None:
    checks = checked(stack(layers.Dense(6), layers.BatchNormalization(), layers.Dense(5, "tanh")), entries=10)
    assert failed(checks) == []
    assert [check.training for check in checks] == [False, True]


def test_penalties_are_part_of_the_loss() -> None:
    model = stack(layers.Dense(5, kernel_regularizer="l2", activity_regularizer="l1"))
    images, labels = digits()
    without = float(ModelLoss(stack_of(model), images, labels, training=False)())
    assert float(ModelLoss(model, images, labels, training=False)()) > without + 1e-3
    assert failed(checked(model)) == []


def stack_of(model: keras.Model) -> keras.Model:
    """The same model without penalties."""
    same = stack(layers.Dense(5))
    same.set_weights(model.get_weights())
    return same


@pytest.mark.slow
@pytest.mark.parametrize("cast", [True, False])
def test_a_layer_that_insists_on_float32_is_checked_in_that_and_it_is_said(cast: bool) -> None:
    [check] = checked(stack(Narrow(cast), OwnDense(6)))
    assert cast or (check.precision == "float32" and "float32 (in float64 it does not run" in check.how)
    assert failed([check]) == []
    wrong = stack(Narrow(cast), OwnDense(6, 1.5, name="own"))
    assert failed(checked(wrong)) == [wrong.get_layer("own").kernel.path]


@pytest.mark.slow
def test_dropout_by_tensorflows_own_generator_is_held_still() -> None:
    checks = checked(stack(layers.Dense(9, "relu"), TensorFlowDropout()))
    assert [check.training for check in checks] == [False, True]
    assert failed(checks) == []


@pytest.mark.slow
def test_rows_of_an_embedding_that_are_looked_up_are_compared() -> None:
    inputs = keras.Input((7,), dtype="int32")
    model = keras.Model(inputs, layers.Dense(3)(layers.GRU(3)(layers.Embedding(500, 4, name="words")(inputs))))
    words = np.random.default_rng(0).integers(2, size=(4, 7))
    [check] = check_model(model, words, np.arange(4), entries=4)
    assert failed([check]) == []
    assert check.rows[0].error > 0


@pytest.mark.slow
def test_the_model_is_as_it_was_afterwards() -> None:
    model = nested()
    before = [np.array(variable) for variable in model.variables]
    checked(model)
    assert all(np.array_equal(old, new) for old, new in zip(before, model.variables, strict=True))
    assert keras.config.floatx() == "float32"
    assert keras.config.dtype_policy().name == "float32"


def test_a_model_without_trainable_weights_is_refused() -> None:
    model = stack()
    model.trainable = False
    with pytest.raises(ValueError, match="has no trainable weights"):
        checked(model)
