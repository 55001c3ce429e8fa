"""Layers that tell where things are: coordinates beside the channels, and the place that a channel points at.

Places are (x, y), x from -1 in the first column to 1 in the last, y from 1 in the first row to -1 in the last.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_suite.models.layers.manual_layer import PACKAGE


def grid(height: int, width: int) -> np.ndarray:
    """The place of each position, float32 (height, width, 2)."""
    y, x = np.meshgrid(np.linspace(1, -1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([x, y], axis=-1).astype(np.float32)


@keras.saving.register_keras_serializable(PACKAGE)
class Coordinates(keras.layers.Layer):
    """Each position's place as two more channels: (B, H, W, C) -> (B, H, W, C + 2) (CoordConv; Liu et al. 2018)."""

    def call(self, x: Any) -> Any:
        places = ops.cast(grid(*x.shape[1:3])[np.newaxis], x.dtype)
        return ops.concatenate([x, ops.repeat(places, ops.shape(x)[0], axis=0)], axis=-1)


@keras.saving.register_keras_serializable(PACKAGE)
class ExpectedPlace(keras.layers.Layer):
    """The mean place of each channel under the softmax of its values: (B, H, W, C) -> (B, 2 C), x and y in turn.

    Spatial softmax (Levine, Finn, Darrell, Abbeel 2016): how strong a channel is is left out, where it is strong stays.
    """

    def call(self, x: Any) -> Any:
        height, width, channels = x.shape[1:]
        shares = ops.softmax(ops.reshape(x, (-1, height * width, channels)), axis=1)
        places = ops.cast(grid(height, width).reshape(-1, 2), x.dtype)
        return ops.reshape(ops.einsum("bpc,pd->bcd", shares, places), (-1, 2 * channels))
