"""The base class of the layers on images: which axis holds the channels, and the shapes before and after them.

The ops take channels last only. `channels_first` is an exchange of axes before and after them, with a backward pass of
its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import ManualLayer, Step
from keras_suite.models.ops.checks import check_choice
from keras_suite.models.ops.core import permute

DATA_FORMATS = ("channels_last", "channels_first")

Shape = tuple[int | None, ...]


def checked_data_format(layer: str, data_format: str | None) -> str:
    """Return the data format, Keras's default if it is None; raise ValueError if there is no such one."""
    if data_format is None:
        return str(keras.config.image_data_format())
    check_choice(layer, "data_format", data_format, DATA_FORMATS)
    return data_format


def to_channels_last(rank: int) -> Step:
    """Return the step from (batch, channels, *spatial) to (batch, *spatial, channels)."""
    return Step(permute, options={"axes": (0, *range(2, rank), 1)})


def to_channels_first(rank: int) -> Step:
    """Return the step from (batch, *spatial, channels) to (batch, channels, *spatial)."""
    return Step(permute, options={"axes": (0, rank - 1, *range(1, rank - 1))})


class SpatialLayer(ManualLayer):
    """A layer on (batch, *spatial, channels), or with `data_format="channels_first"` (batch, channels, *spatial).

    None is Keras's default, `keras.config.image_data_format()`. Subclasses say what happens with the channels last.

    Attributes:
        rank: The number of spatial axes.
    """

    arguments: tuple[str, ...] = ("data_format",)
    rank = 2

    def __init__(self, *, data_format: str | None = None, **layer: Any) -> None:
        super().__init__(**layer)
        self.data_format = checked_data_format(type(self).__name__, data_format)

    def image_steps(self, x: tf.Tensor, training: bool) -> Sequence[Step]:
        """Return the ops that images with their channels last go through."""
        raise NotImplementedError

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        """Return the output's shape, the channels last."""
        raise NotImplementedError

    def steps(self, x: tf.Tensor, training: bool) -> Sequence[Step]:
        steps = self.image_steps(x, training)
        if self.data_format == "channels_last":
            return steps
        return [to_channels_last(self.rank + 2), *steps, *self._back()]

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Any:
        shape = tuple(input_shape)
        if len(shape) != self.rank + 2:
            raise ValueError(
                f"{type(self).__name__}: the input has shape {shape}: expected {self.rank + 2} axes, the batch, "
                f"{self.rank} of an image and the channels"
            )
        if self.data_format == "channels_last":
            return self.image_output_shape(shape[0], shape[1:-1], shape[-1])
        output = self.image_output_shape(shape[0], shape[2:], shape[1])
        return (output[0], output[-1], *output[1:-1]) if self._back() else output

    def channels_of(self, input_shape: Sequence[int | None]) -> int:
        """Return the number of channels; raise ValueError if it is left open."""
        channels = input_shape[-1 if self.data_format == "channels_last" else 1]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__}: the input has shape {tuple(input_shape)}: expected a known number of channels"
            )
        return channels

    def sizes_of(self, input_shape: Sequence[int | None]) -> Shape:
        """Return the sizes of the spatial axes."""
        return tuple(input_shape[1:-1] if self.data_format == "channels_last" else input_shape[2:])

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Create the layer; of those saved before there was a choice the channels are last."""
        return super().from_config({"data_format": "channels_last", **config})

    def _back(self) -> list[Step]:
        """Return the step that puts the channels first again, none if no spatial axis is left."""
        return [to_channels_first(self.rank + 2)]
