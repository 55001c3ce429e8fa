"""Depthwise and separable convolution as layers: kernels for each channel, and if separable 1x1 ones that mix them."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.convolution import check_filters
from keras_suite.models.layers.manual_layer import PACKAGE, Step, activation_steps, checked_activation
from keras_suite.models.layers.spatial_layer import Shape, SpatialLayer
from keras_suite.models.ops.checks import check_choice, check_per_axis, check_positive
from keras_suite.models.ops.conv_geometry import output_sizes, padding_amounts, per_axis
from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.depthwise_convolution import METHODS, depthwise_conv2d
from keras_suite.models.ops.windows import PADDING_MODES


class ChannelwiseConvolution(SpatialLayer):
    """Base class: the arguments that Keras's DepthwiseConv2D and SeparableConv2D share, and two more.

    Args:
        padding: also explicit numbers, see models/ops/conv_geometry.py.
        padding_mode: what is padded with: "zeros", "reflect" or "edge".
        method: of the depthwise backward pass: "primitive" or "derivation".
    """

    arguments: tuple[str, ...] = (
        "kernel_size",
        "strides",
        "padding",
        "depth_multiplier",
        "dilation_rate",
        "activation",
        "use_bias",
        "depthwise_initializer",
        "bias_initializer",
        "depthwise_regularizer",
        "bias_regularizer",
        "depthwise_constraint",
        "bias_constraint",
        "padding_mode",
        "method",
    )

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Any = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: str | None = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        *,
        padding_mode: str = "zeros",
        method: str = "primitive",
        **layer: Any,
    ) -> None:
        super().__init__(data_format=data_format, **layer)
        name = type(self).__name__
        check_positive(name, "depth_multiplier", depth_multiplier)
        check_per_axis(name, "kernel_size", kernel_size, 2)
        check_per_axis(name, "strides", strides, 2)
        check_per_axis(name, "dilation_rate", dilation_rate, 2)
        check_choice(name, "padding_mode", padding_mode, PADDING_MODES)
        check_choice(name, "method", method, METHODS)
        padding_amounts(name, padding, (1, 1), (1, 1), (1, 1), (1, 1))
        self.kernel_size, self.strides = per_axis(kernel_size, 2), per_axis(strides, 2)
        self.dilation_rate = per_axis(dilation_rate, 2)
        self.padding, self.padding_mode, self.method = padding, padding_mode, method
        self.depth_multiplier, self.use_bias = depth_multiplier, use_bias
        self.activation = checked_activation(name, activation)
        self.depthwise_initializer = keras.initializers.get(depthwise_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.depthwise_regularizer = keras.regularizers.get(depthwise_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.depthwise_constraint = keras.constraints.get(depthwise_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.compute_output_shape(input_shape)  # names what cannot be before any weight is made
        channels = self.channels_of(input_shape)
        self.build_weights(channels)
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={axis: channels})

    def build_weights(self, channels: int) -> None:
        """Make the weights for images of so many channels."""
        raise NotImplementedError

    def weight(self, name: str, of: str, shape: tuple[int, ...]) -> keras.Variable:
        """Make one weight, by the initializer, regularizer and constraint of its kind."""
        parts = {part: getattr(self, f"{of}_{part}") for part in ("initializer", "regularizer", "constraint")}
        return self.add_weight(name=name, shape=shape, **parts)

    def output_sizes_of(self, sizes: Shape) -> Shape:
        """Return the sizes of the spatial axes after the depthwise convolution."""
        window = (self.kernel_size, self.strides, self.dilation_rate)
        return output_sizes(type(self).__name__, self.padding, sizes, *window)

    def depthwise_step(self, kernel: Any, bias: Any) -> Step:
        """Return the step that convolves each channel."""
        options = {
            "stride": self.strides,
            "dilation": self.dilation_rate,
            "padding": self.padding,
            "padding_mode": self.padding_mode,
            "method": self.method,
        }
        return Step(depthwise_conv2d, (kernel, bias), options)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [*SpatialLayer.steps(self, x, training), *activation_steps(self.activation)]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualDepthwiseConv2D(ChannelwiseConvolution):
    """As keras.layers.DepthwiseConv2D: kernel (height, width, channels, depth_multiplier)."""

    def build_weights(self, channels: int) -> None:
        self.kernel = self.weight("kernel", "depthwise", (*self.kernel_size, channels, self.depth_multiplier))
        self.bias = self.weight("bias", "bias", (channels * self.depth_multiplier,)) if self.use_bias else None

    def image_steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [self.depthwise_step(self.kernel, self.bias)]

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        filters = None if channels is None else channels * self.depth_multiplier
        return (batch, *self.output_sizes_of(sizes), filters)


@keras.saving.register_keras_serializable(PACKAGE)
class ManualSeparableConv2D(ChannelwiseConvolution):
    """As keras.layers.SeparableConv2D: a depthwise convolution without bias, then one of 1x1 pixels with a bias.

    The kernels are (height, width, channels, depth_multiplier) and (1, 1, channels * depth_multiplier, filters).
    """

    arguments = ("filters", "pointwise_initializer", "pointwise_regularizer", "pointwise_constraint")

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Any = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        depth_multiplier: int = 1,
        activation: str | None = None,
        use_bias: bool = True,
        *,
        pointwise_initializer: Any = "glorot_uniform",
        pointwise_regularizer: Any = None,
        pointwise_constraint: Any = None,
        **channelwise: Any,
    ) -> None:
        window = (kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate)
        super().__init__(*window, activation, use_bias, **channelwise)
        check_filters("ManualSeparableConv2D", filters, kernel_size, strides, 2)
        self.filters = filters
        self.pointwise_initializer = keras.initializers.get(pointwise_initializer)
        self.pointwise_regularizer = keras.regularizers.get(pointwise_regularizer)
        self.pointwise_constraint = keras.constraints.get(pointwise_constraint)

    def build_weights(self, channels: int) -> None:
        between = channels * self.depth_multiplier
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        self.depthwise_kernel = self.weight("depthwise_kernel", "depthwise", depthwise)
        self.pointwise_kernel = self.weight("pointwise_kernel", "pointwise", (1, 1, between, self.filters))
        self.bias = self.weight("bias", "bias", (self.filters,)) if self.use_bias else None

    def image_steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [self.depthwise_step(self.depthwise_kernel, None), Step(conv2d, (self.pointwise_kernel, self.bias))]

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        return (batch, *self.output_sizes_of(sizes), self.filters)
