"""Every hand-derived layer beside Keras's own, with a small input; one table for all tests of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_suite.models.layers.attention import ManualMultiHeadAttention, ManualPositionEmbedding
from keras_suite.models.layers.convolution import (
    ManualConv1D,
    ManualConv2D,
    ManualConv2DTranspose,
    ManualConv3D,
    ManualLocallyConnected2D,
)
from keras_suite.models.layers.core import (
    ManualActivation,
    ManualAdd,
    ManualBatchNormalization,
    ManualDense,
    ManualDropout,
    ManualFlatten,
    ManualMaxout,
)
from keras_suite.models.layers.manual_layer import ACTIVATIONS
from keras_suite.models.layers.normalization import ManualLayerNormalization
from keras_suite.models.layers.pooling import (
    ManualAveragePooling2D,
    ManualGlobalAveragePooling2D,
    ManualGlobalMaxPooling2D,
    ManualMaxPooling2D,
    ManualMaxUnpooling2D,
    ManualUpSampling2D,
)
from keras_suite.models.layers.recurrent import ManualLSTM
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D, ManualSeparableConv2D

IMAGE = (6, 5, 2)


@dataclass(frozen=True)
class LayerCase:
    """Our layer, Keras's (None where Keras has none), and the shape of one input."""

    ours: Callable[[], Any]
    keras: Callable[[], Any] | None
    shape: tuple[int, ...] = IMAGE


def _pair(ours: Any, theirs: Any, shape: tuple[int, ...] = IMAGE, **options: Any) -> LayerCase:
    return LayerCase(lambda: ours(**options), (lambda: theirs(**options)) if theirs else None, shape)


class PoolAndUnpool(keras.layers.Layer):
    """Maxima put back to where they came from: the two layers that hand indices to each other."""

    def __init__(self, **layer: Any) -> None:
        super().__init__(**layer)
        self.pooling = ManualMaxPooling2D(2, return_indices=True)
        self.unpooling = ManualMaxUnpooling2D(IMAGE[:2])

    def call(self, x: Any) -> Any:
        return self.unpooling(self.pooling(x))


class Doubled(keras.layers.Layer):
    """x + x by the residual addition."""

    def __init__(self, add: Any, **layer: Any) -> None:
        super().__init__(**layer)
        self.add = add

    def call(self, x: Any) -> Any:
        return self.add([x, x])


class Attended(keras.layers.Layer):
    """Attention of x to itself."""

    def __init__(self, attention: Any, **layer: Any) -> None:
        super().__init__(**layer)
        self.attention = attention

    def call(self, x: Any, training: bool | None = None) -> Any:
        return self.attention(x, x, training=training)


AROUND = ("max_unpooling2d", "add", "attention", "attention_dropout")  # layers of this file, around ours
ROOT = {"kernel_initializer": "he_normal", "bias_initializer": "random_normal", "kernel_regularizer": "l2"}

LAYERS: dict[str, LayerCase] = {
    "dense": _pair(ManualDense, layers.Dense, (7,), units=4, activation="tanh", **ROOT),
    "dense_without_bias": _pair(ManualDense, layers.Dense, (7,), units=4, use_bias=False),
    "conv1d": _pair(ManualConv1D, layers.Conv1D, (9, 4), filters=4, kernel_size=3, padding="causal", dilation_rate=2),
    "conv2d": _pair(ManualConv2D, layers.Conv2D, filters=3, kernel_size=3, activation="relu", **ROOT),
    "conv2d_strided": _pair(ManualConv2D, layers.Conv2D, filters=3, kernel_size=(3, 2), strides=2, padding="same"),
    "conv2d_dilated": _pair(ManualConv2D, layers.Conv2D, filters=3, kernel_size=2, dilation_rate=2, padding="same"),
    "conv2d_grouped": _pair(ManualConv2D, layers.Conv2D, filters=4, kernel_size=2, groups=2),
    "conv2d_derivation": LayerCase(
        lambda: ManualConv2D(3, 3, 2, "same", method="derivation"), lambda: layers.Conv2D(3, 3, 2, "same")
    ),
    "conv2d_im2col": LayerCase(
        lambda: ManualConv2D(3, 3, 2, "same", method="im2col"), lambda: layers.Conv2D(3, 3, 2, "same")
    ),
    "conv2d_fused": LayerCase(
        lambda: ManualConv2D(3, 3, padding="same", activation="elu", fused=True),
        lambda: layers.Conv2D(3, 3, padding="same", activation="elu"),
    ),
    "conv2d_reflect": LayerCase(lambda: ManualConv2D(3, 3, padding=2, padding_mode="reflect", flip=True), None),
    "conv3d": _pair(ManualConv3D, layers.Conv3D, (4, 3, 5, 2), filters=2, kernel_size=2, strides=(1, 2, 2)),
    "conv2d_transpose": _pair(ManualConv2DTranspose, layers.Conv2DTranspose, filters=3, kernel_size=3, strides=2),
    "conv2d_transpose_same": _pair(
        ManualConv2DTranspose,
        layers.Conv2DTranspose,
        filters=2,
        kernel_size=3,
        strides=2,
        padding="same",
        output_padding=1,
    ),
    "depthwise_conv2d": _pair(
        ManualDepthwiseConv2D,
        layers.DepthwiseConv2D,
        kernel_size=3,
        strides=2,
        padding="same",
        depth_multiplier=2,
        activation="tanh",
        depthwise_initializer="he_normal",
        bias_initializer="random_normal",
    ),
    "depthwise_conv2d_dilated": _pair(
        ManualDepthwiseConv2D, layers.DepthwiseConv2D, kernel_size=(3, 2), dilation_rate=2, use_bias=False
    ),
    "separable_conv2d": _pair(
        ManualSeparableConv2D, layers.SeparableConv2D, filters=3, kernel_size=3, pointwise_regularizer="l2"
    ),
    "conv2d_transpose_fused": LayerCase(
        lambda: ManualConv2DTranspose(2, 3, strides=2, padding="same", fused=True),
        lambda: layers.Conv2DTranspose(2, 3, strides=2, padding="same"),
    ),
    "conv2d_transpose_derivation": LayerCase(
        lambda: ManualConv2DTranspose(2, 3, strides=2, method="derivation"),
        lambda: layers.Conv2DTranspose(2, 3, strides=2),
    ),
    "locally_connected2d": LayerCase(lambda: ManualLocallyConnected2D(3, (2, 3), 2, activation="elu"), None),
    "max_pooling2d": _pair(ManualMaxPooling2D, layers.MaxPooling2D, pool_size=3, strides=2, padding="same"),
    "average_pooling2d": _pair(ManualAveragePooling2D, layers.AveragePooling2D, pool_size=(3, 2), padding="same"),
    "global_average_pooling2d": _pair(ManualGlobalAveragePooling2D, layers.GlobalAveragePooling2D),
    "global_max_pooling2d": _pair(ManualGlobalMaxPooling2D, layers.GlobalMaxPooling2D),
    "max_unpooling2d": LayerCase(PoolAndUnpool, None),
    "up_sampling2d": _pair(ManualUpSampling2D, layers.UpSampling2D, size=(2, 3)),
    "batch_normalization": _pair(ManualBatchNormalization, layers.BatchNormalization, momentum=0.9, epsilon=1e-2),
    "batch_normalization_dense": _pair(ManualBatchNormalization, layers.BatchNormalization, (7,), scale=False),
    "layer_normalization": _pair(ManualLayerNormalization, layers.LayerNormalization, epsilon=1e-2),
    "layer_normalization_axes": _pair(
        ManualLayerNormalization, layers.LayerNormalization, axis=(2, 3), center=False, gamma_regularizer="l2"
    ),
    "attention": LayerCase(
        lambda: Attended(ManualMultiHeadAttention(2, 3, value_dim=2, use_bias=False)),  # a key's bias never trains
        lambda: Attended(layers.MultiHeadAttention(2, 3, value_dim=2, use_bias=False)),
        (5, 4),
    ),
    "attention_dropout": LayerCase(
        lambda: Attended(ManualMultiHeadAttention(2, 3, dropout=0.2, use_bias=False, seed=1)), None, (5, 4)
    ),
    "position_embedding": LayerCase(ManualPositionEmbedding, None),
    "dropout": LayerCase(lambda: ManualDropout(0.4, seed=3), None),
    "lstm": _pair(ManualLSTM, layers.LSTM, (5, 3), units=4, bias_initializer="random_normal"),
    "lstm_sequence": _pair(ManualLSTM, layers.LSTM, (5, 3), units=4, use_bias=False, return_sequences=True),
    "flatten": _pair(ManualFlatten, layers.Flatten),
    "add": LayerCase(lambda: Doubled(ManualAdd()), lambda: Doubled(layers.Add())),
    "maxout": LayerCase(lambda: ManualMaxout(2), None),
    **{
        name: _pair(ManualActivation, layers.Activation, activation=name)
        for name in ACTIVATIONS
    },
}  # fmt: skip


def inputs(case: LayerCase, batch: int = 4, seed: int = 0) -> np.ndarray:
    """Spread out enough that no two entries tie and none is near a kink."""
    return np.random.default_rng(seed).normal(size=(batch, *case.shape)).astype(np.float32)
