"""The network without convolutions: every pixel is connected to every unit."""

from typing import Annotated, Literal, Unpack

import keras
from pydantic import Field

from keras_suite.models.networks.blocks import (
    Count,
    ImageShape,
    Rate,
    SpreadLayerOptions,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_implementations import Layers, with_layers


def mlp(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    units: Count | Annotated[tuple[Count, ...], Field(max_length=100)] = (512, 512),
    dropout: Rate = 0.0,
    batch_normalization: Literal["before_activation"] | None = None,
    layers: Layers = (),
    **layer_options: Unpack[SpreadLayerOptions],
) -> keras.Model:
    """Build a network of flattened pixels, hidden dense layers of these `units` and logits.

    No units at all is softmax regression.

    Args:
        units: of each hidden layer; one number is one hidden layer.
        dropout: rate after each hidden layer.
        batch_normalization: "before_activation" puts a layer between each hidden layer and its activation.
        layers: kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
        **layer_options: see `SpreadLayerOptions`.
    """
    add = keyed_layers(seed, **layer_options)
    inputs, x = images(input_shape)
    x = add.flatten(x)
    for i, count in enumerate((units,) if isinstance(units, int) else units, 1):
        x = add.dense(x, count, name=f"dense_{i}", normalised=batch_normalization is not None)
        x = add.dropout(x, dropout, name=f"dropout_{i}")
    return with_layers(keras.Model(inputs, add.logits(x, classes), name="mlp"), layers)
