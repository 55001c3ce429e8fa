"""Turn a trained classifier with dense layers into one that slides over larger images and averages its answers."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_suite.models.layers.core import ManualMaxout
from keras_suite.models.layers.manual_layer import KernelLayer

# What may stand among the dense layers: it does the same to the channels of each position.
_PER_POSITION = (
    layers.Dropout,
    layers.Activation,
    layers.ReLU,
    layers.LeakyReLU,
    layers.BatchNormalization,
    ManualMaxout,
)


def to_convolutional(model: keras.Model) -> keras.Model:
    """Return the same classifier for images (B, H, W, C) of the training size or larger: logits (B, classes).

    The dense layer after the flattening becomes a convolution over the whole training-size feature map (in VGG16
    7x7x512 -> 4096), the later ones become 1x1 convolutions, and the logits are averaged over positions. At the
    training size there is one position and the answers are the same. A larger image is answered as the mean over the
    windows of the training size that the network's stride reaches, at the cost of one pass (Sermanet et al. 2014;
    Simonyan and Zisserman 2015). Exactly so where no layer pads and no pooling leaves out an odd row; VGG's and
    AlexNet's "same" padding puts zeros around a window that stands alone, where a larger image has its neighbours.

    Raises:
        ValueError: if there is no flattening that is followed by dense layers alone.
    """
    head = _head(model)
    flatten = head[0]
    height, width = flatten.input.shape[1:3]
    for layer in model.layers[: model.layers.index(flatten)]:
        if isinstance(layer, KernelLayer):
            raise ValueError(
                f"{model.name} cannot be turned: {layer.name!r} ({type(layer).__name__}) is derived by hand for images "
                "of one size; train with Keras's layers (of pattern_cnn: model.padding_mode=zeros)"
            )
    backbone = keras.models.clone_model(
        keras.Model(model.inputs[0], flatten.input),
        input_tensors=keras.Input((None, None, model.inputs[0].shape[-1]), name=model.inputs[0].name),
    )
    for layer in backbone.layers:
        layer.set_weights(model.get_layer(layer.name).get_weights())
    x, window = backbone.output, (height, width)
    for layer in head[1:]:
        if isinstance(layer, layers.Dense):
            x = _convolution(layer, window)(x)
            window = (1, 1)
        else:
            x = _copied(layer, x)
    logits = layers.GlobalAveragePooling2D(dtype="float32", name="mean_over_positions")(x)
    return keras.Model(backbone.inputs[0], logits, name=model.name)


def _head(model: keras.Model) -> Sequence[layers.Layer]:
    """Return the flattening and all layers after it; raise ValueError that names what cannot be turned."""
    flattened = [number for number, layer in enumerate(model.layers) if isinstance(layer, layers.Flatten)]
    if not flattened:
        raise ValueError(
            f"{model.name} has no flattened feature maps, so there is nothing to turn into convolutions: train with "
            "model.pooling=flatten, or give a model of such a run"
        )
    head = model.layers[flattened[-1] :]
    for layer, after in zip(head, [*head[1:], None], strict=True):
        known = isinstance(layer, (layers.Dense, *_PER_POSITION)) or layer is head[0]
        follows = after is None or after.input is layer.output
        if not known or not follows:
            raise ValueError(
                f"{model.name} cannot be turned: {layer.name!r} ({type(layer).__name__}) is among its dense layers; "
                "expected a chain of Dense, Dropout, Activation, BatchNormalization and maxout after the flattening"
            )
    if len(head[0].input.shape) != 4 or not any(isinstance(layer, layers.Dense) for layer in head):
        raise ValueError(
            f"{model.name} cannot be turned: expected feature maps (B, H, W, C), flattened, and dense layers"
        )
    return head


def _convolution(dense: layers.Dense, window: tuple[int, int]) -> layers.Conv2D:
    """Return the dense layer over all of a (height, width) window, as a convolution with the same numbers."""
    convolution = layers.Conv2D(
        dense.units,
        window,
        activation=dense.activation,
        use_bias=dense.use_bias,
        kernel_initializer="zeros",
        dtype=dense.dtype_policy,
        name=dense.name,
    )
    weights: list[Any] = dense.get_weights()
    kernel = weights[0]  # rows in the order of flattening: height, width, channel
    convolution.build((None, None, None, kernel.shape[0] // (window[0] * window[1])))
    convolution.set_weights([np.reshape(kernel, convolution.kernel.shape), *weights[1:]])
    return convolution


def _copied(layer: layers.Layer, x: Any) -> Any:
    copy = type(layer).from_config(layer.get_config())
    y = copy(x)
    copy.set_weights(layer.get_weights())
    return y
