"""A model's loss is a function of its weights alone, whatever it draws and keeps."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.models.gradient_check.model_loss import ModelLoss
from tests.models.gradient_check.layers_of_users import TensorFlowDropout, digits, stack


def test_dropout_and_moving_statistics_are_the_same_each_time() -> None:
    model = stack(layers.Dropout(0.5), layers.BatchNormalization())
    before = [np.array(variable) for variable in model.variables]
    loss = ModelLoss(model, *digits(), training=True)
    loss.check_repeats()
    assert float(loss()) == float(loss())
    loss.restore()
    assert all(np.array_equal(old, new) for old, new in zip(before, model.variables, strict=True))
    assert float(loss()) != float(ModelLoss(model, *digits(), training=False)())


def test_layers_that_draw_with_tensorflow_are_computed_without_a_graph() -> None:
    loss = ModelLoss(stack(TensorFlowDropout()), *digits(), training=True)
    loss.check_repeats()
    assert float(loss()) == float(loss())


def test_a_loss_that_never_repeats_is_refused() -> None:
    class Drifting(layers.Layer):
        calls = 0

        def call(self, x):
            return x + keras.ops.convert_to_tensor(np.random.default_rng().normal(), x.dtype)

    loss = ModelLoss(stack(Drifting()), *digits(), training=True)
    loss._graph = loss._computed  # as where each call is traced anew
    with pytest.raises(ValueError, match="the loss is another one each time"):
        loss.check_repeats()


@pytest.mark.parametrize("last", [layers.Dense(1), layers.Reshape((32, 2)), layers.Softmax()])
def test_numbers_maps_and_probabilities_have_a_loss_with_gradients(last: layers.Layer) -> None:
    inputs = keras.Input((8, 8, 1))
    x = layers.Dense(64, name="hidden")(layers.Flatten()(inputs))
    model = keras.Model(inputs, last(x))
    loss = ModelLoss(model, *digits(), training=False)
    assert np.isfinite(float(loss()))
    assert np.abs(loss.gradients()[0]).max() > 0


def test_several_outputs_all_count() -> None:
    inputs = keras.Input((8, 8, 1))
    x = layers.Flatten()(layers.Rescaling(1 / 255)(inputs))
    model = keras.Model(inputs, {"one": layers.Dense(3)(x), "other": layers.Dense(1)(x)})
    assert all(np.abs(gradient).max() > 0 for gradient in ModelLoss(model, *digits(), training=False).gradients())


def test_large_outputs_do_not_saturate_the_softmax() -> None:
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(10)])  # pixels 0..255
    model.set_weights([10 * weight for weight in model.get_weights()])
    assert np.abs(ModelLoss(model, *digits(), training=False).gradients()[1]).min() > 1e-6
