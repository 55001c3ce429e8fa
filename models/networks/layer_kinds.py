"""Which classes of layers networks are built from: Keras's own, or the hand-derived ones."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from keras import layers

from keras_suite.models.layers.convolution import ManualConv2D, ManualConv2DTranspose
from keras_suite.models.layers.core import (
    Dropout,
    ManualActivation,
    ManualBatchNormalization,
    ManualDense,
    ManualDropout,
    ManualFlatten,
)
from keras_suite.models.layers.pooling import ManualAveragePooling2D, ManualMaxPooling2D
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D


@dataclass(frozen=True)
class LayerKinds:
    """The constructors of the layers, with Keras's arguments: Keras's own classes, or the hand-derived ones."""

    conv2d: Callable[..., Any] = layers.Conv2D
    conv2d_transpose: Callable[..., Any] = layers.Conv2DTranspose
    depthwise_conv2d: Callable[..., Any] = layers.DepthwiseConv2D
    dense: Callable[..., Any] = layers.Dense
    dropout: Callable[..., Any] = Dropout
    batch_normalization: Callable[..., Any] = layers.BatchNormalization
    activation: Callable[..., Any] = layers.Activation
    max_pooling2d: Callable[..., Any] = layers.MaxPooling2D
    average_pooling2d: Callable[..., Any] = layers.AveragePooling2D
    flatten: Callable[..., Any] = layers.Flatten


KERAS_LAYERS = LayerKinds()


def manual_layers(method: str = "primitive") -> LayerKinds:
    """Return the hand-derived kinds of layers, convolutions with this `method` of their backward pass."""
    return LayerKinds(
        conv2d=partial(ManualConv2D, method=method),
        conv2d_transpose=ManualConv2DTranspose,
        depthwise_conv2d=ManualDepthwiseConv2D,
        dense=ManualDense,
        dropout=ManualDropout,
        batch_normalization=ManualBatchNormalization,
        activation=ManualActivation,
        max_pooling2d=ManualMaxPooling2D,
        average_pooling2d=ManualAveragePooling2D,
        flatten=ManualFlatten,
    )
