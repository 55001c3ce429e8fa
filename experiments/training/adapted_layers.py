"""Layers that are adapted to images before a network is trained, as Keras's `Normalization` asks to be.

In a loop of one's own `layer.adapt(images)` does that. A network that the suite builds has its layers adapted to the
training images of the run's seed, as they are before augmentation: never to those that validate or test it.
"""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from keras_suite.models.layers.whitening import PatchWhitening

ADAPTED_TO = 10_000  # training images at most, spread over all


def adapted_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers of a network, and of models inside it, that are adapted: whose numbers are not given."""
    return [layer for layer in model._flatten_layers() if _takes_images(layer)]


def adapt_layers(model: keras.Model, batches: Callable[[], Iterable[Any]]) -> None:
    """Adapt, one after another, the layers that are as they were created: not those that a builder adapted itself.

    Args:
        model: The network, with its initial weights.
        batches: Returns batches of training images, as the network takes them.
    """
    for layer in adapted_layers(model):
        if _is_new(layer):
            reaching = (_reaching(layer, model, batch) for batch in batches())
            first = next(reaching, None)
            if first is not None:
                _adapt(layer, itertools.chain([first], (each for each in reaching if each is not None)))


def _adapt(layer: keras.layers.Layer, inputs: Iterable[Any]) -> None:
    """Adapt a layer in float32, whatever it computes in: Keras sums in half precision, or fails to."""
    policy = layer.dtype_policy
    try:
        layer.dtype_policy = keras.DTypePolicy("float32")
        layer.adapt(keras.ops.cast(each, "float32") for each in inputs)
    finally:
        layer.dtype_policy = policy
    if isinstance(layer, keras.layers.Normalization):
        layer.finalize_state()  # in the precision that it computes in


class _Reached(BaseException):
    """What reaches a layer; no Exception, so that Keras passes it on."""

    def __init__(self, inputs: Any) -> None:
        super().__init__()
        self.inputs = inputs


def _reaching(layer: keras.layers.Layer, model: keras.Model, batch: Any) -> Any:
    """Return what reaches a layer, wherever in the network it is; None if nothing does."""

    def reached(inputs: Any, *further: Any, **options: Any) -> None:
        raise _Reached(inputs)

    layer.call = reached
    try:
        model(batch, training=False)
    except _Reached as found:
        images = batch[0] if isinstance(batch, tuple) else batch
        return found.inputs[: len(images)]  # of several views of each image the first are the images themselves
    finally:
        del layer.call
    return None


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
