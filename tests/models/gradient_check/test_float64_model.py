"""Copies of models in float64: all of their layers, nested and subclassed ones too, with the same weights."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.models.gradient_check.float64_model import float64_default, in_float64, widened
from tests.models.gradient_check.layers_of_users import OwnDense, Subclassed, digits, nested, stack


def mixed() -> keras.Model:
    return stack(layers.Dense(5, dtype="mixed_float16"), layers.BatchNormalization())


def subclassed() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    return keras.Model(inputs, Subclassed()(inputs))


@pytest.mark.parametrize("build", [nested, subclassed, mixed, lambda: stack(OwnDense(4))])
def test_every_weight_is_the_same_in_float64_and_so_is_the_result(build) -> None:
    model, (images, _) = build(), digits()
    exact = in_float64(model)
    assert {variable.dtype for variable in exact.trainable_variables} == {"float64"}
    for old, new in zip(model.variables, exact.variables, strict=True):
        assert np.array_equal(old, new)
    with float64_default():
        found = exact(images, training=False)
    assert found.dtype == "float64"
    tolerance = 1e-5 if build is not mixed else 2e-2
    assert np.asarray(found) == pytest.approx(np.asarray(model(images, training=False)), rel=tolerance, abs=tolerance)


def test_a_description_keeps_whole_numbers_and_augmentation_as_they_are() -> None:
    inputs = keras.Input((3,), dtype="int32")
    description = widened(keras.saving.serialize_keras_object(keras.Model(inputs, layers.Embedding(9, 2)(inputs))))
    first, second = description["config"]["layers"]
    assert (first["config"]["dtype"], second["config"]["dtype"]) == ("int32", "float64")
    turned = widened(keras.saving.serialize_keras_object(layers.RandomRotation(0.1)))
    assert turned["config"]["dtype"]["config"]["name"] == "float32"


def test_a_layer_that_insists_on_its_precision_is_named() -> None:
    @keras.saving.register_keras_serializable("gradient_check_tests")
    class Fixed(layers.Layer):
        def build(self, shape) -> None:
            self.scale = self.add_weight(name="scale", shape=(shape[-1],), dtype="float32")

        def call(self, x):
            return x * keras.ops.cast(self.scale, x.dtype)

    with pytest.raises(ValueError, match=r"scale stays in another precision"):
        in_float64(stack(Fixed(name="fixed")))
    assert keras.config.floatx() == "float32"
