"""Layers that work with positions: coordinate channels, and the position that each channel points at.

Coordinates are (x, y), x from -1 in the first column to 1 in the last, y from 1 in the first row to -1 in the last.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_suite.models.layers.manual_layer import PACKAGE


def coordinate_grid(height: int, width: int) -> np.ndarray:
    """Return the coordinates of each position, float32 (height, width, 2)."""
    y, x = np.meshgrid(np.linspace(1, -1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([x, y], axis=-1).astype(np.float32)


@keras.saving.register_keras_serializable(PACKAGE)
@keras.saving.register_keras_serializable(PACKAGE, "Coordinates")  # its name in models saved earlier
class CoordinateChannels(keras.layers.Layer):
    """Each position's coordinates as two more channels: (B, H, W, C) -> (B, H, W, C + 2).

    With a convolution behind it this is CoordConv (Liu et al. 2018).
    """

    def call(self, x: Any) -> Any:
        grid = ops.cast(coordinate_grid(*x.shape[1:3])[np.newaxis], x.dtype)
        return ops.concatenate([x, ops.repeat(grid, ops.shape(x)[0], axis=0)], axis=-1)


@keras.saving.register_keras_serializable(PACKAGE)
@keras.saving.register_keras_serializable(PACKAGE, "ExpectedPlace")  # its name in models saved earlier
class SpatialSoftmax(keras.layers.Layer):
    """The expected coordinates of each channel under the softmax of its values: (B, H, W, C) -> (B, 2 C), x, y in turn.

    How strong a channel is is left out, where it is strong stays (Levine, Finn, Darrell and Abbeel 2016).
    """

    def call(self, x: Any) -> Any:
        height, width, channels = x.shape[1:]
        shares = ops.softmax(ops.reshape(x, (-1, height * width, channels)), axis=1)
        grid = ops.cast(coordinate_grid(height, width).reshape(-1, 2), x.dtype)
        return ops.reshape(ops.einsum("bpc,pd->bcd", shares, grid), (-1, 2 * channels))
