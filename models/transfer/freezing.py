"""Freeze a network's feature extractor, and train the head behind it.

A frozen layer keeps its weights and works as it does when the model predicts: batch normalisation uses its moving
statistics, dropout does nothing. So a frozen feature extractor is a fixed function of the image, which may be computed
once.
"""

import math
from typing import Any

import keras

from keras_suite.models.layers.views import ImageViews
from keras_suite.models.networks.backbone import backbone_layers, blocks
from keras_suite.models.transfer.phases import Phase
from keras_suite.tasks.wording.near_names import did_you_mean


def freeze(model: keras.Model, phase: Phase, pretrained_blocks: int | None = 0) -> int:
    """Make trainable what the phase trains, and nothing else.

    Batch normalisation in blocks with pretrained weights stays frozen in every phase: its statistics were estimated on
    far more images than a small set has, and `training=False` alone would not keep it once its layers are trainable
    (Keras's guide to transfer learning). In blocks that start from random weights it has nothing to keep.

    Args:
        model: any network; one with a backbone if the phase counts blocks.
        phase: says which layers are trained.
        pretrained_blocks: how many blocks, from the first on, have pretrained weights; None for all.

    Returns:
        The number of trainable parameters.

    Raises:
        ValueError: if the phase names what the model does not have, or would train nothing.
    """
    first = _first_trained(model, phase)
    pretrained = () if pretrained_blocks == 0 else blocks(model)[:pretrained_blocks]
    normalisations = {
        layer.name for block in pretrained for layer in block if isinstance(layer, keras.layers.BatchNormalization)
    }
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= first and layer.name not in normalisations
    count = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    if not count:
        raise ValueError(f"phase {phase.title!r} of {model.name} would train nothing: choose an earlier layer")
    return count


def split(model: keras.Model) -> tuple[keras.Model | None, keras.Model]:
    """Cut the model at its last frozen layer.

    The cut is the last layer before all trainable ones that everything behind it depends on through its output alone.

    Returns:
        The frozen feature extractor (images -> features; None if there is none) and the trainable head
        (features -> outputs). Both share their layers with the model.

    Raises:
        ValueError: if the extractor shows each image in several views: there would be more features than images.
    """
    first = next(number for number, layer in enumerate(model.layers) if layer.trainable_weights)
    for layer in reversed(model.layers[:first]):
        extractor = keras.Model(model.input, layer.output, name=f"{model.name}_to_{layer.name}")
        if not extractor.weights:
            break
        if any(isinstance(each, ImageViews) for each in extractor.layers):
            raise ValueError(f"the frozen part of {model.name} has test views of its own: set model.test_views=none")
        try:
            return extractor, keras.Model(layer.output, model.output, name=f"{model.name}_from_{layer.name}")
        except ValueError:  # other branches lead past this layer
            continue
    return None, model


class FrozenExtractorModel(keras.Model):
    """A trainable head behind its frozen feature extractor, trained on images: features are computed in every step."""

    def __init__(self, extractor: keras.Model, head: keras.Model) -> None:
        super().__init__(name=head.name)
        self.extractor, self.head = extractor, head

    def call(self, images: Any, training: bool | None = None) -> Any:
        return self.head(self.extractor(images, training=False), training=training)


def _first_trained(model: keras.Model, phase: Phase) -> int:
    """Return the number of the first layer that may be trained."""
    names = [layer.name for layer in model.layers]
    if phase.layer is not None:
        if phase.layer not in names:
            hint = did_you_mean(phase.layer, names)
            raise ValueError(f"{model.name} has no layer {phase.layer!r} to train from{hint} (`shapes` lists them)")
        return names.index(phase.layer)
    if phase.blocks is None:
        return 0
    if not phase.blocks:
        return len(backbone_layers(model))
    groups = blocks(model)
    if phase.blocks > len(groups):
        raise ValueError(f"{model.name} has {len(groups)} blocks: blocks={phase.blocks} is too many")
    return min(names.index(layer.name) for layer in groups[-phase.blocks])
