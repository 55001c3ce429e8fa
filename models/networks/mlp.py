"""The network without convolutions: every pixel is connected to every unit."""

from typing import Literal

import keras

from keras_suite.models.networks.blocks import (
    Activation,
    Count,
    ImageShape,
    Initializer,
    Penalty,
    Rate,
    Spread,
    images,
    keyed_layers,
)


def mlp(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    units: Count | tuple[Count, ...] = (512, 512),
    dropout: Rate = 0.0,
    l1: Penalty = 0.0,
    l2: Penalty = 0.0,
    batch_normalization: Literal["before_activation"] | None = None,
    activation: Activation = "relu",
    initializer: Initializer = "glorot_uniform",
    initializer_spread: Spread = None,
) -> keras.Model:
    """Build a network of flattened pixels, hidden dense layers of these `units` and logits.

    No units at all is softmax regression.

    Args:
        input_shape: (height, width, channels) of the images, float32 0..255.
        classes: number of logits.
        seed: of the initial weights and the dropout masks.
        units: of each hidden layer; one number is one hidden layer.
        dropout: rate after each hidden layer.
        l1, l2: penalties on the kernels, see `KeyedLayers`.
        batch_normalization: "before_activation" puts a layer between each hidden layer and its activation.
        activation: of the hidden layers.
        initializer: of all kernels.
        initializer_spread: half the width of random_uniform, the standard deviation of random_normal and of
            truncated_normal; None is Keras's 0.05.
    """
    add = keyed_layers(seed, activation, initializer, l1, l2, spread=initializer_spread)
    inputs, x = images(input_shape)
    x = add.flatten(x)
    for i, count in enumerate((units,) if isinstance(units, int) else units, 1):
        x = add.dense(x, count, name=f"dense_{i}", normalised=batch_normalization is not None)
        x = add.dropout(x, dropout, name=f"dropout_{i}")
    return keras.Model(inputs, add.logits(x, classes), name="mlp")
