"""Pooling layers, and the ways back up: maximum unpooling and nearest-neighbour upsampling."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, Step, checked_fused
from keras_suite.models.layers.spatial_layer import Shape, SpatialLayer
from keras_suite.models.ops.checks import check_choice, check_per_axis
from keras_suite.models.ops.conv_geometry import output_sizes, per_axis
from keras_suite.models.ops.global_pooling import global_average_pooling2d, global_max_pooling2d
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.pooling import average_pooling2d, max_pooling2d
from keras_suite.models.ops.upsampling import max_unpooling2d, nearest_upsampling2d


class ManualPooling2D(SpatialLayer):
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
        name = type(self).__name__
        check_per_axis(name, "pool_size", pool_size, 2)
        check_per_axis(name, "strides", pool_size if strides is None else strides, 2)
        check_choice(name, "padding", padding, ("valid", "same"))
        self.pool_size = per_axis(pool_size, 2)
        self.strides = self.pool_size if strides is None else per_axis(strides, 2)
        self.padding = padding

    def image_steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        options = {"pool_size": self.pool_size, "stride": self.strides, "padding": self.padding}
        return [Step(self.op, options=options)]

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        name = type(self).__name__
        return (batch, *output_sizes(name, self.padding, sizes, self.pool_size, self.strides, (1, 1)), channels)


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
        if return_indices and self.data_format == "channels_first":
            raise ValueError(
                "ManualMaxPooling2D: return_indices with data_format='channels_first' is not possible: the indices are "
                "of images with their channels last; give data_format='channels_last'"
            )
        self.return_indices = return_indices

    def image_steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        [step] = super().image_steps(x, training)
        return [Step(step.op, options={**step.options, "with_indices": self.return_indices})]

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Any:
        shape = super().compute_output_shape(input_shape)
        return (shape, shape) if self.return_indices else shape

    def compute_output_spec(self, inputs: Any, training: bool | None = None) -> Any:
        """Return the output's shape and precision; indices are int32."""
        maxima = keras.KerasTensor(super().compute_output_shape(inputs.shape), dtype=self.compute_dtype)
        return (maxima, keras.KerasTensor(maxima.shape, dtype="int32")) if self.return_indices else maxima


@keras.saving.register_keras_serializable(PACKAGE)
class ManualMaxUnpooling2D(keras.layers.Layer):
    """Called on [values, indices]: images of `size` with the values back where the maxima were, zeros elsewhere."""

    def __init__(self, size: int | Sequence[int], **layer: Any) -> None:
        super().__init__(**layer)
        check_per_axis("ManualMaxUnpooling2D", "size", tuple(size) if isinstance(size, Sequence) else size, 2)
        self.size = per_axis(size, 2)

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        values, indices = inputs
        return max_unpooling2d(values, indices, size=self.size)

    def compute_output_shape(self, input_shape: Sequence[Sequence[int | None]]) -> Shape:
        return (input_shape[0][0], *self.size, input_shape[0][-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(PACKAGE)
class ManualUpSampling2D(SpatialLayer):
    """Nearest-neighbour upsampling, as keras.layers.UpSampling2D: each pixel becomes a block of equal ones.

    With `fused` the gradient is one kernel of TensorFlow's, to the same bits and faster; XLA does not compile it.
    """

    arguments = ("size", "interpolation", "fused")

    def __init__(
        self, size: int | Sequence[int] = 2, *, interpolation: str = "nearest", fused: bool = False, **layer: Any
    ) -> None:
        super().__init__(**layer)
        check_per_axis("ManualUpSampling2D", "size", size, 2)
        if interpolation != "nearest":
            raise ValueError(
                f"ManualUpSampling2D: interpolation={interpolation!r} has no hand-derived gradient: expected 'nearest'"
            )
        self.size, self.interpolation = per_axis(size, 2), interpolation
        self.fused = checked_fused("ManualUpSampling2D", fused)

    def image_steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        method = "primitive" if self.fused else "derivation"
        return [Step(nearest_upsampling2d, options={"size": self.size, "method": method})]

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        larger = (None if n is None else n * s for n, s in zip(sizes, self.size, strict=True))
        return (batch, *larger, channels)


class ManualGlobalPooling2D(SpatialLayer):
    """Base class of the layers that pool whole images; with `keepdims` into images of one pixel."""

    arguments: tuple[str, ...] = ("keepdims",)
    op: Op

    def __init__(self, *, keepdims: bool = False, **layer: Any) -> None:
        super().__init__(**layer)
        self.keepdims = keepdims

    def image_steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(self.op, options={"keepdims": self.keepdims})]

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        return (batch, 1, 1, channels) if self.keepdims else (batch, channels)

    def _back(self) -> list[Step]:
        return super()._back() if self.keepdims else []


@keras.saving.register_keras_serializable(PACKAGE)
class ManualGlobalAveragePooling2D(ManualGlobalPooling2D):
    """The mean of each channel: (batch, height, width, channels) -> (batch, channels)."""

    op = global_average_pooling2d


@keras.saving.register_keras_serializable(PACKAGE)
class ManualGlobalMaxPooling2D(ManualGlobalPooling2D):
    """The maximum of each channel: (batch, height, width, channels) -> (batch, channels)."""

    op = global_max_pooling2d
