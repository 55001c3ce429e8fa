"""The network of Keras's MNIST demo with every layer's backward pass derived by hand."""

from functools import partial
from typing import Literal

import keras

from keras_suite.models.layers.activation import ManualActivation
from keras_suite.models.layers.batch_normalization import ManualBatchNormalization
from keras_suite.models.layers.convolution import ManualConv2D, ManualConv2DTranspose
from keras_suite.models.layers.dense import ManualDense
from keras_suite.models.layers.pooling import ManualAveragePooling2D, ManualMaxPooling2D
from keras_suite.models.layers.shaping import ManualDropout, ManualFlatten
from keras_suite.models.networks.blocks import (
    BatchNormalization,
    ImageShape,
    Initializer,
    LayerKinds,
    Penalty,
    Rate,
    keyed_layers,
)
from keras_suite.models.networks.mnist_demo_net import demo_net
from keras_suite.models.scratch_model import ScratchModel


def manual_layers(method: str = "primitive") -> LayerKinds:
    """The hand-derived kinds of layers, convolutions with this `method` of their backward pass."""
    return LayerKinds(
        conv2d=partial(ManualConv2D, method=method),
        conv2d_transpose=ManualConv2DTranspose,
        dense=ManualDense,
        dropout=ManualDropout,
        batch_normalization=ManualBatchNormalization,
        activation=ManualActivation,
        max_pooling2d=ManualMaxPooling2D,
        average_pooling2d=ManualAveragePooling2D,
        flatten=ManualFlatten,
    )


def mnist_manual_net(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    dropout: Rate = 0.25,
    dense_dropout: Rate = 0.5,
    l1: Penalty = 0.0,
    l2: Penalty = 0.0,
    batch_normalization: BatchNormalization = None,
    activation: Literal["relu", "tanh", "sigmoid", "elu", "leaky_relu", "linear"] = "relu",
    initializer: Initializer = "glorot_uniform",
    method: Literal["primitive", "derivation", "im2col"] = "primitive",
    autodiff: bool = True,
) -> keras.Model:
    """`mnist_demo_net` in hand-derived layers: the same layers, names and, for one seed, initial weights.

    Args:
        input_shape, classes, seed: as for `mnist_demo_net`, and so are the options but the last two.
        method: of the convolutions' backward pass: TensorFlow's kernels for the derived expressions ("primitive"), the
            derivation itself, or as matrix products ("im2col").
        autodiff: whether TensorFlow's tape strings the backward passes together, or models/scratch_model.py does.
    """
    model = keras.Model if autodiff else ScratchModel
    add = keyed_layers(seed, activation, initializer, l1, l2, manual_layers(method))
    return demo_net("mnist_manual_net", add, input_shape, classes, dropout, dense_dropout, batch_normalization, model)
