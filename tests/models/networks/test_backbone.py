"""What counts as the backbone of a network, and as its blocks."""

import importlib

import keras
import pytest

from keras_suite.models import NETWORKS
from keras_suite.models.networks.backbone import backbone_layers, blocks
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.models.networks.vgg import vgg


def names(layers: tuple[keras.layers.Layer, ...]) -> list[str]:
    return [layer.name for layer in layers]


def test_vgg_has_five_blocks_and_its_input_belongs_to_the_first() -> None:
    blocks_of = blocks(vgg((32, 32, 3), 2, 1, width=0.1))
    assert [len(block) for block in blocks_of] == [5, 3, 4, 4, 4]
    assert names(blocks_of[0]) == ["images", "scale", "block1_conv1", "block1_conv2", "block1_pool"]
    assert names(blocks_of[4]) == ["block5_conv1", "block5_conv2", "block5_conv3", "block5_pool"]


@pytest.mark.parametrize("placement", ["before_activation", "before_pooling", "after_pooling"])
def test_normalisation_belongs_to_its_block(placement: str) -> None:
    blocks_of = blocks(vgg((8, 8, 3), 2, 1, width=0.1, blocks=3, batch_normalization=placement))
    assert len(blocks_of) == 3
    assert all(any(name.endswith("_normalization") for name in names(block)) for block in blocks_of)


def test_the_head_is_no_part_of_the_backbone() -> None:
    model = vgg((8, 8, 3), 2, 1, width=0.1, blocks=3, pooling="flatten", units=(4,), dropout=0.5)
    backbone = backbone_layers(model)
    assert names(backbone)[-1] == "block3_pool"
    assert [layer for block in blocks(model) for layer in block] == list(backbone)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_either_has_blocks_that_are_its_backbone_or_says_that_it_has_none(name: str) -> None:
    module, _, function = NETWORKS[name].partition(":")
    small = {"alexnet": {"units": (4,)}, "mlp": {"units": (4,)}}
    shape = (67, 67, 3) if name == "alexnet" else (32, 32, 3)
    model = getattr(importlib.import_module(module), function)(shape, 2, 1, **small.get(name, {}))
    counts = {"alexnet": 5, "vgg": 5, "vgg16": 5, "resnet50": 5, "mobilenet_v2": 16, "efficientnet_v2_b0": 6}
    counts |= {f"efficientnet_lite{version}": 7 for version in range(3)}
    if name in counts:
        blocks_of = blocks(model)
        assert len(blocks_of) == counts[name]
        assert all(any(layer.weights for layer in block) for block in blocks_of)
        order = [layer for block in blocks_of for layer in block]
        assert order == list(backbone_layers(model)) == model.layers[: len(order)]
        assert model.layers[len(order)].name == "features"
    else:
        with pytest.raises(ValueError, match="has no backbone"):
            blocks(model)


def test_a_network_without_a_named_head_has_no_backbone() -> None:
    with pytest.raises(ValueError, match="pattern_cnn has no backbone that could be taken over or frozen"):
        backbone_layers(pattern_cnn((8, 8, 3), 2, 1))
