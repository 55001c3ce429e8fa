"""Layers that are adapted to images before a network is trained, as Keras's `Normalization` asks to be.

In a loop of one's own `layer.adapt(images)` does that. A network that the suite builds has its layers adapted to the
training images of the run's seed, as they are before augmentation: never to those that validate or test it.
"""

from collections.abc import Callable, Iterable

import keras
import numpy as np

from keras_suite.models.layers.whitening import PatchWhitening

ADAPTED_TO = 10_000  # training images at most, spread over all


def adapted_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers of a network, and of models inside it, that are adapted: whose numbers are not given."""
    return [layer for layer in model._flatten_layers() if _takes_images(layer)]


def adapt_layers(model: keras.Model, name: str, batches: Callable[[], Iterable[object]]) -> None:
    """Adapt, one after another, the layers that are as they were created.

    Args:
        model: The network, with its initial weights.
        name: Of the network, for messages.
        batches: Returns batches of training images, as the network takes them.

    Raises:
        ValueError: If what reaches such a layer cannot be computed.
    """
    for layer in adapted_layers(model):
        if not _is_new(layer):
            continue
        try:
            before = keras.Model(model.inputs, layer.input)
        except (ValueError, AttributeError, TypeError):
            raise ValueError(
                f"model {name!r}: its layer {layer.name!r} is to be adapted to the training images, and inside another "
                "model or a subclass it is not known what reaches it: give it mean=… and variance=…, or put it "
                "directly into a functional or sequential model"
            ) from None
        layer.adapt(before(batch, training=True) for batch in batches())


def _takes_images(layer: keras.layers.Layer) -> bool:
    if isinstance(layer, keras.layers.Normalization):
        return layer.input_mean is None
    return isinstance(layer, PatchWhitening)


def _is_new(layer: keras.layers.Layer) -> bool:
    """Return whether a layer neither was adapted nor got the weights of one that was."""
    if isinstance(layer, PatchWhitening):
        return not np.any(layer.kernel)
    if not layer.built:
        return True
    return not np.any(layer.adapt_mean) and bool(np.all(np.equal(layer.adapt_variance, 1)))
