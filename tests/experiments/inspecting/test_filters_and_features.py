"""First-layer kernels as images, and feature maps along a network."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.filters_and_features import first_filters, maps_along, scaled
from keras_suite.experiments.inspecting.network import Network, calls_of
from keras_suite.models.networks.mlp import mlp
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net
from keras_suite.models.networks.vgg import vgg


def test_the_first_layers_kernels_are_those_of_the_layer() -> None:
    model = mnist_demo_net((12, 12, 1), 10, 1)
    filters = first_filters(Network(model, ()))
    assert (filters.name, filters.total, filters.kernels.shape) == ("conv_1", 32, (32, 3, 3, 1))
    np.testing.assert_array_equal(filters.kernels[7], np.asarray(model.get_layer("conv_1").kernel)[..., 7])


def test_of_many_kernels_the_largest_are_shown_in_the_layers_order() -> None:
    model = mnist_demo_net((12, 12, 1), 10, 1)
    kernel = np.asarray(model.get_layer("conv_1").kernel).copy()
    kernel[..., [20, 3, 11]] *= 100
    model.get_layer("conv_1").kernel.assign(kernel)
    np.testing.assert_array_equal(
        first_filters(Network(model, ()), limit=3).kernels, np.moveaxis(kernel[..., [3, 11, 20]], -1, 0)
    )


def test_the_weights_of_a_dense_first_layer_are_images_of_the_images_size() -> None:
    model = mlp((6, 5, 3), 4, 1, units=(7,))
    filters = first_filters(Network(model, ()))
    assert filters.kernels.shape == (7, 6, 5, 3)
    dense = next(layer for layer in model.layers if isinstance(layer, layers.Dense))
    assert filters.kernels[2, 4, 1, 0] == np.asarray(dense.kernel)[(4 * 5 + 1) * 3, 2]


def test_kernels_inside_a_nested_network_are_found() -> None:
    body = vgg((16, 16, 3), 2, 1, width=0.1, blocks=2)
    inputs = keras.Input((16, 16, 3))
    filters = first_filters(Network(keras.Model(inputs, body(inputs)), ()))
    assert (filters.name, filters.total) == ("vgg/block1_conv1", 6)


def test_a_kernel_is_scaled_by_its_own_largest_weight_with_zero_in_the_middle() -> None:
    assert scaled(np.array([-0.5, 0.0, 0.25])).tolist() == [0, 128, 191]
    assert scaled(np.zeros(3)).tolist() == [128] * 3


def test_feature_maps_are_what_the_layer_gives_the_strongest_first() -> None:
    model = vgg((16, 16, 3), 2, 1, width=0.2, blocks=2)
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    [maps] = maps_along(Network(model, ()), image, ["block2_conv1"], count=5)
    whole = keras.Model(model.input, model.get_layer("block2_conv1").output)(image[np.newaxis].astype(np.float32))
    whole = np.asarray(whole)[0]
    assert maps.total == whole.shape[-1]
    assert list(maps.channels) == np.argsort(-np.abs(whole).mean(axis=(0, 1)), kind="stable")[:5].tolist()
    np.testing.assert_allclose(maps.maps[1], whole[..., maps.channels[1]], rtol=1e-5)


def test_by_default_the_first_layer_and_the_last_of_each_size_are_shown() -> None:
    model = vgg((16, 16, 3), 2, 1, width=0.1, blocks=3)
    maps = maps_along(Network(model, ()), np.zeros((16, 16, 3), np.uint8))
    assert [each.name for each in maps] == ["block1_conv1", "block1_conv2", "block2_conv2", "block3_conv3"]


def test_a_network_without_positions_has_no_maps() -> None:
    with pytest.raises(ValueError, match="mlp has no feature maps to show"):
        maps_along(Network(mlp((8, 8, 1), 3, 1, units=(4,)), ()), np.zeros((8, 8, 1), np.uint8))


def test_two_calls_of_a_layer_are_distinguished_and_dropout_is_off() -> None:
    inputs = keras.Input((4, 4, 1))
    shared, dropout = layers.Conv2D(1, 3, padding="same", name="shared"), layers.Dropout(0.9, name="dropout")
    model = keras.Model(inputs, layers.Flatten()(dropout(shared(shared(inputs)))))
    image = np.full((1, 4, 4, 1), 9.0)
    calls, outputs = calls_of(model, image)
    assert [call.name for call in calls[:3]] == ["shared", "shared:2", "dropout"]
    np.testing.assert_allclose(outputs, model(image, training=False), rtol=1e-6)
