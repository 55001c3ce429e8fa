"""A CNN for short clips, whose frames lie in the channels: convolved over time too, or stacked as they are."""

from functools import partial
from typing import Literal

import keras
from keras import layers as keras_layers

from keras_suite.models.networks.blocks import (
    Activation,
    Count,
    ImageShape,
    Initializer,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_implementations import Layers, with_layers
from keras_suite.models.networks.layer_kinds import LayerKinds


def clip_cnn(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    convolution: Literal["3d", "stacked"] = "3d",
    filters: tuple[Count, ...] = (8, 16, 16),
    activation: Activation = "relu",
    initializer: Initializer = "glorot_uniform",
    layers: Layers = (),
) -> keras.Model:
    """Build a CNN: convolution 3 wide and max pooling 2x2 for each number of filters, the mean over positions, logits.

    Args:
        input_shape: (height, width, frames) of the clips, float32 0..255.
        convolution: "3d" slides kernels 3x3x3 over height, width and time, and pools over height and width; "stacked"
            takes the frames for channels: the first kernels, 3x3, see all of them, each with its own weights.
        filters: of each convolution.
        activation: of the convolutions.
        initializer: of all kernels.
        layers: kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
    """
    height, width, _ = input_shape
    if min(height, width) >> len(filters) == 0:
        raise ValueError(
            f"clip_cnn was given clips of {height}x{width} pixels, which {len(filters)} poolings leave nothing of: "
            "give larger clips or fewer model.filters"
        )
    inputs, x = images(input_shape)
    if convolution == "3d":
        x = keras_layers.Reshape((*input_shape, 1), name="time_as_an_axis")(x)
        kinds, mean = LayerKinds(conv2d=keras_layers.Conv3D), keras_layers.GlobalAveragePooling3D
        pooling = partial(keras_layers.MaxPooling3D, (2, 2, 1))
    else:
        kinds, mean = LayerKinds(), keras_layers.GlobalAveragePooling2D
        pooling = partial(keras_layers.MaxPooling2D, 2)
    add = keyed_layers(seed, kinds, activation=activation, initializer=initializer)
    for i, count in enumerate(filters, 1):
        x = add.conv(x, count, 3, name=f"conv_{i}", padding="same")
        x = pooling(name=f"pooling_{i}")(x)
    return with_layers(keras.Model(inputs, add.logits(mean(name="mean")(x), classes), name="clip_cnn"), layers)
