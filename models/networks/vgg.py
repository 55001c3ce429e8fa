"""VGG (Simonyan and Zisserman 2015, configuration D), at any width and for images from 2^blocks pixels up."""

from typing import Annotated, Any, Unpack

import keras
from pydantic import Field

from keras_suite.models.networks.backbone import HeadPooling, classification_head
from keras_suite.models.networks.blocks import (
    Activation,
    BatchNormalization,
    Count,
    ImageShape,
    Initializer,
    KeyedLayers,
    PenaltyOptions,
    Rate,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_implementations import Layers, with_layers
from keras_suite.models.transfer.pretrained import PretrainedBlocks, Weights, with_weights

CONVS = (2, 2, 3, 3, 3)
FILTERS = (64, 128, 256, 512, 512)

Width = Annotated[float, Field(gt=0, le=4)]
Blocks = Annotated[int, Field(ge=1, le=len(CONVS))]


def vgg(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    width: Width = 1.0,
    blocks: Blocks = 5,
    weights: Weights = "random",
    pretrained_blocks: PretrainedBlocks = None,
    pooling: HeadPooling = "average",
    units: tuple[Count, ...] = (),
    dropout: Rate = 0.0,
    batch_normalization: BatchNormalization = None,
    activation: Activation = "relu",
    initializer: Initializer = "he_normal",
    layers: Layers = (),
    **penalties: Unpack[PenaltyOptions],
) -> keras.Model:
    """Build blocks of 3x3 convolutions, each halved by 2x2 max pooling, and a head; names are those of Keras's VGG16.

    At width 1, with pooling="flatten" and units=[4096, 4096], for 224x224x3 and 1,000 classes it is VGG16: 138,357,544
    parameters, of which the five blocks have 14,714,688.

    Args:
        input_shape: at least 2^blocks pixels a side.
        width: times the filters 64, 128, 256, 512 and 512, rounded, at least 1.
        blocks: how many of the five.
        weights, pretrained_blocks: what the blocks start from, see `with_weights`.
        pooling, units, dropout: of the head, see `classification_head`.
        batch_normalization: "before_activation" after every convolution and hidden dense layer; "before_pooling" or
            "after_pooling" one for each block.
        activation: of all layers but the last.
        initializer: of all kernels.
        layers: kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
        **penalties: see `PenaltyOptions`.
    """
    if min(input_shape[:2]) < 2**blocks:
        raise ValueError(
            f"vgg was given images of {input_shape[0]}x{input_shape[1]} pixels and halves them {blocks} times: set "
            f"dataset.image_size to [{2**blocks},{2**blocks}] or more, or model.blocks to fewer"
        )
    add = keyed_layers(seed, activation=activation, initializer=initializer, **penalties)
    inputs, x = images(input_shape)
    for number in range(1, blocks + 1):
        x = _block(add, x, number, max(1, round(width * FILTERS[number - 1])), batch_normalization)
    everywhere = batch_normalization == "before_activation"
    logits = classification_head(add, x, classes, pooling, units, dropout, normalised=everywhere)
    net = with_weights(keras.Model(inputs, logits, name="vgg"), weights, pretrained_blocks)
    return with_layers(net, layers)


def _block(add: KeyedLayers, x: Any, number: int, filters: int, batch_normalization: BatchNormalization) -> Any:
    """Apply a block: (B, H, W, C) -> (B, H // 2, W // 2, filters)."""
    for conv in range(1, CONVS[number - 1] + 1):
        name = f"block{number}_conv{conv}"
        x = add.conv(x, filters, 3, name=name, padding="same", normalised=batch_normalization == "before_activation")
    if batch_normalization == "before_pooling":
        x = add.batch_normalization(x, name=f"block{number}_normalization")
    x = add.pool(x, "max", name=f"block{number}_pool")
    if batch_normalization == "after_pooling":
        x = add.batch_normalization(x, name=f"block{number}_normalization")
    return x
