"""Which convolutions a network's layers ask of TensorFlow's kernels."""

from collections.abc import Iterator

import keras

from keras_suite.models.kernel_test.convolution import Convolution
from keras_suite.models.layers.convolution import ManualConv

KERAS_CONVOLUTIONS = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)


def convolutions_of(model: keras.Model) -> Iterator[tuple[keras.layers.Layer, Convolution]]:
    """Yield a network's convolution layers, those of models inside it too, each with what it asks of a kernel.

    Left out is what says nothing certain beforehand: open sizes, layers without an input of their own, channels first,
    and padding that is no zeros.
    """
    for layer in model._flatten_layers(include_self=False):
        hand_derived = isinstance(layer, ManualConv)
        if not hand_derived and type(layer) not in KERAS_CONVOLUTIONS:
            continue
        shape = _input_shape(layer)
        plain = layer.data_format == "channels_last" and isinstance(layer.padding, str)
        if shape is None or not plain or (hand_derived and (layer.flip or layer.padding_mode != "zeros")):
            continue
        yield (
            layer,
            Convolution(
                sizes=shape[:-1],
                channels=shape[-1],
                filters=layer.filters,
                kernel=tuple(layer.kernel_size),
                stride=tuple(layer.strides),
                dilation=tuple(layer.dilation_rate),
                groups=layer.groups,
                padding=layer.padding,
                dtype=layer.compute_dtype,
                method=layer.method if hand_derived else "",
            ),
        )


def _input_shape(layer: keras.layers.Layer) -> tuple[int, ...] | None:
    """Return the shape of one image of the layer's only input; None if a size is open."""
    try:
        shape = tuple(layer.input.shape[1:])
    except (AttributeError, ValueError):  # never called on a symbolic tensor, or on several
        return None
    return None if None in shape else shape
