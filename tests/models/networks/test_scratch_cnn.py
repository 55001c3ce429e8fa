"""The smallest convolutional network: its layers, and images that are too small for it."""

import pytest

from keras_suite.models.networks.scratch_cnn import scratch_cnn
from keras_suite.models.scratch_model import ScratchModel


def test_it_is_a_chain_of_hand_derived_layers_trained_without_autodiff() -> None:
    model = scratch_cnn((8, 8, 1), 10, 1, filters=4, units=6)
    assert isinstance(model, ScratchModel)
    assert [layer.name for layer in model.layers[2:]] == ["conv", "pooling", "flatten", "dense", "logits"]
    assert model.count_params() == (9 * 4 + 4) + (3 * 3 * 4 * 6 + 6) + (6 * 10 + 10)


def test_too_small_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"images of 3x9 pixels and needs at least 4 of each: set dataset.image_size"):
        scratch_cnn((3, 9, 1), 10, 1)
