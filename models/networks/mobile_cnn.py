"""A small network of depthwise separable convolutions, after MobileNet, in hand-derived layers."""

from typing import Any, Unpack

import keras

from keras_suite.models.layers.pooling import ManualGlobalAveragePooling2D
from keras_suite.models.networks.blocks import (
    Count,
    ImageShape,
    KeyedLayers,
    LayerOptions,
    Rate,
    images,
    keyed_layers,
    per_item,
)
from keras_suite.models.networks.layer_kinds import manual_layers


def mobile_cnn(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    stem: Count = 16,
    filters: tuple[Count, ...] = (32, 64, 64),
    strides: Count | tuple[Count, ...] = (1, 2, 1),
    kernel_size: Count = 3,
    dropout: Rate = 0.0,
    **layer_options: Unpack[LayerOptions],
) -> keras.Model:
    """Build a convolution, blocks of a depthwise and a 1x1 convolution, the mean over positions, and the logits.

    Every convolution is normalised before its activation (Howard et al. 2017). A block from C to K channels has
    F F C + C K kernel weights where a convolution of F x F has F F C K. With its defaults, one channel and 10 classes
    it has 9,610 parameters, 576 of them moving statistics; with plain convolutions in its blocks it would have 61,402.

    Args:
        stem: filters of the first convolution, 3x3.
        filters: of each block.
        strides: of each block's depthwise convolution; one number, or one for each block.
        kernel_size: height and width of the depthwise kernels.
        dropout: rate before the logits.
        **layer_options: see `LayerOptions`; penalties are for the other kernels, not for the depthwise ones.

    Raises:
        ValueError: if the strides are fewer or more than the blocks.
    """
    each = per_item(strides, len(filters), "strides", "filters")
    add = keyed_layers(seed, manual_layers(), **layer_options)
    inputs, x = images(input_shape)
    x = add.conv(x, stem, 3, name="stem", padding="same", normalised=True)
    for i, (count, stride) in enumerate(zip(filters, each, strict=True), 1):
        x = _block(add, x, i, count, kernel_size, stride)
    x = ManualGlobalAveragePooling2D(name="average")(x)
    x = add.dropout(x, dropout, name="dropout")
    return keras.Model(inputs, add.logits(x, classes), name="mobile_cnn")


def _block(add: KeyedLayers, x: Any, number: int, filters: int, kernel_size: int, stride: int) -> Any:
    """Apply a depthwise separable block: (B, H, W, C) -> (B, H / stride, W / stride, filters)."""
    x = add.depthwise(x, kernel_size, name=f"depthwise_{number}", strides=stride)
    return add.conv(x, filters, 1, name=f"pointwise_{number}", normalised=True)
