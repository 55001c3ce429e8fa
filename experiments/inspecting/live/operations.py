"""What each kind of layer computes when a network predicts, as the operations that a page carries out.

The kinds of operations are those of `reports/page/templates/live/kernels.js`. Keras's layers and the hand-derived ones
become the same operations. A class is recognised by itself, not by its bases: what a subclass computes is its own
affair.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_suite.models.layers import convolution, core, normalization, pooling
from keras_suite.models.ops.conv_geometry import padding_amounts, per_axis

Shape = tuple[int, ...]  # without the batch
Sizes = Sequence[int]

# By the names of Keras; all but softmax work value by value. kernels.js holds each.
ACTIVATIONS = (
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid", "hard_sigmoid", "tanh", "softmax", "softplus",
    "softsign", "silu", "gelu", "exponential",
)  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """An operation before it is known which others it reads.

    Attributes:
        kind: Its name in kernels.js.
        shape: Of its output, without the batch.
        numbers: What it is told beside its weights, as JSON.
        weights: float32, by the names that kernels.js reads.
    """

    kind: str
    shape: Shape
    numbers: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)


class Unsupported(ValueError):
    """A layer computes something that no operation of the page does."""


def drafts_of(layer: keras.layers.Layer, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    """Return the operations of a layer, one after the other; none if it passes its input on.

    Args:
        layer: A built layer.
        inputs: The shapes of what it is called on.
        output: The shape of its output.

    Raises:
        Unsupported: If there are none for it.
    """
    if getattr(layer, "data_format", "channels_last") == "channels_first":
        raise Unsupported("data_format='channels_first'")
    convert = _OPERATIONS.get(type(layer))
    if convert is None:
        raise Unsupported(f"layers of the kind {type(layer).__name__}")
    return convert(layer, inputs, output)


def kinds_of_layers() -> list[str]:
    """Return the names of the layer classes that have operations."""
    return sorted({kind.__name__ for kind in _OPERATIONS})


def _activation(of: Any, **options: float) -> dict[str, Any]:
    """Return {"activation": its name, ...}, nothing for a linear one.

    Args:
        of: A function of Keras, or the name of a hand-derived activation.
        options: Its arguments where they are not Keras's defaults.
    """
    name = of if of is None or isinstance(of, str) else keras.activations.serialize(of)
    if name in (None, "linear"):
        return {}
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise Unsupported(f"the activation {getattr(of, '__name__', name)}")
    return {"activation": name, **options}


def _float32(variable: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable), np.float32)


def _kernel_and_bias(layer: Any, kernel: np.ndarray) -> dict[str, np.ndarray]:
    return {"kernel": kernel} | ({} if layer.bias is None else {"bias": _float32(layer.bias)})


def _window(layer: Any, sizes: Sizes, kernel: Sizes, strides: Sizes, dilation: Sizes = (1, 1)) -> dict[str, Any]:
    """Return where the windows of a convolution or a pooling lie."""
    before = [pair[0] for pair in padding_amounts(layer.name, layer.padding, sizes, kernel, strides, dilation)]
    return {"size": list(kernel), "strides": list(strides), "dilation": list(dilation), "before": before}


def _convolution(layer: Any, kernel: np.ndarray, groups: int, source: Shape, output: Shape) -> Draft:
    """Return a convolution with this kernel (height, width, input channels of a group, filters)."""
    strides, dilation = per_axis(layer.strides, 2), per_axis(layer.dilation_rate, 2)
    window = _window(layer, source[:2], kernel.shape[:2], strides, dilation)
    return Draft(
        "conv", output, {**window, "groups": groups, **_activation(layer.activation)}, _kernel_and_bias(layer, kernel)
    )


def _conv2d(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [_convolution(layer, _float32(layer.kernel), layer.groups, inputs[0], output)]


def _manual_conv2d(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    """Return a convolution as above, or with its kernel rotated, or after a padding that is not of zeros."""
    kernel = _float32(layer.kernel)
    conv = _convolution(layer, kernel[::-1, ::-1] if layer.flip else kernel, layer.groups, inputs[0], output)
    if layer.padding_mode == "zeros" or layer.padding == "valid":
        return [conv]
    window = (layer.kernel_size, layer.strides, layer.dilation_rate)
    rows, columns = padding_amounts(layer.name, layer.padding, inputs[0][:2], *window)
    padded = _padding(inputs[0], (rows, columns), layer.padding_mode)
    return [padded, Draft("conv", output, {**conv.numbers, "before": [0, 0]}, conv.weights)]


def _depthwise(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    kernel = _float32(layer.kernel)
    height, width, channels, multiplier = kernel.shape
    grouped = kernel.reshape(height, width, 1, channels * multiplier)
    return [_convolution(layer, grouped, channels, inputs[0], output)]


def _separable(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    depthwise = _float32(layer.depthwise_kernel)
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
            {**one, **_activation(layer.activation)},
            _kernel_and_bias(layer, _float32(layer.pointwise_kernel)),
        ),
    ]


def _dense(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [Draft("dense", output, _activation(layer.activation), _kernel_and_bias(layer, _float32(layer.kernel)))]


def _pooling(kind: str) -> "Convert":
    def convert(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
        if getattr(layer, "return_indices", False):
            raise Unsupported("max pooling with return_indices")
        size, strides = per_axis(layer.pool_size, 2), per_axis(layer.strides, 2)
        return [Draft(kind, output, _window(layer, inputs[0][:2], size, strides))]

    return convert


def _plain(kind: str) -> "Convert":
    """Return the conversion to an operation without numbers."""
    return lambda layer, inputs, output: [Draft(kind, output)]


def _nothing(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return []


def _affine(scale: Any, offset: Any, channels: int, output: Shape) -> list[Draft]:
    """Return x * scale + offset, for each channel, in float32."""
    weights = {"scale": scale, "offset": offset}
    spread = {
        name: np.broadcast_to(np.asarray(value, np.float64).reshape(-1), channels) for name, value in weights.items()
    }
    return [Draft("affine", output, {}, {name: value.astype(np.float32) for name, value in spread.items()})]


def _rescaling(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return _affine(layer.scale, layer.offset, output[-1], output)


def _normalization(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    """Return Keras's Normalization over the channels: (x - mean) / max(sd, epsilon)."""
    mean, variance = (np.asarray(keras.ops.convert_to_numpy(each), np.float64) for each in (layer.mean, layer.variance))
    if layer.invert or mean.size not in (1, output[-1]):
        raise Unsupported("a Normalization that is inverted, or not for each channel")
    deviation = np.maximum(np.sqrt(variance), keras.config.epsilon())
    return _affine(1 / deviation, -mean / deviation, output[-1], output)


def _batch_normalization(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    """Return gamma (x - mean) / sqrt(variance + epsilon) + beta with the moving statistics, as it predicts."""
    if layer.axis not in (-1, len(output)):
        raise Unsupported(f"batch normalisation over axis {layer.axis}")
    mean, variance = (_float32(each).astype(np.float64) for each in (layer.moving_mean, layer.moving_variance))
    gamma = 1.0 if layer.gamma is None else _float32(layer.gamma).astype(np.float64)
    beta = 0.0 if layer.beta is None else _float32(layer.beta).astype(np.float64)
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return _affine(scale, beta - mean * scale, output[-1], output)


def _activation_layer(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    numbers = _activation(layer.activation, **getattr(layer, "options", {}))
    return [Draft("activation", output, numbers)] if numbers else []


def _relu(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    if layer.threshold or (layer.max_value not in (None, 6) or (layer.max_value and layer.negative_slope)):
        raise Unsupported("a ReLU with a threshold, or with a maximum other than 6")
    if layer.max_value:
        return [Draft("activation", output, {"activation": "relu6"})]
    return [Draft("activation", output, {"activation": "leaky_relu", "negative_slope": float(layer.negative_slope)})]


def _leaky_relu(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [Draft("activation", output, {"activation": "leaky_relu", "negative_slope": float(layer.negative_slope)})]


def _elu(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [Draft("activation", output, {"activation": "elu", "alpha": float(layer.alpha)})]


def _softmax(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    if layer.axis not in (-1, len(output)):
        raise Unsupported(f"a softmax over axis {layer.axis}")
    return [Draft("activation", output, {"activation": "softmax"})]


def _merge(of: str) -> "Convert":
    def convert(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
        of_channels = (*(1 for _ in output[:-1]), output[-1])
        if any(shape not in (output, of_channels) for shape in inputs):
            raise Unsupported(f"inputs of the shapes {', '.join(map(str, inputs))}")
        return [Draft("merge", output, {"of": of})]

    return convert


def _maxout(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [Draft("maxout", output, {"pieces": layer.pieces})]


def _concatenate(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    if layer.axis not in (-1, len(output)):
        raise Unsupported(f"concatenation along axis {layer.axis}")
    return [Draft("concatenate", output)]


def _padding(source: Shape, amounts: Sequence[Sequence[int]], mode: str) -> Draft:
    (top, bottom), (left, right) = amounts
    height, width, channels = source
    shape = (top + height + bottom, left + width + right, channels)
    return Draft("padding", shape, {"before": [top, left], "mode": mode})


def _zero_padding(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [_padding(inputs[0], layer.padding, "zeros")]


def _cropping(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    (top, _), (left, _) = layer.cropping
    return [Draft("padding", output, {"before": [-top, -left], "mode": "zeros"})]


def _upsampling(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    if layer.interpolation != "nearest":
        raise Unsupported(f"upsampling with interpolation={layer.interpolation!r}")
    return [Draft("upsampling", output, {"size": list(per_axis(layer.size, 2))})]


Convert = Callable[[Any, Sequence[Shape], Shape], list[Draft]]
_OPERATIONS: Mapping[type, Convert] = {
    layers.Conv2D: _conv2d,
    convolution.ManualConv2D: _manual_conv2d,
    layers.DepthwiseConv2D: _depthwise,
    layers.SeparableConv2D: _separable,
    **dict.fromkeys((layers.Dense, core.ManualDense), _dense),
    **dict.fromkeys((layers.MaxPooling2D, pooling.ManualMaxPooling2D), _pooling("max_pooling")),
    **dict.fromkeys((layers.AveragePooling2D, pooling.ManualAveragePooling2D), _pooling("average_pooling")),
    **dict.fromkeys((layers.GlobalMaxPooling2D, pooling.ManualGlobalMaxPooling2D), _plain("global_max")),
    **dict.fromkeys((layers.GlobalAveragePooling2D, pooling.ManualGlobalAveragePooling2D), _plain("global_average")),
    **dict.fromkeys((layers.Flatten, layers.Reshape, core.ManualFlatten), _plain("reshape")),
    **dict.fromkeys(
        (
            layers.Dropout,
            layers.SpatialDropout2D,
            layers.GaussianDropout,
            layers.GaussianNoise,
            layers.AlphaDropout,
            layers.Identity,
            layers.ActivityRegularization,
            core.Dropout,
            core.ManualDropout,
        ),
        _nothing,
    ),
    layers.Rescaling: _rescaling,
    layers.Normalization: _normalization,
    **dict.fromkeys((layers.BatchNormalization, normalization.ManualBatchNormalization), _batch_normalization),
    **dict.fromkeys((layers.Activation, core.ManualActivation), _activation_layer),
    layers.ReLU: _relu,
    layers.LeakyReLU: _leaky_relu,
    layers.ELU: _elu,
    layers.Softmax: _softmax,
    core.ManualMaxout: _maxout,
    **dict.fromkeys((layers.Add, core.ManualAdd), _merge("add")),
    layers.Subtract: _merge("subtract"),
    layers.Multiply: _merge("multiply"),
    layers.Average: _merge("average"),
    layers.Maximum: _merge("maximum"),
    layers.Minimum: _merge("minimum"),
    layers.Concatenate: _concatenate,
    layers.ZeroPadding2D: _zero_padding,
    layers.Cropping2D: _cropping,
    **dict.fromkeys((layers.UpSampling2D, pooling.ManualUpSampling2D), _upsampling),
}
