import keras
import pytest

from keras_suite.models.losses import cross_entropy
from keras_suite.models.networks.mlp import mlp
from keras_suite.models.optimizers import momentum


def kinds(model):
    return [type(layer).__name__ for layer in model.layers[2:]]


def test_hidden_layers_have_the_requested_units():
    model = mlp((28, 28, 1), 10, 1, units=(300, 100))
    assert [model.get_layer(f"dense_{i}").units for i in (1, 2)] == [300, 100]
    assert model.count_params() == 784 * 300 + 300 + 300 * 100 + 100 + 100 * 10 + 10


def test_one_number_is_one_hidden_layer_and_none_is_softmax_regression():
    assert kinds(mlp((8, 8, 1), 10, 1, units=16)) == ["Flatten", "Dense", "Dense"]
    assert kinds(mlp((8, 8, 1), 10, 1, units=())) == ["Flatten", "Dense"]


def test_normalisation_and_dropout_stand_in_every_hidden_layer():
    model = mlp((8, 8, 1), 10, 1, units=(8, 8), dropout=0.2, batch_normalization="before_activation")
    assert kinds(model) == ["Flatten", *["Dense", "BatchNormalization", "Activation", "Dropout"] * 2, "Dense"]
    assert model.get_layer("dropout_2").rate == pytest.approx(0.2)


def test_it_learns_real_digits(digits):
    images, labels = digits
    keras.utils.set_random_seed(1)
    model = mlp((8, 8, 1), 10, 1, units=(64,), initializer="he_normal")
    model.compile(momentum(learning_rate=0.05), cross_entropy(), metrics=["accuracy"], jit_compile=False)
    model.fit(images[:1400], labels[:1400], epochs=5, batch_size=64, verbose=0)
    assert model.evaluate(images[1400:], labels[1400:], verbose=0)[1] > 0.85
