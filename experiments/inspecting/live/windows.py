"""Convolutions, poolings and whatever else moves windows or pixels, as operations of the page."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.inspecting.live.draft import (
    Convert,
    Draft,
    Shape,
    Unsupported,
    activation_numbers,
    float32_of,
    kernel_and_bias,
)
from keras_suite.models.ops.conv_geometry import padding_amounts, per_axis

Sizes = Sequence[int]


def _window(layer: Any, sizes: Sizes, kernel: Sizes, strides: Sizes, dilation: Sizes = (1, 1)) -> dict[str, Any]:
    """Return where the windows of a convolution or a pooling lie."""
    before = [pair[0] for pair in padding_amounts(layer.name, layer.padding, sizes, kernel, strides, dilation)]
    return {"size": list(kernel), "strides": list(strides), "dilation": list(dilation), "before": before}


def _convolution(layer: Any, kernel: np.ndarray, groups: int, source: Shape, output: Shape) -> Draft:
    """Return a convolution with this kernel (height, width, input channels of a group, filters)."""
    strides, dilation = per_axis(layer.strides, 2), per_axis(layer.dilation_rate, 2)
    window = _window(layer, source[:2], kernel.shape[:2], strides, dilation)
    return Draft(
        "conv",
        output,
        {**window, "groups": groups, **activation_numbers(layer.activation)},
        kernel_and_bias(layer, kernel),
    )


def conv2d(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [_convolution(layer, float32_of(layer.kernel), layer.groups, inputs[0], output)]


def manual_conv2d(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    """Return a convolution as above, or with its kernel rotated, or after a padding that is not of zeros."""
    kernel = float32_of(layer.kernel)
    conv = _convolution(layer, kernel[::-1, ::-1] if layer.flip else kernel, layer.groups, inputs[0], output)
    if layer.padding_mode == "zeros" or layer.padding == "valid":
        return [conv]
    window = (layer.kernel_size, layer.strides, layer.dilation_rate)
    rows, columns = padding_amounts(layer.name, layer.padding, inputs[0][:2], *window)
    padded = _padding(inputs[0], (rows, columns), layer.padding_mode)
    return [padded, Draft("conv", output, {**conv.numbers, "before": [0, 0]}, conv.weights)]


def depthwise(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    kernel = float32_of(layer.kernel)
    height, width, channels, multiplier = kernel.shape
    grouped = kernel.reshape(height, width, 1, channels * multiplier)
    return [_convolution(layer, grouped, channels, inputs[0], output)]


def separable(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    depthwise = float32_of(layer.depthwise_kernel)
    height, width, channels, multiplier = depthwise.shape
    grouped = depthwise.reshape(height, width, 1, channels * multiplier)
    strides, dilation = per_axis(layer.strides, 2), per_axis(layer.dilation_rate, 2)
    window = _window(layer, inputs[0][:2], (height, width), strides, dilation)
    between = (*output[:2], channels * multiplier)
    one = {"size": [1, 1], "strides": [1, 1], "dilation": [1, 1], "before": [0, 0], "groups": 1}
    return [
        Draft("conv", between, {**window, "groups": channels}, {"kernel": grouped}),
        Draft(
            "conv",
            output,
            {**one, **activation_numbers(layer.activation)},
            kernel_and_bias(layer, float32_of(layer.pointwise_kernel)),
        ),
    ]


def pooling(kind: str) -> Convert:
    def convert(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
        if getattr(layer, "return_indices", False):
            raise Unsupported("max pooling with return_indices")
        size, strides = per_axis(layer.pool_size, 2), per_axis(layer.strides, 2)
        return [Draft(kind, output, _window(layer, inputs[0][:2], size, strides))]

    return convert


def _padding(source: Shape, amounts: Sequence[Sequence[int]], mode: str) -> Draft:
    (top, bottom), (left, right) = amounts
    height, width, channels = source
    shape = (top + height + bottom, left + width + right, channels)
    return Draft("padding", shape, {"before": [top, left], "mode": mode})


def zero_padding(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [_padding(inputs[0], layer.padding, "zeros")]


def cropping(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    (top, _), (left, _) = layer.cropping
    return [Draft("padding", output, {"before": [-top, -left], "mode": "zeros"})]


def upsampling(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    if layer.interpolation != "nearest":
        raise Unsupported(f"upsampling with interpolation={layer.interpolation!r}")
    return [Draft("upsampling", output, {"size": list(per_axis(layer.size, 2))})]
