"""Pooling layers, and the ways back up: maximum unpooling and nearest-neighbour upsampling."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step
from keras_suite.models.ops.conv_geometry import per_axis
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.pooling import (
    average_pooling2d,
    global_average_pooling2d,
    global_max_pooling2d,
    max_pooling2d,
)
from keras_suite.models.ops.upsampling import max_unpooling2d, nearest_upsampling2d


class ManualPooling2D(ManualLayer):
    """Base class of the layers that pool windows, with the arguments of Keras's 2-D pooling layers."""

    arguments: tuple[str, ...] = ("pool_size", "strides", "padding")
    op: Op

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        self.pool_size = per_axis(pool_size, 2)
        self.strides = self.pool_size if strides is None else per_axis(strides, 2)
        self.padding = padding

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        options = {"pool_size": self.pool_size, "stride": self.strides, "padding": self.padding}
        return [Step(self.op, options=options)]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualAveragePooling2D(ManualPooling2D):
    """The mean of each window."""

    op = average_pooling2d


@keras.saving.register_keras_serializable(PACKAGE)
class ManualMaxPooling2D(ManualPooling2D):
    """The maximum of each window; with `return_indices` (maxima, indices) for `ManualMaxUnpooling2D`."""

    arguments = ("return_indices",)
    op = max_pooling2d

    def __init__(self, *pooling: Any, return_indices: bool = False, **layer: Any) -> None:
        super().__init__(*pooling, **layer)
        self.return_indices = return_indices

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        [step] = super().steps(x, training)
        return [Step(step.op, options={**step.options, "with_indices": self.return_indices})]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualMaxUnpooling2D(keras.layers.Layer):
    """Called on [values, indices]: images of `size` with the values back where the maxima were, zeros elsewhere."""

    def __init__(self, size: Sequence[int], **layer: Any) -> None:
        super().__init__(**layer)
        self.size = tuple(size)

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        values, indices = inputs
        return max_unpooling2d(values, indices, size=self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(PACKAGE)
class ManualUpSampling2D(ManualLayer):
    """Nearest-neighbour upsampling, as keras.layers.UpSampling2D: each pixel becomes a block of equal ones."""

    arguments = ("size",)

    def __init__(self, size: int | Sequence[int] = 2, **layer: Any) -> None:
        super().__init__(**layer)
        self.size = per_axis(size, 2)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(nearest_upsampling2d, options={"size": self.size})]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualGlobalAveragePooling2D(ManualLayer):
    """The mean of each channel: (batch, height, width, channels) -> (batch, channels)."""

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(global_average_pooling2d)]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualGlobalMaxPooling2D(ManualLayer):
    """The maximum of each channel: (batch, height, width, channels) -> (batch, channels)."""

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(global_max_pooling2d)]
