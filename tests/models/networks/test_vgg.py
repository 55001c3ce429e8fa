import numpy as np
import pytest

from keras_suite.models.networks.backbone import backbone_layers
from keras_suite.models.networks.vgg import vgg


def test_at_width_1_its_layers_are_those_of_vgg16():
    model = vgg((224, 224, 3), 1000, 1, pooling="flatten", units=(4096, 4096), initializer="zeros")
    assert model.count_params() == 138_357_544
    assert sum(layer.count_params() for layer in backbone_layers(model)) == 14_714_688
    sizes = [model.get_layer(f"block{i}_pool").output.shape[1:3] for i in range(1, 6)]
    assert sizes == [(112, 112), (56, 56), (28, 28), (14, 14), (7, 7)]


def test_the_width_multiplies_the_filters_of_every_block():
    model = vgg((32, 32, 3), 10, 1, width=0.25)
    filters = [model.get_layer(f"block{i}_conv1").filters for i in range(1, 6)]
    assert filters == [16, 32, 64, 128, 128]
    assert vgg((32, 32, 3), 10, 1, width=0.001).get_layer("block5_conv1").filters == 1


def test_an_image_is_halved_down_to_one_position_and_a_smaller_one_is_refused():
    model = vgg((8, 9, 1), 2, 1, width=0.05, blocks=3)
    assert model.get_layer("block3_pool").output.shape == (None, 1, 1, 13)
    assert np.asarray(model(np.zeros((1, 8, 9, 1), np.float32))).shape == (1, 2)
    with pytest.raises(ValueError, match="vgg was given images of 7x9 pixels and halves them 3 times"):
        vgg((7, 9, 1), 2, 1, blocks=3)
