"""Convolution layers over one, two and three axes; transposed and unshared ones."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_suite.models.layers.manual_layer import PACKAGE, KernelLayer, Step
from keras_suite.models.ops.conv_geometry import output_size, per_axis
from keras_suite.models.ops.convolution import conv1d, conv2d, conv3d
from keras_suite.models.ops.locally_connected import locally_connected2d
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.transposed_convolution import conv2d_transpose


class ManualConv(KernelLayer):
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
    rank: int

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
        self.filters = filters
        self.kernel_size = per_axis(kernel_size, self.rank)
        self.strides = per_axis(strides, self.rank)
        self.padding = padding
        self.dilation_rate = per_axis(dilation_rate, self.rank)
        self.groups = groups
        self.padding_mode = padding_mode
        self.flip = flip
        self.method = method

    def shapes(self, input_shape: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (*self.kernel_size, input_shape[-1] // self.groups, self.filters), (self.filters,)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        options = {
            "stride": self.strides,
            "dilation": self.dilation_rate,
            "padding": self.padding,
            "padding_mode": self.padding_mode,
            "groups": self.groups,
            "flip": self.flip,
            "method": self.method,
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
class ManualConv2DTranspose(KernelLayer):
    """Transposed convolution as keras.layers.Conv2DTranspose: kernel (height, width, filters, input channels)."""

    arguments = ("filters", "kernel_size", "strides", "padding", "output_padding", "dilation_rate")

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: Any = "valid",
        output_padding: int | Sequence[int] | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: str | None = None,
        **kernel_layer: Any,
    ) -> None:
        super().__init__(activation=activation, **kernel_layer)
        self.filters = filters
        self.kernel_size = per_axis(kernel_size, 2)
        self.strides = per_axis(strides, 2)
        self.padding = padding
        self.output_padding = output_padding
        self.dilation_rate = per_axis(dilation_rate, 2)

    def shapes(self, input_shape: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (*self.kernel_size, self.filters, input_shape[-1]), (self.filters,)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        options = {
            "stride": self.strides,
            "dilation": self.dilation_rate,
            "padding": self.padding,
            "output_padding": self.output_padding,
        }
        return Step(conv2d_transpose, (kernel, bias), options)


@keras.saving.register_keras_serializable(PACKAGE)
class ManualLocallyConnected2D(KernelLayer):
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
        self.filters = filters
        self.kernel_size = per_axis(kernel_size, 2)
        self.strides = per_axis(strides, 2)

    def shapes(self, input_shape: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        outputs = tuple(map(output_size, input_shape[1:3], self.kernel_size, self.strides))
        return (*outputs, *self.kernel_size, input_shape[-1], self.filters), (*outputs, self.filters)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        return Step(locally_connected2d, (kernel, bias), {"stride": self.strides})
