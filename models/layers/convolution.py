"""Convolution layers over one, two and three axes; transposed and unshared ones."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, KernelLayer, Step, activation_steps
from keras_suite.models.layers.spatial_layer import Shape, SpatialLayer
from keras_suite.models.ops.checks import check_choice, check_per_axis, check_positive
from keras_suite.models.ops.conv_geometry import extent, output_sizes, padding_amounts, per_axis
from keras_suite.models.ops.convolution import METHODS, conv1d, conv2d, conv3d
from keras_suite.models.ops.locally_connected import locally_connected2d
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.transposed_convolution import METHODS as TRANSPOSED_METHODS
from keras_suite.models.ops.transposed_convolution import conv2d_transpose, output_paddings, output_size
from keras_suite.models.ops.windows import PADDING_MODES

LARGE = 10**6  # pixels of an image that no padding leaves nothing of


class ImageKernelLayer(SpatialLayer, KernelLayer):
    """Base class of layers with a kernel for images. Their activation sees the channels where the input has them."""

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [*SpatialLayer.steps(self, x, training), *activation_steps(self.activation, self.fused)]

    def image_steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [self.op_step(self.kernel, self.bias)]

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.compute_output_shape(input_shape)  # names what cannot be before any weight is made
        channels = self.channels_of(input_shape)
        super().build(input_shape)
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2, axes={axis: channels})


def check_filters(layer: str, filters: int, kernel_size: Any, strides: Any, rank: int) -> None:
    """Raise ValueError unless these are whole numbers from 1 up, as many as there are axes."""
    check_positive(layer, "filters", filters)
    check_per_axis(layer, "kernel_size", kernel_size, rank)
    check_per_axis(layer, "strides", strides, rank)


class ManualConv(ImageKernelLayer):
    """Base class of the convolutions over `rank` axes: the arguments of Keras's Conv layers and three more.

    Args:
        padding: also explicit numbers, see models/ops/conv_geometry.py.
        padding_mode: what is padded with: "zeros", "reflect" or "edge".
        flip: the convolution of mathematics, with the kernel rotated by 180 degrees.
        method: of the backward pass: "primitive", "derivation" or "im2col"; see models/ops/convolution.py.
    """

    arguments = (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "dilation_rate",
        "groups",
        "padding_mode",
        "flip",
        "method",
    )
    op: Op

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Any = "valid",
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
        activation: str | None = None,
        *,
        padding_mode: str = "zeros",
        flip: bool = False,
        method: str = "primitive",
        **kernel_layer: Any,
    ) -> None:
        super().__init__(activation=activation, **kernel_layer)
        name = type(self).__name__
        check_filters(name, filters, kernel_size, strides, self.rank)
        check_per_axis(name, "dilation_rate", dilation_rate, self.rank)
        check_positive(name, "groups", groups)
        if filters % groups:
            raise ValueError(
                f"{name}: {filters} filters cannot be divided among groups={groups}: use a divisor of {filters}"
            )
        check_choice(name, "padding_mode", padding_mode, PADDING_MODES)
        check_choice(name, "method", method, METHODS)
        ones = (1,) * self.rank
        padding_amounts(name, padding, ones, ones, ones, ones)
        self.filters = filters
        self.kernel_size = per_axis(kernel_size, self.rank)
        self.strides = per_axis(strides, self.rank)
        self.padding = padding
        self.dilation_rate = per_axis(dilation_rate, self.rank)
        self.groups = groups
        self.padding_mode = padding_mode
        self.flip = flip
        self.method = method

    def shapes(self, input_shape: Sequence[int | None]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (*self.kernel_size, self.channels_of(input_shape) // self.groups, self.filters), (self.filters,)

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        name = type(self).__name__
        if channels is not None and channels % self.groups:
            raise ValueError(
                f"{name}: {channels} channels cannot be divided among groups={self.groups}: use a divisor of {channels}"
            )
        window = (self.kernel_size, self.strides, self.dilation_rate)
        return (batch, *output_sizes(name, self.padding, sizes, *window), self.filters)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        options = {
            "stride": self.strides,
            "dilation": self.dilation_rate,
            "padding": self.padding,
            "padding_mode": self.padding_mode,
            "groups": self.groups,
            "flip": self.flip,
            "method": self.method,
            "fused": self.fused,
        }
        return Step(self.op, (kernel, bias), options)


@keras.saving.register_keras_serializable(PACKAGE)
class ManualConv1D(ManualConv):
    """Over (batch, steps, channels); padding may also be "causal"."""

    op, rank = conv1d, 1


@keras.saving.register_keras_serializable(PACKAGE)
class ManualConv2D(ManualConv):
    """Over (batch, height, width, channels)."""

    op, rank = conv2d, 2


@keras.saving.register_keras_serializable(PACKAGE)
class ManualConv3D(ManualConv):
    """Over (batch, depth, height, width, channels)."""

    op, rank = conv3d, 3


@keras.saving.register_keras_serializable(PACKAGE)
class ManualConv2DTranspose(ImageKernelLayer):
    """Transposed convolution as keras.layers.Conv2DTranspose: kernel (height, width, filters, input channels).

    Args:
        method: "primitive" or "derivation"; see models/ops/transposed_convolution.py.
    """

    arguments = ("filters", "kernel_size", "strides", "padding", "output_padding", "dilation_rate", "method")

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Any = "valid",
        output_padding: int | Sequence[int] | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: str | None = None,
        *,
        method: str = "primitive",
        **kernel_layer: Any,
    ) -> None:
        super().__init__(activation=activation, **kernel_layer)
        name = type(self).__name__
        check_filters(name, filters, kernel_size, strides, 2)
        check_per_axis(name, "dilation_rate", dilation_rate, 2)
        check_choice(name, "method", method, TRANSPOSED_METHODS)
        if padding != "same":
            padding_amounts(name, "valid" if padding == "valid" else padding, (1, 1), (1, 1), (1, 1), (1, 1))
        output_paddings(output_padding)
        self.filters = filters
        self.kernel_size = per_axis(kernel_size, 2)
        self.strides = per_axis(strides, 2)
        self.padding = padding
        self.output_padding = output_padding
        self.dilation_rate = per_axis(dilation_rate, 2)
        self.method = method
        if output_padding is not None:
            self.image_output_shape(None, (LARGE, LARGE), None)

    def shapes(self, input_shape: Sequence[int | None]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (*self.kernel_size, self.filters, self.channels_of(input_shape)), (self.filters,)

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        ones, padding = (1, 1), "valid" if self.padding == "same" else self.padding
        cuts = map(sum, padding_amounts(type(self).__name__, padding, ones, ones, ones, ones))
        window = zip(sizes, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        each = zip(window, cuts, output_paddings(self.output_padding), strict=True)
        outputs = (
            None if n is None else output_size(n, extent(f, d), s, str(self.padding), cut, extra)
            for (n, f, s, d), cut, extra in each
        )
        return (batch, *outputs, self.filters)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        options = {
            "stride": self.strides,
            "dilation": self.dilation_rate,
            "padding": self.padding,
            "output_padding": self.output_padding,
            "method": self.method,
            "fused": self.fused,
        }
        return Step(conv2d_transpose, (kernel, bias), options)


@keras.saving.register_keras_serializable(PACKAGE)
class ManualLocallyConnected2D(ImageKernelLayer):
    """A convolution whose every output position has a kernel and a bias of its own; valid padding only.

    Keras 2 had it as LocallyConnected2D; Keras 3 has it no more.
    """

    arguments = ("filters", "kernel_size", "strides")

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        activation: str | None = None,
        **kernel_layer: Any,
    ) -> None:
        super().__init__(activation=activation, **kernel_layer)
        check_filters("ManualLocallyConnected2D", filters, kernel_size, strides, 2)
        self.filters = filters
        self.kernel_size = per_axis(kernel_size, 2)
        self.strides = per_axis(strides, 2)

    def shapes(self, input_shape: Sequence[int | None]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        sizes = self.sizes_of(input_shape)
        if None in sizes:
            raise ValueError(
                f"ManualLocallyConnected2D: the input has shape {tuple(input_shape)}: expected a known height and "
                "width, for each position has weights of its own"
            )
        outputs = output_sizes("ManualLocallyConnected2D", "valid", sizes, self.kernel_size, self.strides, (1, 1))
        known = tuple(size for size in outputs if size is not None)
        return (*known, *self.kernel_size, self.channels_of(input_shape), self.filters), (*known, self.filters)

    def image_output_shape(self, batch: int | None, sizes: Shape, channels: int | None) -> Shape:
        name = type(self).__name__
        return (batch, *output_sizes(name, "valid", sizes, self.kernel_size, self.strides, (1, 1)), self.filters)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        return Step(locally_connected2d, (kernel, bias), {"stride": self.strides})
