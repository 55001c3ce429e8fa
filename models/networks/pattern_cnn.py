"""Convolutional networks of one pattern: INPUT -> [(CONV -> RELU) x N -> POOL?] x M -> [FC -> RELU] x K -> FC."""

import functools
from typing import Annotated, Any, Literal, Unpack

import keras
from keras import layers as keras_layers
from pydantic import Field

from keras_suite.models.layers.convolution import ManualConv2D
from keras_suite.models.layers.coordinates import CoordinateChannels, SpatialSoftmax
from keras_suite.models.layers.core import ManualActivation
from keras_suite.models.networks.blocks import (
    BatchNormalization,
    Count,
    Downsample,
    ImageShape,
    KeyedLayers,
    Rate,
    SpreadLayerOptions,
    images,
    keyed_layers,
    per_item,
)
from keras_suite.models.networks.layer_implementations import Layers, with_layers
from keras_suite.models.networks.layer_kinds import LayerKinds


def pattern_cnn(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    convs: Annotated[int, Field(ge=0, le=50)] = 1,
    blocks: Annotated[int, Field(ge=0, le=50)] = 2,
    dense_layers: Annotated[int, Field(ge=0, lt=3)] = 1,
    filters: Count | tuple[Count, ...] = 32,
    kernel_size: Count = 3,
    dilation: Count = 1,
    padding: Literal["same", "valid"] = "same",
    padding_mode: Literal["zeros", "reflect", "edge"] = "zeros",
    downsample: Downsample = "max",
    residual: bool = False,
    coordinates: bool = False,
    pooling: Literal["flatten", "average", "place"] = "flatten",
    units: Count | tuple[Count, ...] = 128,
    dropout: Rate = 0.0,
    dense_dropout: Rate = 0.0,
    batch_normalization: BatchNormalization = None,
    output_activation: Literal["linear", "softmax"] = "linear",
    layers: Layers = (),
    **layer_options: Unpack[SpreadLayerOptions],
) -> keras.Model:
    """Build N convolutions and a pooling, M times; then K hidden dense layers and the logits. Any may be 0.

    Source of the pattern: CS231n, Convolutional Networks, layer patterns.

    Args:
        convs: N, convolutions in a block.
        blocks: M, blocks.
        dense_layers: K, hidden dense layers; at most 2.
        filters: of each convolution; one number, or one for each block.
        kernel_size: height and width of each kernel.
        dilation: pixels between neighbouring weights of a kernel, which then spans (kernel_size - 1) * dilation + 1
            (Yu and Koltun 2016); Keras has no strides beside it.
        padding: "same" keeps the size; "valid" takes the kernel's span less 1 off height and width per convolution.
        padding_mode: what "same" padding continues the image with: "zeros", its mirror image ("reflect", without the
            border itself), or its border ("edge"). The last two are hand-derived convolutions.
        downsample: how a block halves height and width: 2x2 "max" or "average" pooling (an odd last row is left out),
            stride 2 in its last convolution (rounds up under "same" padding; Springenberg et al. 2015), or "none".
            With convs=0 there is no convolution to stride, and such a block does nothing.
        residual: adds what goes into a pair of convolutions to what comes out of it, before its last activation: y =
            relu(f(x) + x) (He et al. 2015), around every pair that keeps height, width and channels. So at least
            convs=2, and where the channels change the first pair of a block has none.
        coordinates: gives the first convolution each pixel's place as two more channels, see `CoordinateChannels`.
        pooling: what the dense layers get of the last feature maps. "flatten" is every value at every position;
            "average" the mean over all positions, which keeps what there is and not where; "place" where each channel
            is strong and not how much, see `SpatialSoftmax`.
        units: of each hidden dense layer; one number, or one for each.
        dropout: rate at the end of each block.
        dense_dropout: rate after each hidden dense layer.
        batch_normalization: "before_pooling" or "after_pooling" puts one layer in each block directly before or after
            its pooling (the same place where nothing is pooled). "before_activation" puts one between each convolution
            or hidden dense layer and its activation, as the original paper has it.
        output_activation: "linear" gives logits, which every loss here expects. "softmax" gives probabilities, which
            the loss then takes for logits: a classic mistake, here to be shown (experiments/catalog/losses.py).
        layers: kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
        **layer_options: see `SpreadLayerOptions`.

    Raises:
        ValueError: if the image gets too small for another block, or a list has the wrong length.
    """
    block_filters = per_item(filters, blocks, "filters", "blocks")
    hidden_units = per_item(units, dense_layers, "units", "dense_layers")
    if dilation > 1 and downsample == "stride":
        raise ValueError("model.dilation above 1 does not go with model.downsample=stride: choose max or average")
    span = (kernel_size - 1) * dilation + 1
    add = keyed_layers(seed, _kinds(padding, padding_mode), **layer_options)
    everywhere = batch_normalization == "before_activation"
    if residual:
        _check_residual(convs, padding, layer_options.get("activation"))
    inputs, x = images(input_shape)
    start = x  # of the pair of convolutions at hand
    if coordinates:
        x = CoordinateChannels(name="coordinates")(x)
    for i in range(1, blocks + 1):
        place = f"block {i} of {blocks}"
        for j in range(1, convs + 1):
            strides = 2 if downsample == "stride" and j == convs else 1
            start = x if j % 2 else start
            _require(x, max(strides, span if padding == "valid" else 1), input_shape, place)
            x = add.conv(
                x,
                block_filters[i - 1],
                kernel_size,
                name=f"conv_{i}_{j}",
                strides=strides,
                padding=padding,
                dilation_rate=dilation,
                normalised=everywhere,
                shortcut=start if residual and _keeps(start, block_filters[i - 1], strides, j) else None,
            )
        if batch_normalization == "before_pooling":
            x = add.batch_normalization(x, name=f"normalization_{i}")
        if downsample in ("max", "average"):
            _require(x, 2, input_shape, place)
            x = add.pool(x, downsample, name=f"pooling_{i}")
        if batch_normalization == "after_pooling":
            x = add.batch_normalization(x, name=f"normalization_{i}")
        x = add.dropout(x, dropout, name=f"dropout_{i}")
    x = _pooled(add, x, pooling)
    for i, count in enumerate(hidden_units, 1):
        x = add.dense(x, count, name=f"dense_{i}", normalised=everywhere)
        x = add.dropout(x, dense_dropout, name=f"dense_dropout_{i}")
    outputs = add.logits(x, classes)
    if output_activation == "softmax":
        # Keras's own softmax remembers its logits, and a loss from logits takes those: the mistake would be mended.
        outputs = ManualActivation("softmax", dtype="float32", name="probabilities")(outputs)
    return with_layers(keras.Model(inputs, outputs, name="pattern_cnn"), layers)


def _keeps(start: Any, filters: int, strides: int, number: int) -> bool:
    """Return whether a block's convolution of that number ends a pair that keeps height, width and channels."""
    return number % 2 == 0 and strides == 1 and start.shape[-1] == filters


def _check_residual(convs: int, padding: str, activation: str | None) -> None:
    """Raise ValueError where no pair of convolutions has a shortcut."""
    if convs < 2:
        raise ValueError(f"model.residual goes around pairs of convolutions, and model.convs={convs}: set 2 or more")
    if padding == "valid":
        raise ValueError("model.residual needs maps that keep their size, and model.padding=valid: set padding=same")
    if activation == "maxout":
        raise ValueError(
            "model.residual does not go with model.activation=maxout, which halves the channels: take relu"
        )


def _pooled(add: KeyedLayers, x: Any, pooling: str) -> Any:
    """Pool feature maps (B, H, W, C) -> (B, H * W * C), (B, C) or (B, 2 C)."""
    if pooling == "flatten":
        return add.flatten(x)
    return (keras_layers.GlobalAveragePooling2D if pooling == "average" else SpatialSoftmax)(name=pooling)(x)


def _kinds(padding: str, padding_mode: str) -> LayerKinds:
    """Return Keras's layers, or with a padding mode other than zeros a convolution that pads so."""
    if padding_mode == "zeros":
        return LayerKinds()
    if padding == "valid":
        raise ValueError(
            f"model.padding_mode={padding_mode} does nothing with model.padding=valid, which pads nothing: set "
            "model.padding=same, or leave padding_mode out"
        )
    return LayerKinds(conv2d=functools.partial(ManualConv2D, padding_mode=padding_mode))


def _require(x: Any, least: int, input_shape: ImageShape, place: str) -> None:
    """Raise ValueError if height or width of x is below `least`."""
    height, width = x.shape[1:3]
    if min(height, width) < least:
        raise ValueError(
            f"pattern_cnn: images of {input_shape[0]}x{input_shape[1]} pixels have shrunk to {height}x{width} in "
            f"{place}, too small to go on (at least {least}x{least}): set fewer model.blocks, a larger "
            "dataset.image_size, model.padding=same or model.downsample=none"
        )
