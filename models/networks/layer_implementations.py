"""Hand-derived layers in the place of Keras's, kind by kind: the option `layers` of networks that are built of Keras's.

Both compute the same but for rounding, from the same weights. Which is faster depends on the processor. So "fastest"
stands for kinds that `run` and `tune` measure before they plan (experiments/fastest_layers/); the Config of a run holds
the kinds themselves, and whoever reads it builds the same network.
"""

import inspect
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Annotated, Any, Literal, get_args

import keras
from keras import layers
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from keras_suite.models.layers.convolution import ManualConv2D, ManualConv3D
from keras_suite.models.layers.core import ManualActivation, ManualDense
from keras_suite.models.layers.manual_layer import ACTIVATIONS, ManualLayer
from keras_suite.models.layers.normalization import ManualBatchNormalization
from keras_suite.models.layers.pooling import ManualAveragePooling2D, ManualGlobalAveragePooling2D, ManualMaxPooling2D
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown

Kind = Literal[
    "conv2d",
    "conv2d_1x1",
    "conv2d_strided",
    "conv2d_dilated",
    "conv2d_grouped",
    "conv3d",
    "depthwise_conv2d",
    "dense",
    "batch_normalization",
    "activation",
    "max_pooling2d",
    "average_pooling2d",
    "global_average_pooling2d",
]
KINDS: tuple[str, ...] = get_args(Kind)
FASTEST = "fastest"
# Their masks are equal, too; but the suite's own Dropout lets the trials of a sweep share a graph.
_MANUAL: dict[type[layers.Layer], tuple[str, type[ManualLayer]]] = {
    layers.Conv2D: ("conv2d", ManualConv2D),
    layers.Conv3D: ("conv3d", ManualConv3D),
    layers.DepthwiseConv2D: ("depthwise_conv2d", ManualDepthwiseConv2D),
    layers.Dense: ("dense", ManualDense),
    layers.BatchNormalization: ("batch_normalization", ManualBatchNormalization),
    layers.Activation: ("activation", ManualActivation),
    layers.MaxPooling2D: ("max_pooling2d", ManualMaxPooling2D),
    layers.AveragePooling2D: ("average_pooling2d", ManualAveragePooling2D),
    layers.GlobalAveragePooling2D: ("global_average_pooling2d", ManualGlobalAveragePooling2D),
}
_DERIVED = (None, "linear", *(name for name in ACTIVATIONS if name != "softmax"))  # Keras's softmax keeps its logits


def _checked(value: Any) -> Any:
    """Return the kinds in the order of `KINDS`, each once, so that equal choices are equal; "fastest" as it is."""
    if value == FASTEST:
        return value
    if not isinstance(value, list | tuple):
        raise _refused(f'expected {FASTEST!r}, or kinds of layers in brackets, such as ["dense"]')
    for each in value:
        if each not in KINDS:
            raise _refused(unknown("kind of layers", each if isinstance(each, str) else shown(each), KINDS))
    return tuple(kind for kind in KINDS if kind in value)


def _refused(reason: str) -> PydanticCustomError:
    return PydanticCustomError("layers", "{reason}", {"reason": reason})


Layers = Annotated[Literal["fastest"] | tuple[Kind, ...], BeforeValidator(_checked)]


def with_layers(model: keras.Model, chosen: Literal["fastest"] | Sequence[str]) -> keras.Model:
    """Return the network with hand-derived layers of these kinds: the same names, weights and masks.

    Args:
        model: A network of Keras's layers.
        chosen: Kinds of `KINDS`. Those that the network does not have change nothing, so the trials of a sweep, whose
            networks differ, can share a choice.

    Raises:
        ValueError: for "fastest", which has to be measured first.
    """
    if chosen == FASTEST:
        raise ValueError(
            "model.layers=fastest stands for kinds of layers that only run and tune measure: give kinds here, for "
            "example --set 'model.layers=[\"batch_normalization\"]', or [] for Keras's layers"
        )
    if not {*chosen} & {*kinds_in(model)}:
        return model
    copy = keras.models.clone_model(model, clone_function=partial(_copied, chosen=chosen))
    copy.set_weights(model.get_weights())
    return copy


def kinds_in(model: keras.Model) -> tuple[str, ...]:
    """Return the kinds of layers of the network that there are hand-derived ones for, in the order of `KINDS`."""
    found = {kind_of(layer) for layer in model.layers}
    return tuple(kind for kind in KINDS if kind in found)


def kind_of(layer: layers.Layer) -> str | None:
    """Return the kind of a layer of Keras's; None if no hand-derived one can take its place."""
    if type(layer) not in _MANUAL:
        return None
    kind, manual = _MANUAL[type(layer)]
    config = layer.get_config()
    defaults = inspect.signature(type(layer)).parameters
    missing = {key: value for key, value in config.items() if key not in _arguments(manual)}
    if any(key not in defaults or defaults[key].default != value for key, value in missing.items()):
        return None
    if config.get("activation") not in _DERIVED:
        return None
    return _of_convolution(config) if kind == "conv2d" else kind


def _of_convolution(config: dict[str, Any]) -> str:
    """Return what a 2-D convolution is measured as: which is faster differs between these."""
    if config["groups"] > 1:
        return "conv2d_grouped"
    if max(config["dilation_rate"]) > 1:
        return "conv2d_dilated"
    if max(config["strides"]) > 1:
        return "conv2d_strided"
    return "conv2d_1x1" if max(config["kernel_size"]) == 1 else "conv2d"


def _copied(layer: layers.Layer, chosen: Collection[str]) -> layers.Layer:
    """Return a hand-derived layer with the arguments of one of Keras's, if it is of a chosen kind, else a copy."""
    config = layer.get_config()
    if kind_of(layer) not in chosen:
        return type(layer).from_config(config)
    _, manual = _MANUAL[type(layer)]
    fused = {"fused": True} if "fused" in _arguments(manual) else {}
    create: Callable[[dict[str, Any]], layers.Layer] = manual.from_config
    return create({key: value for key, value in config.items() if key in _arguments(manual)} | fused)


def _arguments(manual: type[ManualLayer]) -> set[str]:
    own = {name for kind in manual.__mro__ for name in vars(kind).get("arguments", ())}
    return own | {"name", "trainable", "dtype"}
