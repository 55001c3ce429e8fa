"""AlexNet (Krizhevsky et al. 2012) in one tower, where the paper's is split over two GPUs."""

from typing import Unpack

import keras

from keras_suite.models.networks.backbone import HeadPooling, classification_head
from keras_suite.models.networks.blocks import (
    Activation,
    Count,
    ImageShape,
    Initializer,
    PenaltyOptions,
    Rate,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_implementations import Layers, with_layers
from keras_suite.models.transfer.pretrained import PretrainedBlocks, Weights, with_weights

LEAST_SIZE = 67  # pixels a side: 67 -> 15 -> 7 -> 3 -> 1 position


def alexnet(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    weights: Weights = "random",
    pretrained_blocks: PretrainedBlocks = None,
    pooling: HeadPooling = "flatten",
    units: tuple[Count, ...] = (4096, 4096),
    dropout: Rate = 0.5,
    activation: Activation = "relu",
    initializer: Initializer = "he_normal",
    layers: Layers = (),
    **penalties: Unpack[PenaltyOptions],
) -> keras.Model:
    """Build AlexNet: five convolutions, each one block, and three dense layers.

    It has 62,378,344 parameters for 227x227x3 and 1,000 classes.

    227x227x3 -> 11x11, stride 4: 55x55x96 -> pooling 27x27 -> 5x5: 27x27x256 -> pooling 13x13 -> 3x3: 13x13x384 ->
    3x3: 13x13x384 -> 3x3: 13x13x256 -> pooling 6x6x256 = 9,216 -> 4,096 -> 4,096 -> 1,000. Pooling is over 3x3 with
    stride 2, so windows overlap. Two things are not the paper's: convolutions see all channels (its two GPUs split
    three of the five in halves: 60,965,224 parameters), and local response normalisation is left out, which Simonyan
    and Zisserman (2015) found to cost memory and time without any gain in accuracy.

    Args:
        input_shape: at least 67 pixels a side.
        weights, pretrained_blocks: what the convolutions start from, see `with_weights`.
        pooling, units, dropout: of the head, see `classification_head`.
        activation: of all layers but the last.
        initializer: of all kernels.
        layers: kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
        **penalties: see `PenaltyOptions`.
    """
    if min(input_shape[:2]) < LEAST_SIZE:
        raise ValueError(
            f"alexnet was given images of {input_shape[0]}x{input_shape[1]} pixels and needs at least "
            f"{LEAST_SIZE}x{LEAST_SIZE}: set dataset.image_size=[{LEAST_SIZE},{LEAST_SIZE}] or more, or model.name=vgg"
        )
    add = keyed_layers(seed, activation=activation, initializer=initializer, **penalties)
    inputs, x = images(input_shape)
    x = add.conv(x, 96, 11, name="block1_conv1", strides=4)
    x = add.pool(x, "max", name="block1_pool", pool_size=3)
    x = add.conv(x, 256, 5, name="block2_conv1", padding="same")
    x = add.pool(x, "max", name="block2_pool", pool_size=3)
    x = add.conv(x, 384, 3, name="block3_conv1", padding="same")
    x = add.conv(x, 384, 3, name="block4_conv1", padding="same")
    x = add.conv(x, 256, 3, name="block5_conv1", padding="same")
    x = add.pool(x, "max", name="block5_pool", pool_size=3)
    logits = classification_head(add, x, classes, pooling, units, dropout)
    net = with_weights(keras.Model(inputs, logits, name="alexnet"), weights, pretrained_blocks)
    return with_layers(net, layers)
