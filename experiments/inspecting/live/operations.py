"""What each kind of layer computes when a network predicts, as the operations that a page carries out.

The kinds of operations are those of `reports/page/templates/live/kernels.js`. Keras's layers and the hand-derived ones
become the same operations. A class is recognised by itself, not by its bases: what a subclass computes is its own
affair.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_suite.experiments.inspecting.live import windows
from keras_suite.experiments.inspecting.live.draft import (
    Convert,
    Draft,
    Shape,
    Unsupported,
    activation_numbers,
    float32_of,
    kernel_and_bias,
)
from keras_suite.models.layers import convolution, core, normalization, pooling, separable_convolution


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


def _dense(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    return [
        Draft("dense", output, activation_numbers(layer.activation), kernel_and_bias(layer, float32_of(layer.kernel)))
    ]


def _plain(kind: str) -> Convert:
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
    mean, variance = (float32_of(each).astype(np.float64) for each in (layer.moving_mean, layer.moving_variance))
    gamma = 1.0 if layer.gamma is None else float32_of(layer.gamma).astype(np.float64)
    beta = 0.0 if layer.beta is None else float32_of(layer.beta).astype(np.float64)
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return _affine(scale, beta - mean * scale, output[-1], output)


def _activation_layer(layer: Any, inputs: Sequence[Shape], output: Shape) -> list[Draft]:
    numbers = activation_numbers(layer.activation, **getattr(layer, "options", {}))
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


def _merge(of: str) -> Convert:
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


_OPERATIONS: Mapping[type, Convert] = {
    layers.Conv2D: windows.conv2d,
    convolution.ManualConv2D: windows.manual_conv2d,
    **dict.fromkeys((layers.DepthwiseConv2D, separable_convolution.ManualDepthwiseConv2D), windows.depthwise),
    **dict.fromkeys((layers.SeparableConv2D, separable_convolution.ManualSeparableConv2D), windows.separable),
    **dict.fromkeys((layers.Dense, core.ManualDense), _dense),
    **dict.fromkeys((layers.MaxPooling2D, pooling.ManualMaxPooling2D), windows.pooling("max_pooling")),
    **dict.fromkeys((layers.AveragePooling2D, pooling.ManualAveragePooling2D), windows.pooling("average_pooling")),
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
    layers.ZeroPadding2D: windows.zero_padding,
    layers.Cropping2D: windows.cropping,
    **dict.fromkeys((layers.UpSampling2D, pooling.ManualUpSampling2D), windows.upsampling),
}
