"""Segmentation: six convolutions of equal parameters that see little, much by dilation, or much by going down."""

from typing import Any, Literal

import keras

from keras_suite.models.layers.core import ManualAdd
from keras_suite.models.layers.pooling import ManualUpSampling2D
from keras_suite.models.networks.blocks import (
    Count,
    ImageShape,
    Initializer,
    KeyedLayers,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_kinds import manual_layers

DILATIONS = (1, 2, 4, 6, 2, 1)
LEVELS = (0, 1, 2, 2, 1, 0)  # of down and up: how often a convolution's input has been halved


def segmenter(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    context: Literal["dilated", "down_and_up", "plain"] = "dilated",
    filters: Count = 16,
    skips: bool = False,
    activation: Literal["relu", "tanh", "sigmoid", "elu", "leaky_relu"] = "relu",
    initializer: Initializer = "he_uniform",
) -> keras.Model:
    """Build six convolutions 3x3 with as many filters each, then logits of every pixel: (B, height, width, classes).

    Between each convolution and its activation stands a batch normalisation. All contexts have the same parameters and,
    for one seed, the same initial weights. An output sees 13x13 pixels (plain), 33x33 (dilated), or on each axis 30 or
    34, by where it stands (down and up).

    Args:
        classes: of a pixel, the background among them.
        context: "plain" convolves at full resolution; "dilated" does so with 0, 1, 3, 5, 1 and 0 pixels left out
            between a kernel's taps; "down_and_up" halves the maps twice by max pooling 2x2 and doubles them again by
            copying pixels: two convolutions at each resolution.
        filters: of each convolution.
        skips: with "down_and_up" the maps of the way down are added to those of the way up at each resolution.
        activation: of the six convolutions.
        initializer: of all kernels.
    """
    _check(input_shape, context, skips)
    add = keyed_layers(seed, manual_layers(), activation=activation, initializer=initializer)
    inputs, x = images(input_shape)
    x = _down_and_up(add, x, filters, skips) if context == "down_and_up" else _level(add, x, filters, context)
    return keras.Model(inputs, add.maps(x, classes, 1, name="logits", dtype="float32"), name="segmenter")


def _level(add: KeyedLayers, x: Any, filters: int, context: str) -> Any:
    """Apply all convolutions at full resolution: (B, H, W, C) -> (B, H, W, filters)."""
    for i, dilation in enumerate(DILATIONS, 1):
        rate = dilation if context == "dilated" else 1
        x = add.conv(x, filters, 3, name=f"conv_{i}", padding="same", dilation_rate=rate, normalised=True)
    return x


def _down_and_up(add: KeyedLayers, x: Any, filters: int, skips: bool) -> Any:
    """Apply each convolution at its level: (B, H, W, C) -> (B, H, W, filters)."""
    before, left = 0, {}  # the level that x is at; the maps of each level on the way down
    for i, level in enumerate(LEVELS, 1):
        if level > before:
            left[before] = x
            x = add.pool(x, "max", name=f"pooling_{level}")
        elif level < before:
            x = ManualUpSampling2D(2, name=f"upsampling_{before}")(x)
            if skips:
                x = ManualAdd(name=f"skip_{level}")([x, left[level]])
        x, before = add.conv(x, filters, 3, name=f"conv_{i}", padding="same", normalised=True), level
    return x


def _check(input_shape: ImageShape, context: str, skips: bool) -> None:
    height, width, _ = input_shape
    if skips and context != "down_and_up":
        raise ValueError(
            f"segmenter: model.skips=true needs model.context=down_and_up, and was given with {context}, which never "
            "goes down: leave it out"
        )
    halved = 2 ** max(LEVELS)
    if context == "down_and_up" and (height % halved or width % halved):
        raise ValueError(
            f"segmenter was given images of {height}x{width} pixels, which model.context=down_and_up cannot halve "
            f"twice: give sides that {halved} divides, or another model.context"
        )
