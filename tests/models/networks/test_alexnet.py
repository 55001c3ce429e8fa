import numpy as np
import pytest

from keras_suite.models.networks.alexnet import LEAST_SIZE, alexnet


def test_its_layers_and_parameters_are_those_of_one_tower():
    model = alexnet((227, 227, 3), 1000, 1, initializer="zeros")
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}
    assert shapes["block1_conv1"] == (55, 55, 96)
    assert shapes["block1_pool"] == (27, 27, 96)
    assert shapes["block2_conv1"] == (27, 27, 256)
    assert shapes["block2_pool"] == (13, 13, 256)
    assert shapes["block3_conv1"] == shapes["block4_conv1"] == (13, 13, 384)
    assert shapes["block5_conv1"] == (13, 13, 256)
    assert shapes["block5_pool"] == (6, 6, 256)
    assert shapes["features"] == (9216,)
    counted = {layer.name: layer.count_params() for layer in model.layers if layer.count_params()}
    assert counted == {
        "block1_conv1": 11 * 11 * 3 * 96 + 96,
        "block2_conv1": 5 * 5 * 96 * 256 + 256,
        "block3_conv1": 3 * 3 * 256 * 384 + 384,
        "block4_conv1": 3 * 3 * 384 * 384 + 384,
        "block5_conv1": 3 * 3 * 384 * 256 + 256,
        "dense_1": 9216 * 4096 + 4096,
        "dense_2": 4096 * 4096 + 4096,
        "logits": 4096 * 1000 + 1000,
    }
    assert model.count_params() == 62_378_344


def test_the_least_image_leaves_one_position_and_a_smaller_one_is_refused():
    model = alexnet((LEAST_SIZE, LEAST_SIZE + 3, 1), 3, 1, units=(4,))
    assert model.get_layer("block5_pool").output.shape == (None, 1, 1, 256)
    assert np.asarray(model(np.zeros((2, LEAST_SIZE, LEAST_SIZE + 3, 1), np.float32))).shape == (2, 3)
    with pytest.raises(ValueError, match="alexnet was given images of 66x80 pixels and needs at least 67x67"):
        alexnet((LEAST_SIZE - 1, 80, 3), 3, 1)
