"""Networks of Keras Applications with a head of one's own: VGG16, ResNet50, MobileNetV2 and EfficientNetV2-B0."""

import random
from collections.abc import Callable, Sequence

import keras
from keras import layers

from models.layers.preprocessing import PREPROCESSING, KerasPreprocessing
from models.networks.blocks import Count, ImageShape, KeyedLayers, Penalty, Rate, keyed_layers
from models.networks.head import HeadPooling, classification_head
from models.pretrained import PretrainedBlocks, Weights, with_weights

LEAST_SIZE = 32  # pixels a side: below, nothing is left of the image after five halvings


def vgg16(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    weights: Weights = "random",
    pretrained_blocks: PretrainedBlocks = None,
    pooling: HeadPooling = "average",
    units: tuple[Count, ...] = (),
    dropout: Rate = 0.0,
    l1: Penalty = 0.0,
    l2: Penalty = 0.0,
) -> keras.Model:
    """VGG16 (Simonyan and Zisserman 2015): five blocks of 14,714,688 parameters; see `_network` for the options.

    With pooling="flatten" and units=[4096, 4096], for 224x224x3 and 1,000 classes: 138,357,544 parameters.
    """
    add = _head_layers(seed, l1, l2)
    backbone = _backbone("vgg16", keras.applications.VGG16, input_shape, add)
    return _network(backbone, add, classes, weights, pretrained_blocks, pooling, units, dropout)


def resnet50(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    weights: Weights = "random",
    pretrained_blocks: PretrainedBlocks = None,
    pooling: HeadPooling = "average",
    units: tuple[Count, ...] = (),
    dropout: Rate = 0.0,
    l1: Penalty = 0.0,
    l2: Penalty = 0.0,
) -> keras.Model:
    """ResNet50 (He et al. 2016): five blocks of 23,587,712 parameters; see `_network` for the options."""
    add = _head_layers(seed, l1, l2)
    backbone = _backbone("resnet50", keras.applications.ResNet50, input_shape, add)
    return _network(backbone, add, classes, weights, pretrained_blocks, pooling, units, dropout)


def mobilenet_v2(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    weights: Weights = "random",
    pretrained_blocks: PretrainedBlocks = None,
    pooling: HeadPooling = "average",
    units: tuple[Count, ...] = (),
    dropout: Rate = 0.0,
    l1: Penalty = 0.0,
    l2: Penalty = 0.0,
) -> keras.Model:
    """MobileNetV2 (Sandler et al. 2018): 16 blocks of 2,257,984 parameters; see `_network` for the options."""
    add = _head_layers(seed, l1, l2)
    backbone = _backbone("mobilenet_v2", keras.applications.MobileNetV2, input_shape, add)
    return _network(backbone, add, classes, weights, pretrained_blocks, pooling, units, dropout)


def efficientnet_v2_b0(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    weights: Weights = "random",
    pretrained_blocks: PretrainedBlocks = None,
    pooling: HeadPooling = "average",
    units: tuple[Count, ...] = (),
    dropout: Rate = 0.0,
    l1: Penalty = 0.0,
    l2: Penalty = 0.0,
) -> keras.Model:
    """EfficientNetV2-B0 (Tan and Le 2021): six blocks of 5,919,312 parameters; see `_network` for the options."""
    add = _head_layers(seed, l1, l2)
    backbone = _backbone("efficientnet_v2_b0", keras.applications.EfficientNetV2B0, input_shape, add)
    return _network(backbone, add, classes, weights, pretrained_blocks, pooling, units, dropout)


def _network(
    backbone: keras.Model,
    add: KeyedLayers,
    classes: int,
    weights: str,
    pretrained_blocks: int | None,
    pooling: HeadPooling,
    units: Sequence[int],
    dropout: float,
) -> keras.Model:
    """The backbone with a head, as one flat graph of layers.

    Args:
        backbone: from images float32 0..255, RGB or grey, of at least 32x32 pixels, to feature maps.
        add: makes the head's layers. Its penalties (l1, l2) are on the head's kernels alone.
        classes: number of logits.
        weights, pretrained_blocks: what the backbone starts from, see `with_weights`.
        pooling, units, dropout: of the head, see `classification_head`; its hidden layers have ReLU.
    """
    logits = classification_head(add, backbone.output, classes, pooling, units, dropout)
    return with_weights(keras.Model(backbone.input, logits, name=backbone.name), weights, pretrained_blocks)


def _head_layers(seed: int, l1: float, l2: float) -> KeyedLayers:
    return keyed_layers(seed, "relu", "he_normal", l1, l2)


def _backbone(
    network: str, application: Callable[..., keras.Model], input_shape: ImageShape, add: KeyedLayers
) -> keras.Model:
    """(B, H, W, 1 or 3) pixels 0..255 -> feature maps, by Keras's own network and preprocessing, with keyed weights."""
    height, width, channels = input_shape
    if min(height, width) < LEAST_SIZE:
        raise ValueError(
            f"{network} was given images of {height}x{width} pixels and needs at least {LEAST_SIZE}x{LEAST_SIZE}: set "
            f"dataset.image_size=[{LEAST_SIZE},{LEAST_SIZE}] or more, or model.name=vgg with fewer model.blocks"
        )
    if channels not in (1, 3):
        raise ValueError(f"{network} was given images of {channels} channels and takes grey or RGB ones: 1 or 3")
    inputs = keras.Input(input_shape, name="images")
    x = layers.Concatenate(name="grey_to_rgb")([inputs] * 3) if channels == 1 else inputs
    if network in PREPROCESSING:  # EfficientNetV2 has its own inside
        x = KerasPreprocessing(network, dtype="float32", name="preprocess_input")(x)
    # Keras seeds each unseeded layer from the global generator, which is left as it was; none of those seeds is kept.
    state = random.getstate()
    unseeded = application(include_top=False, weights=None, input_tensor=x, input_shape=(height, width, 3))
    random.setstate(state)
    seeded = keras.models.clone_model(unseeded, clone_function=lambda layer: _keyed(layer, add))
    return keras.Model(seeded.inputs[0], seeded.output, name=network)


def _keyed(layer: layers.Layer, add: KeyedLayers) -> layers.Layer:
    """The same layer with the initializers and the masks of a run's seed, and a name that no other model counts up."""
    config = layer.get_config()
    fixed = {layers.Rescaling: "scale", layers.Normalization: "normalization"}
    config["name"] = fixed.get(type(layer), layer.name)
    if "seed" in config:
        config["seed"] = add.seed_of(layer.name)
    for option, value in config.items():
        if option.endswith("_initializer") and "seed" in value["config"]:
            value["config"]["seed"] = add.seed_of(layer.name)
    return type(layer).from_config(config)
