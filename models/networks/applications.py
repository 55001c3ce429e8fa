"""Networks of Keras Applications, and EfficientNet-Lite, with a new head."""

import copy
import functools
import random
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Unpack

import keras
from keras import layers as keras_layers
from pydantic import Field

from keras_suite.models.layers.manual_layer import PACKAGE
from keras_suite.models.networks import efficientnet_lite
from keras_suite.models.networks.backbone import HeadPooling, classification_head
from keras_suite.models.networks.blocks import (
    Count,
    ImageShape,
    KeyedLayers,
    PenaltyOptions,
    Rate,
    keyed_layers,
)
from keras_suite.models.networks.layer_implementations import Layers, with_layers
from keras_suite.models.transfer.pretrained import PretrainedBlocks, Weights, with_weights

PREPROCESSING = {
    "vgg16": keras.applications.vgg16.preprocess_input,  # BGR less ImageNet's mean
    "resnet50": keras.applications.resnet.preprocess_input,  # the same
    "mobilenet_v2": keras.applications.mobilenet_v2.preprocess_input,  # -1..1
}
LEAST_SIZE = 32  # pixels a side: below, nothing is left of the image after five halvings
LARGEST_SIZE = 1024
SeenSide = Annotated[int, Field(ge=LEAST_SIZE, le=LARGEST_SIZE)] | None


@keras.saving.register_keras_serializable(PACKAGE)
class KerasPreprocessing(keras_layers.Layer):
    """What a network of Keras Applications expects of pixels, as a layer: so a saved model takes plain images.

    RGB pixels 0..255 (B, H, W, 3) -> the same shape, by the `preprocess_input` of this network in Keras.
    """

    def __init__(self, network: str, **layer: Any) -> None:
        super().__init__(**layer)
        if network not in PREPROCESSING:
            raise ValueError(f"KerasPreprocessing: network={network!r}: expected one of {', '.join(PREPROCESSING)}")
        self.network = network

    def call(self, x: Any) -> Any:
        return PREPROCESSING[self.network](x)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "network": self.network}


@keras.saving.register_keras_serializable(PACKAGE)
class SeenAt(keras_layers.Layer):
    """Stretch images (B, H, W, C) to (B, side, side, C), bilinear.

    No `keras.layers.Resizing`: called without `training`, that tells all layers after it that they are trained, and
    batch normalisation answers by the batch.
    """

    def __init__(self, side: int, **layer: Any) -> None:
        super().__init__(**layer)
        self.side = side

    def call(self, x: Any) -> Any:
        return keras.ops.image.resize(x, (self.side, self.side), interpolation="bilinear")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "side": self.side}


def _builder(name: str, application: Callable[..., keras.Model], docstring: str) -> Callable[..., keras.Model]:
    """Return the builder of one of these networks: the backbone with a head, as one flat graph of layers.

    `seen_at` is the side in pixels that images are stretched to inside the network (bilinear): ImageNet's weights know
    things at the size at which 224 pixels show them.
    `weights`, `pretrained_blocks` say what the backbone starts from, see `with_weights`; `pooling`, `units`, `dropout`
    are the head's, see `classification_head` (ReLU in hidden layers); `l1`, `l2` are on its kernels alone. `layers` are
    kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
    """

    def build(
        input_shape: ImageShape,
        classes: int,
        seed: int,
        /,
        *,
        weights: Weights = "random",
        pretrained_blocks: PretrainedBlocks = None,
        seen_at: SeenSide = None,
        pooling: HeadPooling = "average",
        units: tuple[Count, ...] = (),
        dropout: Rate = 0.0,
        layers: Layers = (),
        **penalties: Unpack[PenaltyOptions],
    ) -> keras.Model:
        add = keyed_layers(seed, initializer="he_normal", **penalties)
        backbone = _backbone(name, application, input_shape, seen_at, add)
        logits = classification_head(add, backbone.output, classes, pooling, units, dropout)
        net = with_weights(keras.Model(backbone.input, logits, name=name), weights, pretrained_blocks)
        return with_layers(net, layers)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = docstring
    return build


vgg16 = _builder(
    "vgg16",
    keras.applications.VGG16,
    """VGG16 (Simonyan and Zisserman 2015): five blocks of 14,714,688 parameters.

    With pooling="flatten" and units=[4096, 4096], for 224x224x3 and 1,000 classes: 138,357,544 parameters.
    """,
)
resnet50 = _builder(
    "resnet50", keras.applications.ResNet50, "ResNet50 (He et al. 2016): five blocks of 23,587,712 parameters."
)
mobilenet_v2 = _builder(
    "mobilenet_v2",
    keras.applications.MobileNetV2,
    "MobileNetV2 (Sandler et al. 2018): 16 blocks of 2,257,984 parameters.",
)
efficientnet_v2_b0 = _builder(
    "efficientnet_v2_b0",
    keras.applications.EfficientNetV2B0,
    "EfficientNetV2-B0 (Tan and Le 2021): six blocks of 5,919,312 parameters.",
)
efficientnet_lite0 = _builder(
    "efficientnet_lite0",
    efficientnet_lite.application("efficientnet_lite0", width=1.0, depth=1.0),
    """EfficientNet-Lite0 (Liu 2020): seven blocks of 3,413,024 parameters.

    Its ImageNet weights are installed with the suite: no download.
    """,
)
efficientnet_lite1 = _builder(
    "efficientnet_lite1",
    efficientnet_lite.application("efficientnet_lite1", width=1.0, depth=1.1),
    "EfficientNet-Lite1 (Liu 2020): seven blocks of 4,189,344 parameters.",
)
efficientnet_lite2 = _builder(
    "efficientnet_lite2",
    efficientnet_lite.application("efficientnet_lite2", width=1.1, depth=1.2),
    "EfficientNet-Lite2 (Liu 2020): seven blocks of 4,869,168 parameters.",
)


def _backbone(
    network: str,
    application: Callable[..., keras.Model],
    input_shape: ImageShape,
    seen_at: int | None,
    add: KeyedLayers,
) -> keras.Model:
    """Build (B, H, W, 1 or 3) pixels 0..255 -> feature maps, by Keras's own network, with keyed weights."""
    channels = input_shape[-1]
    height, width = (seen_at, seen_at) if seen_at else input_shape[:2]
    if min(height, width) < LEAST_SIZE:
        raise ValueError(
            f"{network} was given images of {height}x{width} pixels and needs at least {LEAST_SIZE}x{LEAST_SIZE}: set "
            f"dataset.image_size=[{LEAST_SIZE},{LEAST_SIZE}] or more, model.seen_at={LEAST_SIZE} or more, or "
            "model.name=vgg with fewer model.blocks"
        )
    if channels not in (1, 3):
        raise ValueError(f"{network} was given images of {channels} channels and takes grey or RGB ones: 1 or 3")
    structure = copy.deepcopy(_structure(network, application, input_shape, seen_at, keras.config.dtype_policy().name))
    for layer in structure["layers"]:
        _seed(layer["config"], add)
    seeded = keras.Model.from_config(structure)
    return keras.Model(seeded.inputs[0], seeded.output, name=network)


@functools.cache
def _structure(
    network: str,
    application: Callable[..., keras.Model],
    input_shape: ImageShape,
    seen_at: int | None,
    dtype_policy: str,
) -> dict[str, Any]:
    """Return the config of the backbone, unseeded: half of the time of building it is Keras's own network.

    Args:
        network, application, input_shape, seen_at: As in `_backbone`.
        dtype_policy: The name of the policy in force, which each layer's config has.
    """
    inputs = keras.Input(input_shape, name="images")
    x = SeenAt(seen_at, dtype="float32", name="seen_at")(inputs) if seen_at else inputs
    x = keras_layers.Concatenate(name="grey_to_rgb")([x] * 3) if input_shape[-1] == 1 else x
    if network in PREPROCESSING:  # the others have their own inside
        x = KerasPreprocessing(network, dtype="float32", name="preprocess_input")(x)
    # Keras seeds each unseeded layer from the global generator, which is left as it was; none of those seeds is kept.
    state = random.getstate()
    unseeded = application(include_top=False, weights=None, input_tensor=x, input_shape=(*x.shape[1:3], 3))
    random.setstate(state)
    return _renamed(unseeded.get_config(), {layer.name: name for layer in unseeded.layers if (name := _fixed(layer))})


def _fixed(layer: keras_layers.Layer) -> str | None:
    """Return the name of a layer that Keras would name by how many there were before; None of the others."""
    return {keras_layers.Rescaling: "scale", keras_layers.Normalization: "normalization"}.get(type(layer))


def _renamed(config: Any, names: Mapping[str, str]) -> Any:
    """Return the config of a network, whose layers refer to each other by name, with these names replaced."""
    if isinstance(config, dict):
        return {key: _renamed(value, names) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(_renamed(value, names) for value in config)
    return names.get(config, config) if isinstance(config, str) else config


def _seed(layer: dict[str, Any], add: KeyedLayers) -> None:
    """Give the config of a layer the initializers and masks of a run's seed."""
    if "seed" in layer:
        layer["seed"] = add.seed_of(layer["name"])
    for option, value in layer.items():
        if option.endswith("_initializer") and "seed" in value["config"]:
            value["config"]["seed"] = add.seed_of(layer["name"])
