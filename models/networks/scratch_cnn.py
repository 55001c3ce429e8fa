"""The smallest real convolutional network, trained without any autodiff."""

from typing import Unpack

import keras

from keras_suite.models.networks.blocks import (
    Count,
    ImageShape,
    KernelOptions,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_kinds import manual_layers
from keras_suite.models.scratch_model import ScratchModel


def scratch_cnn(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    filters: Count = 8,
    kernel_size: Count = 3,
    units: Count = 32,
    **kernels: Unpack[KernelOptions],
) -> keras.Model:
    """Build conv, relu, max pooling 2x2, dense, tanh, dense, softmax; the step runs the backward passes by hand.

    Args:
        filters, kernel_size: of the convolution, without padding.
        units: of the hidden dense layer.
        **kernels: see `KernelOptions`.
    """
    height, width, _ = input_shape
    if min(height, width) < kernel_size + 1:
        raise ValueError(
            f"scratch_cnn was given images of {height}x{width} pixels and needs at least {kernel_size + 1} of each: "
            "set dataset.image_size or a smaller model.kernel_size"
        )
    add = keyed_layers(seed, manual_layers(), **kernels)
    hidden = keyed_layers(seed, manual_layers(), activation="tanh", **kernels)
    inputs, x = images(input_shape)
    x = add.conv(x, filters, kernel_size, name="conv")
    x = add.pool(x, "max", name="pooling")
    x = hidden.dense(add.flatten(x), units, name="dense")
    return ScratchModel(inputs, add.logits(x, classes), name="scratch_cnn")
