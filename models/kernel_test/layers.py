"""Which convolutions a network's layers ask of TensorFlow's kernels."""

from collections.abc import Iterator

import keras

from keras_suite.models.kernel_test.convolution import DEPTHWISE, ORDINARY, TRANSPOSED, Convolution
from keras_suite.models.layers.convolution import ManualConv, ManualConv2DTranspose
from keras_suite.models.layers.separable_convolution import ChannelwiseConvolution

KINDS: dict[type[keras.layers.Layer], str] = {
    keras.layers.Conv1D: ORDINARY,
    keras.layers.Conv2D: ORDINARY,
    keras.layers.Conv3D: ORDINARY,
    keras.layers.DepthwiseConv1D: DEPTHWISE,
    keras.layers.DepthwiseConv2D: DEPTHWISE,
    keras.layers.SeparableConv1D: DEPTHWISE,
    keras.layers.SeparableConv2D: DEPTHWISE,
    keras.layers.Conv1DTranspose: TRANSPOSED,
    keras.layers.Conv2DTranspose: TRANSPOSED,
    keras.layers.Conv3DTranspose: TRANSPOSED,
}
HAND_DERIVED: dict[type[keras.layers.Layer], str] = {
    ManualConv: ORDINARY,
    ChannelwiseConvolution: DEPTHWISE,
    ManualConv2DTranspose: TRANSPOSED,
}


def convolutions_of(model: keras.Model) -> Iterator[tuple[keras.layers.Layer, Convolution]]:
    """Yield a network's convolution layers, those of models inside it too, each with what it asks of a kernel.

    Of separable layers it is the depthwise convolution, since one of 1x1 pixels has no steps to go wrong. Left out is
    what says nothing certain beforehand: open sizes, layers without an input of their own, channels first, padding
    that is no zeros, and sizes of one's own after a transposed convolution.
    """
    for layer in model._flatten_layers(include_self=False):
        hand_derived = next((kind for base, kind in HAND_DERIVED.items() if isinstance(layer, base)), None)
        kind = hand_derived or KINDS.get(type(layer))
        if kind is None:
            continue
        shape = _input_shape(layer)
        plain = layer.data_format == "channels_last" and isinstance(layer.padding, str)
        if shape is None or not plain or not _is_usual(layer):
            continue
        depthwise = shape[-1] * layer.depth_multiplier if kind == DEPTHWISE else 0
        yield (
            layer,
            Convolution(
                sizes=shape[:-1],
                channels=shape[-1],
                filters=depthwise or layer.filters,
                kernel=tuple(layer.kernel_size),
                stride=tuple(layer.strides),
                dilation=tuple(layer.dilation_rate),
                groups=shape[-1] if kind == DEPTHWISE else getattr(layer, "groups", 1),
                padding=layer.padding,
                dtype=layer.compute_dtype,
                method=layer.method if hand_derived else "",
                kind=kind,
            ),
        )


def _is_usual(layer: keras.layers.Layer) -> bool:
    flipped, padded_by = getattr(layer, "flip", False), getattr(layer, "padding_mode", "zeros")
    return not flipped and padded_by == "zeros" and getattr(layer, "output_padding", None) is None


def _input_shape(layer: keras.layers.Layer) -> tuple[int, ...] | None:
    """Return the shape of one image of the layer's only input; None if a size is open."""
    try:
        shape = tuple(layer.input.shape[1:])
    except (AttributeError, ValueError):  # never called on a symbolic tensor, or on several
        return None
    return None if None in shape else shape
