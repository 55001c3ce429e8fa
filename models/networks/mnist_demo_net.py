"""The convolutional network of Keras's MNIST demo, in Keras's layers and in hand-derived ones."""

from typing import Literal, Unpack

import keras

from keras_suite.models.networks.blocks import (
    BatchNormalization,
    ImageShape,
    KernelOptions,
    KeyedLayers,
    LayerOptions,
    Rate,
    images,
    keyed_layers,
)
from keras_suite.models.networks.layer_implementations import Layers, with_layers
from keras_suite.models.networks.layer_kinds import manual_layers
from keras_suite.models.scratch_model import ScratchModel

SMALLEST = 6  # two 3x3 convolutions take 4 pixels, and the pooling needs 2


def mnist_demo_net(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    dropout: Rate = 0.25,
    dense_dropout: Rate = 0.5,
    batch_normalization: BatchNormalization = None,
    layers: Layers = (),
    **layer_options: Unpack[LayerOptions],
) -> keras.Model:
    """Build Conv 32 3x3, Conv 64 3x3, MaxPooling 2x2, Dropout, Flatten, Dense 128, Dropout, Dense `classes`.

    1,199,882 parameters for 28x28x1 images and 10 classes. Source: the mnist_cnn example of Keras.

    Args:
        input_shape: at least 6x6 pixels.
        dropout: rate between pooling and Flatten; 0 leaves the layer out.
        dense_dropout: rate before the last Dense layer; 0 leaves the layer out.
        batch_normalization: "before_pooling" puts one layer directly before the pooling: its statistics are over all
            positions. "after_pooling" puts it directly after: over the maxima, with a quarter of the work.
            "before_activation" puts one between each hidden layer and its activation, as the original paper has it.
        layers: kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
        **layer_options: see `LayerOptions`.
    """
    add = keyed_layers(seed, **layer_options)
    net = demo_net("mnist_demo_net", add, input_shape, classes, dropout, dense_dropout, batch_normalization)
    return with_layers(net, layers)


def demo_net(
    name: str,
    add: KeyedLayers,
    input_shape: ImageShape,
    classes: int,
    dropout: float,
    dense_dropout: float,
    batch_normalization: BatchNormalization,
    model: type[keras.Model] = keras.Model,
) -> keras.Model:
    """Build the demo's network in whatever kinds of layers `add` creates, as a model of this class."""
    height, width, _ = input_shape
    if min(height, width) < SMALLEST:
        raise ValueError(
            f"{name} was given images of {height}x{width} pixels and needs at least {SMALLEST}x{SMALLEST}: "
            "set dataset.image_size, or use another model, such as mlp"
        )
    everywhere = batch_normalization == "before_activation"
    inputs, x = images(input_shape)
    x = add.conv(x, 32, 3, name="conv_1", normalised=everywhere)
    x = add.conv(x, 64, 3, name="conv_2", normalised=everywhere)
    if batch_normalization == "before_pooling":
        x = add.batch_normalization(x, name="normalization")
    x = add.pool(x, "max", name="pooling")
    if batch_normalization == "after_pooling":
        x = add.batch_normalization(x, name="normalization")
    x = add.dropout(x, dropout, name="dropout")
    x = add.flatten(x)
    x = add.dense(x, 128, name="dense", normalised=everywhere)
    x = add.dropout(x, dense_dropout, name="dense_dropout")
    return model(inputs, add.logits(x, classes), name=name)


def mnist_manual_net(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    dropout: Rate = 0.25,
    dense_dropout: Rate = 0.5,
    batch_normalization: BatchNormalization = None,
    activation: Literal["relu", "tanh", "sigmoid", "elu", "leaky_relu", "linear"] = "relu",
    method: Literal["primitive", "derivation", "im2col"] = "primitive",
    autodiff: bool = True,
    **kernels: Unpack[KernelOptions],
) -> keras.Model:
    """Build `mnist_demo_net` in hand-derived layers: the same layers, names and, for one seed, initial weights.

    Args:
        dropout, dense_dropout, batch_normalization: as for `mnist_demo_net`.
        activation: of all layers but the last; one of those derived by hand.
        method: of the convolutions' backward pass: TensorFlow's kernels for the derived expressions ("primitive"), the
            derivation itself, or as matrix products ("im2col").
        autodiff: whether TensorFlow's tape strings the backward passes together, or models/scratch_model.py does.
        **kernels: see `KernelOptions`.
    """
    model = keras.Model if autodiff else ScratchModel
    add = keyed_layers(seed, manual_layers(method), activation=activation, **kernels)
    return demo_net("mnist_manual_net", add, input_shape, classes, dropout, dense_dropout, batch_normalization, model)
