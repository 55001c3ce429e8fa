"""Freezing the front of a network, and training what is behind it.

A frozen layer keeps its weights and works as it does when the model predicts: batch normalisation uses its moving
statistics, dropout does nothing. So a frozen front is a fixed function of the image, which may be computed once.
"""

import difflib
import math
from typing import Any

import keras

from keras_suite.models.networks.backbone import backbone_layers, blocks
from keras_suite.models.transfer.phases import Phase


def freeze(model: keras.Model, phase: Phase, pretrained_blocks: int | None = 0) -> int:
    """Sets what the phase trains, and gives the number of trainable parameters.

    In the first `pretrained_blocks` blocks (None: in all) batch normalisation stays frozen in every phase: its
    statistics were estimated on far more images than a small set has, and `training=False` alone would not keep it once
    its layers are trainable (Keras's guide to transfer learning). In blocks that start from random weights it has
    nothing to keep and is trained. ValueError if the phase names what the model does not have.
    """
    first = _first_trained(model, phase)
    kept = {layer.name for block in _pretrained(model, pretrained_blocks) for layer in block if _normalises(layer)}
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= first and layer.name not in kept
    count = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    if not count:
        raise ValueError(f"phase {phase.title!r} of {model.name} would train nothing: choose an earlier layer")
    return count


def split(model: keras.Model) -> tuple[keras.Model | None, keras.Model]:
    """The frozen front (images -> features; None if there is none) and the rest (features -> logits).

    Both share their layers with the model. The cut is the last layer before all trainable ones that everything behind
    it depends on through its output alone.
    """
    first = next(number for number, layer in enumerate(model.layers) if layer.trainable_weights)
    for layer in reversed(model.layers[:first]):
        front = keras.Model(model.input, layer.output, name=f"{model.name}_to_{layer.name}")
        if not front.weights:
            break
        try:
            return front, keras.Model(layer.output, model.output, name=f"{model.name}_from_{layer.name}")
        except ValueError:  # other branches lead past this layer
            continue
    return None, model


class FrozenFront(keras.Model):
    """The rest of a network behind its frozen front, trained on images: the front is computed anew in every step."""

    def __init__(self, front: keras.Model, rest: keras.Model) -> None:
        super().__init__(name=rest.name)
        self.front, self.rest = front, rest

    def call(self, images: Any, training: bool | None = None) -> Any:
        return self.rest(self.front(images, training=False), training=training)


def _first_trained(model: keras.Model, phase: Phase) -> int:
    """The number of the first layer that may be trained."""
    names = [layer.name for layer in model.layers]
    if phase.layer is not None:
        if phase.layer not in names:
            near = difflib.get_close_matches(phase.layer, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{model.name} has no layer {phase.layer!r} to train from{hint} (`shapes` lists them)")
        return names.index(phase.layer)
    if phase.blocks is None:
        return 0
    if not phase.blocks:
        return len(backbone_layers(model))
    found = blocks(model)
    if phase.blocks > len(found):
        raise ValueError(f"{model.name} has {len(found)} blocks: blocks={phase.blocks} is too many")
    return min(names.index(layer.name) for layer in found[-phase.blocks])


def _pretrained(model: keras.Model, count: int | None) -> tuple[tuple[keras.Layer, ...], ...]:
    return () if count == 0 else blocks(model)[:count]


def _normalises(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.BatchNormalization)
