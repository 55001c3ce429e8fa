import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.feature_cache.identity import frozen_identity


def network(
    seed: int = 1, activation: str = "relu", stride: int = 1, name: str | None = None, policy: str = "float32"
) -> keras.Model:
    inputs = keras.Input((8, 8, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    made = keras.initializers.GlorotUniform(seed)
    conv = layers.Conv2D(4, 3, stride, padding="same", activation=activation, kernel_initializer=made, name=name)
    conv.dtype_policy = keras.DTypePolicy(policy)
    x = layers.BatchNormalization()(conv(x))
    x = layers.Add()([x, layers.Dropout(0.1, seed=seed)(x)])
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(x))


def with_weights(model: keras.Model, value: float = 0.5) -> keras.Model:
    for weight in model.weights:
        weight.assign(np.full(weight.shape, value))
    return model


def test_seeds_names_and_what_is_trainable_do_not_matter() -> None:
    first = with_weights(network())
    second = with_weights(network(seed=2, name="other"))
    second.trainable = False
    second.compile("sgd", "mse")
    assert frozen_identity(first) == frozen_identity(second)


@pytest.mark.parametrize("change", [{"activation": "tanh"}, {"stride": 2}, {"policy": "mixed_bfloat16"}])
def test_architecture_and_precision_matter(change: dict) -> None:
    assert frozen_identity(with_weights(network())) != frozen_identity(with_weights(network(**change)))


def test_every_weight_matters_the_moving_statistics_too() -> None:
    model = with_weights(network())
    identities = {frozen_identity(model)}
    for weight in model.weights:
        values = np.array(weight)
        values.flat[-1] = np.nextafter(values.flat[-1], 1)
        weight.assign(values)
        identities.add(frozen_identity(model))
    assert len(identities) == 1 + len(model.weights)


def test_what_is_connected_to_what_matters() -> None:
    def branches(swapped: bool) -> keras.Model:
        inputs = keras.Input((8, 8, 3))
        left, right = layers.ReLU()(inputs), layers.AveragePooling2D(1)(inputs)
        return keras.Model(inputs, layers.Subtract()([right, left] if swapped else [left, right]))

    assert frozen_identity(branches(False)) == frozen_identity(branches(False)) != frozen_identity(branches(True))


def test_a_model_within_a_model_counts() -> None:
    def nested(activation: str) -> keras.Model:
        inputs = keras.Input((8, 8, 3))
        return with_weights(keras.Model(inputs, network(activation=activation)(inputs)))

    assert frozen_identity(nested("relu")) == frozen_identity(nested("relu")) != frozen_identity(nested("tanh"))


def test_an_extractor_is_recognised_under_another_head() -> None:
    def front(units: int) -> keras.Model:
        base = with_weights(network())
        whole = keras.Model(base.inputs, layers.Dense(units)(base.outputs[0]))
        return keras.Model(whole.inputs, whole.layers[-2].output)

    assert frozen_identity(front(2)) == frozen_identity(front(5)) == frozen_identity(with_weights(network()))
