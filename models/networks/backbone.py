"""The two parts of a transfer network: the backbone, in blocks, and the classification head on its feature maps."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import layers

from keras_suite.models.networks.blocks import KeyedLayers

HeadPooling = Literal["average", "max", "flatten"]

FEATURES = "features"  # the head's first layer: what comes before it is the backbone


def classification_head(
    add: KeyedLayers,
    x: Any,
    classes: int,
    pooling: HeadPooling,
    units: Sequence[int],
    dropout: float,
    normalised: bool = False,
) -> Any:
    """Build a head: feature maps (B, H, W, C) -> logits (B, classes).

    Pooling, hidden dense layers, dropout before each dense layer. The first layer is named "features".

    Args:
        add: creates the layers.
        x: the feature maps.
        classes: number of logits.
        pooling: "average" or "max" over all positions returns (B, C), whatever the image's size; "flatten" keeps where
            things are, (B, H * W * C).
        units: of each hidden dense layer.
        dropout: rate before each dense layer.
        normalised: whether a batch normalisation stands before each hidden activation.
    """
    kinds = {"average": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D, "flatten": layers.Flatten}
    x = kinds[pooling](name=FEATURES)(x)
    for number, count in enumerate(units, 1):
        x = add.dropout(x, dropout, name=f"dense_{number}_dropout")
        x = add.dense(x, count, name=f"dense_{number}", normalised=normalised)
    x = add.dropout(x, dropout, name="logits_dropout")
    return add.logits(x, classes)


_NUMBER = re.compile(r"(?:block_?|conv)(\d+)")  # of vgg, vgg16, alexnet, resnet50, mobilenet_v2, efficientnet_v2_b0


def backbone_layers(model: keras.Model) -> tuple[keras.layers.Layer, ...]:
    """Return all layers before the head, inputs first.

    Raises:
        ValueError: if the network has no head that can be recognised.
    """
    names = [layer.name for layer in model.layers]
    if FEATURES not in names:
        raise ValueError(
            f"{model.name} has no backbone that could be taken over or frozen: choose a network whose head begins with "
            f"a layer named {FEATURES!r}, for example model.name=vgg16"
        )
    return tuple(model.layers[: names.index(FEATURES)])


def blocks(model: keras.Model) -> tuple[tuple[keras.layers.Layer, ...], ...]:
    """Return the backbone's layers by the number in their names: ((block 1), (block 2), …), together `backbone_layers`.

    Layers without a number belong to the block before them (`top_conv` to the last), the stem to the first. Five blocks
    of VGG, AlexNet and ResNet50, six of EfficientNetV2-B0, sixteen of MobileNetV2.
    """
    by_number: dict[int, list[keras.layers.Layer]] = {}
    current: int | None = None
    stem: list[keras.layers.Layer] = []
    for layer in backbone_layers(model):
        number = _NUMBER.match(layer.name)
        current = int(number[1]) if number else current
        (stem if current is None else by_number.setdefault(current, [])).append(layer)
    groups = [by_number[number] for number in sorted(by_number)] or [[]]
    return tuple(map(tuple, [stem + groups[0], *groups[1:]]))
