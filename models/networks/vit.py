"""A small vision transformer in hand-derived layers: patches, their positions, and blocks of attention."""

from dataclasses import replace
from typing import Annotated, Any, Unpack

import keras
from pydantic import Field

from keras_suite.models.layers.attention import ManualMultiHeadAttention, ManualPositionEmbedding
from keras_suite.models.layers.core import ManualAdd
from keras_suite.models.layers.normalization import ManualLayerNormalization
from keras_suite.models.layers.pooling import ManualGlobalAveragePooling2D
from keras_suite.models.networks.blocks import (
    Count,
    ImageShape,
    KeyedLayers,
    LayerOptions,
    Rate,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_kinds import manual_layers

SPREAD_OF_POSITIONS = 0.02  # the standard deviation that they begin with, as in the source


def vit(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    patch_size: Count = 2,
    width: Count = 32,
    blocks: Annotated[int, Field(ge=0, le=50)] = 2,
    heads: Count = 4,
    units: Count = 64,
    dropout: Rate = 0.0,
    attention_dropout: Rate = 0.0,
    **layer_options: Unpack[LayerOptions],
) -> keras.Model:
    """Build patches, a learned position for each, blocks of attention and two dense layers, and the logits.

    Both halves of a block are normalised first and added to what came in; the logits see the mean over all patches, not
    a patch of their own (Dosovitskiy et al. 2021; the mean is their alternative). The patches stay an image of
    height / patch_size rows. With its defaults, for 8x8 pixels and 10 classes, it has 18,154 parameters.

    Args:
        patch_size: height and width of a patch, which divides those of the image.
        width: features of a patch, a multiple of the heads.
        blocks: how many.
        heads: of each attention, of width / heads features.
        units: of the first dense layer of a block, whose activation is that of `LayerOptions`; the second has `width`.
        dropout: rate after each attention and each pair of dense layers.
        attention_dropout: rate of the attention's weights.
        **layer_options: see `LayerOptions`.

    Raises:
        ValueError: if the patches do not divide the image, or the heads the width.
    """
    height, breadth, _ = input_shape
    if height % patch_size or breadth % patch_size:
        raise ValueError(
            f"vit was given images of {height}x{breadth} pixels, which model.patch_size={patch_size} does not divide: "
            "choose a divisor of both, or set dataset.image_size"
        )
    if width % heads:
        raise ValueError(f"model.width={width} is no multiple of model.heads={heads}: choose one that is")
    add = keyed_layers(seed, manual_layers(), **layer_options)
    linear = replace(add, activation="linear")
    inputs, x = images(input_shape)
    x = linear.conv(x, width, patch_size, name="patches", strides=patch_size)
    start = keras.initializers.RandomNormal(stddev=SPREAD_OF_POSITIONS, seed=add.seed_of("positions"))
    x = ManualPositionEmbedding(start, name="positions")(x)
    for i in range(1, blocks + 1):
        y = ManualLayerNormalization(name=f"normalization_{i}a")(x)
        y = _attention(add, y, heads, attention_dropout, name=f"attention_{i}")
        x = ManualAdd(name=f"add_{i}a")([x, add.dropout(y, dropout, name=f"dropout_{i}a")])
        y = ManualLayerNormalization(name=f"normalization_{i}b")(x)
        y = linear.dense(add.dense(y, units, name=f"dense_{i}a"), width, name=f"dense_{i}b")
        x = ManualAdd(name=f"add_{i}b")([x, add.dropout(y, dropout, name=f"dropout_{i}b")])
    x = ManualLayerNormalization(name="normalization")(x)
    x = ManualGlobalAveragePooling2D(name="average")(x)
    return keras.Model(inputs, add.logits(x, classes), name="vit")


def _attention(add: KeyedLayers, x: Any, heads: int, rate: float, *, name: str) -> Any:
    """Apply attention of all places to all: (B, H, W, C) -> (B, H, W, C)."""
    options = {"dropout": rate, "seed": add.seed_of(name), **add.kernel_options(name)}
    return ManualMultiHeadAttention(heads, x.shape[-1] // heads, name=name, **options)(x, x)
