"""A convolutional autoencoder of hand-derived layers: down to a small code, and up again in one of three ways."""

from typing import Annotated, Any, Literal

import keras
from keras import layers
from pydantic import Field

from keras_suite.models.layers.core import ManualActivation
from keras_suite.models.layers.pooling import ManualMaxPooling2D, ManualMaxUnpooling2D, ManualUpSampling2D
from keras_suite.models.networks.blocks import (
    Count,
    ImageShape,
    Initializer,
    KeyedLayers,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_kinds import manual_layers

Up = Literal["nearest", "transposed", "unpooling"]


def autoencoder(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    up: Up = "nearest",
    filters: tuple[Count, ...] = (16, 32),
    code: Annotated[int, Field(ge=0)] = 4,
    activation: Literal["relu", "tanh", "sigmoid", "elu", "leaky_relu"] = "relu",
    initializer: Initializer = "he_uniform",
) -> keras.Model:
    """Build an autoencoder: 3x3 convolutions and 2x2 max pooling down to a code, and the same way back to pixels 0..1.

    Every way up has as many parameters, and kernels 3x3 that make each step's maps: they differ in what those see.

    Args:
        classes: channels of the reconstructed pixels.
        up: "nearest" copies each value into a block of 2x2 and convolves; "unpooling" puts each value back where the
            maximum was on the way down, with zeros around it, and convolves: those positions go past the code;
            "transposed" convolves transposed with stride 2, which is unpooling to the lower right of every block and
            convolving: the same without the positions.
        filters: of the convolutions on the way down; the way up has them in reverse.
        code: channels of the code at the lowest resolution, linear. 0, for unpooling alone, passes on a 1 in its place:
            all that comes back then was in the remembered positions.
        activation: of all convolutions but those that make the code and the pixels.
        initializer: of all kernels.
    """
    _check(input_shape, up, filters, code)
    add = keyed_layers(seed, manual_layers(), activation=activation, initializer=initializer)
    inputs, x = images(input_shape)
    indices: dict[int, Any] = {}
    for i, count in enumerate(filters, 1):
        x = add.conv(x, count, 3, name=f"down_{i}", padding="same")
        if up == "unpooling":
            x, indices[i] = ManualMaxPooling2D(2, return_indices=True, name=f"pooling_{i}")(x)
        else:
            x = add.pool(x, "max", name=f"pooling_{i}")
    x = add.maps(x, max(code, 1), 1, name="code")
    if not code:
        x = layers.Rescaling(0.0, 1.0, name="no_code")(x)
    x = add.conv(x, filters[-1], 1, name="decode")
    for i in range(len(filters), 0, -1):
        x = _doubled(add, x, filters[max(i - 2, 0)], up, indices.get(i), i)
    x = add.maps(x, classes, 3, name="pixels")
    pixels = ManualActivation("sigmoid", dtype="float32", name="reconstruction")(x)
    return keras.Model(inputs, pixels, name="autoencoder")


def _doubled(add: KeyedLayers, x: Any, filters: int, up: str, indices: Any, step: int) -> Any:
    """Go one step up, (B, h, w, c) -> (B, 2 h, 2 w, filters); `indices` are of the maxima of the same step down."""
    if up == "transposed":
        return add.conv_transpose(x, filters, 3, name=f"up_{step}", strides=2)
    if up == "unpooling":
        size = [2 * side for side in x.shape[1:3]]
        x = ManualMaxUnpooling2D(size, name=f"unpooling_{step}")([x, indices])
    else:
        x = ManualUpSampling2D(2, name=f"upsampling_{step}")(x)
    return add.conv(x, filters, 3, name=f"up_{step}", padding="same")


def _check(input_shape: ImageShape, up: str, filters: tuple[int, ...], code: int) -> None:
    height, width, _ = input_shape
    if not filters:
        raise ValueError("autoencoder: model.filters is empty: give a number for each step down, for example [16, 32]")
    if height % 2 ** len(filters) or width % 2 ** len(filters):
        raise ValueError(
            f"autoencoder was given images of {height}x{width} pixels, which cannot be halved {len(filters)} times: "
            f"give sides that {2 ** len(filters)} divides (dataset.image_size), or fewer model.filters"
        )
    if not code and up != "unpooling":
        raise ValueError(
            f"autoencoder: model.code=0 leaves model.up={up} nothing to draw from: give 1 or more, or "
            "model.up=unpooling"
        )
