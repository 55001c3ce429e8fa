"""The backbone of a network, and its blocks: what transfer learning takes over, and what it freezes."""

import re

import keras

from keras_suite.models.networks.head import FEATURES

_NUMBER = re.compile(r"(?:block_?|conv)(\d+)")  # of vgg, vgg16, alexnet, resnet50, mobilenet_v2, efficientnet_v2_b0


def backbone_layers(model: keras.Model) -> tuple[keras.layers.Layer, ...]:
    """All layers before the head, inputs first. ValueError if the network has no head that is told from the rest."""
    names = [layer.name for layer in model.layers]
    if FEATURES not in names:
        raise ValueError(
            f"{model.name} has no backbone that could be taken over or frozen: choose a network whose head begins with "
            f"a layer named {FEATURES!r}, for example model.name=vgg16"
        )
    return tuple(model.layers[: names.index(FEATURES)])


def blocks(model: keras.Model) -> tuple[tuple[keras.layers.Layer, ...], ...]:
    """The backbone's layers by the number in their names: ((block 1), (block 2), …), together `backbone_layers`.

    Layers without a number belong to the block before them (`top_conv` to the last), the stem to the first. Five blocks
    of VGG, AlexNet and ResNet50, six of EfficientNetV2-B0, sixteen of MobileNetV2.
    """
    found: dict[int, list[keras.layers.Layer]] = {}
    current: int | None = None
    stem: list[keras.layers.Layer] = []
    for layer in backbone_layers(model):
        number = _NUMBER.match(layer.name)
        current = int(number[1]) if number else current
        (stem if current is None else found.setdefault(current, [])).append(layer)
    groups = [found[number] for number in sorted(found)] or [[]]
    return tuple(map(tuple, [stem + groups[0], *groups[1:]]))
