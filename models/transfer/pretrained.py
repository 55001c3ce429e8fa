"""Start a network from weights that were trained elsewhere: its backbone takes them over, layer by layer."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import keras
from pydantic import Field

from keras_suite.models.networks.backbone import blocks
from keras_suite.models.transfer.imagenet_weights import imagenet_network, imagenet_weights
from keras_suite.models.transfer.weights_files import Arrays, WeightsFile, opened, values

Weights = Annotated[str, Field(min_length=1)]
PretrainedBlocks = Annotated[int, Field(ge=0)] | None

_PREPARES_PIXELS = ("Rescaling", "Normalization", "KerasPreprocessing")
_MARKS = {
    "conv2_block1_1_conv": "resnet50",
    "block_1_expand": "mobilenet_v2",
    "_conv_stem": "efficientnet_lite0, 1 or 2",
    "block1a_depthwise_conv": "efficientnet_lite0, 1 or 2",
    "block1a_project_conv": "efficientnet_v2_b0",
}


def with_weights(model: keras.Model, weights: str, pretrained_blocks: int | None) -> keras.Model:
    """Return the same model after blocks of its backbone have taken over weights.

    Args:
        model: the network, with random weights.
        weights: "random" (it stays as it is), "imagenet" (Keras's file, downloaded if it is missing, or that of an
            installed package), or the path of a .h5 file in Keras's older layout, of a .weights.h5, or of a .keras
            model, whose layers go by name. Files may hold more: heads are left out.
        pretrained_blocks: how many blocks, from the first on; None for all.

    Raises:
        ValueError, OSError: say what is wrong, and name the first layer that does not fit.
    """
    if weights == "random":
        if pretrained_blocks is not None:
            raise ValueError(
                f"model.pretrained_blocks={pretrained_blocks} needs weights to take over: set model.weights, too"
            )
        return model
    own = blocks(model)
    if pretrained_blocks is not None and pretrained_blocks > len(own):
        raise ValueError(f"model.pretrained_blocks={pretrained_blocks}: {model.name} has {len(own)} blocks")
    path = imagenet_weights(model.name) if weights == "imagenet" else Path(os.path.expanduser(weights))
    with opened(path) as file:
        _require_same_pixels(model, file)
        arrays = _by_layer(_weighted(own), file)
        for layer in _weighted(own[:pretrained_blocks]):
            _require_fit(layer, arrays.get(layer.name), model, file)
            layer.set_weights(values(file, arrays[layer.name]))
    return model


def _weighted(groups: Sequence[Sequence[keras.layers.Layer]]) -> list[keras.layers.Layer]:
    return [layer for group in groups for layer in group if layer.weights]


def _by_layer(layers: Sequence[keras.layers.Layer], file: WeightsFile) -> Mapping[str, Arrays]:
    """Return the file's arrays by the backbone's layer names.

    By order, as Keras reads it, where an older file has other names.
    """
    if not file.ordered or all(layer.name in file.layers for layer in layers):
        return file.layers
    in_order = dict(zip([layer.name for layer in layers], file.layers.values(), strict=False))
    fits = len(in_order) == len(layers) and all(
        _shapes(in_order[layer.name]) == _shapes(layer.weights) for layer in layers
    )
    return in_order if fits else file.layers


def _require_fit(layer: keras.layers.Layer, arrays: Arrays | None, model: keras.Model, file: WeightsFile) -> None:
    here, there = _shapes(layer.weights), _shapes(arrays or ())
    if here != there:
        shapes = " and ".join(map(str, there)) or "missing"
        raise ValueError(
            f"{file.path} does not fit {model.name}: layer {layer.name!r} is {shapes} there and "
            f"{' and '.join(map(str, here))} here; the file is of {_description(file)}"
        )


def _require_same_pixels(model: keras.Model, file: WeightsFile) -> None:
    """Raise ValueError if the weights were trained on pixels that were scaled otherwise; a .h5 file does not tell."""
    if file.layer_configs is not None:
        there = _pixels([(each["class_name"], each["config"]) for each in file.layer_configs])
        if there != _pixels([(type(layer).__name__, layer.get_config()) for layer in model.layers]):
            raise ValueError(
                f"{file.path} was trained on pixels that are scaled otherwise than those of {model.name}; the file is "
                f"of {_description(file)}"
            )
    elif (network := imagenet_network(file.path)) not in (None, model.name):
        raise ValueError(
            f"{file.path} holds the ImageNet weights of {network}, whose pixels are scaled otherwise than those of "
            f"{model.name}: set model.name={network}"
        )


def _pixels(layers: Sequence[tuple[str, Mapping[str, Any]]]) -> Any:
    """Return what is done to the pixels, comparable: kinds of layers and their options."""
    left_out = ("name", "dtype", "trainable")
    chosen = [
        (kind, {option: value for option, value in config.items() if option not in left_out})
        for kind, config in layers
        if kind in _PREPARES_PIXELS
    ]
    return json.loads(json.dumps(chosen))  # lists for tuples, as in a file


def _description(file: WeightsFile) -> str:
    """Return the network that the file's weights are of, with the options that its layers tell."""
    for layer, network in _MARKS.items():
        if layer in file.layers:
            return f"model.name={network}"
    first = _shapes(file.layers.get("block1_conv1", ()))
    if not first or len(first[0]) != 4 or not all(first[0]):
        return f"another network, with layers {', '.join(list(file.layers)[:3])}, …"
    size, _, channels, _ = first[0]
    images = f" for images of {channels} channel{'' if channels == 1 else 's'}"
    if size == 11:
        return f"model.name=alexnet{images}"
    if file.layer_configs and any(each["class_name"] == "KerasPreprocessing" for each in file.layer_configs):
        return "model.name=vgg16"
    count = max(int(name[5]) for name in file.layers if re.fullmatch(r"block[1-9]_conv1", name))
    last = (_shapes(file.layers[f"block{count}_conv1"])[0] or (0,))[-1]  # rounding hides least of the width in it
    options = f"model.name=vgg with model.width={last / min(64 * 2 ** (count - 1), 512):g} model.blocks={count}"
    if "block1_conv1_normalization" in file.layers:
        options += " model.batch_normalization=before_activation"
    elif "block1_normalization" in file.layers:
        options += " model.batch_normalization=before_pooling or after_pooling"
    return options + images


def _shapes(arrays: Sequence[Any]) -> list[tuple[int, ...]]:
    return [tuple(array.shape) for array in arrays]
