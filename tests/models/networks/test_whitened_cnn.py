"""The network that learns in few epochs: its parameters, its options, and what does not go with test views."""

import itertools

import keras
import numpy as np
import pytest

from keras_suite.models.layers.whitening import PatchWhitening
from keras_suite.models.networks.whitened_cnn import whitened_cnn
from keras_suite.models.transfer.freezing import split


def test_its_parameters_are_those_of_its_description() -> None:
    model = whitened_cnn((32, 32, 3), 10, 1)
    channels = [24, 64, 64, 256, 256, 256, 256]
    convolutions = sum(9 * a * b for a, b in itertools.pairwise(channels))
    expected = 12 * 24 + 24 + convolutions + 4 * sum(channels[1:]) + 256 * 10 + 10
    assert model.count_params() == expected == 1_975_106
    assert model.get_layer("block3_conv2").output.shape == (None, 3, 3, 256)


def test_without_whitening_the_first_convolution_has_as_many_filters_and_learns_them() -> None:
    model = whitened_cnn((16, 16, 1), 3, 1, width=0.125, whitening=False)
    assert not [layer for layer in model.layers if isinstance(layer, PatchWhitening)]
    assert model.get_layer("first").kernel.shape == (2, 2, 1, 8) and model.get_layer("first").kernel.trainable
    with_it = whitened_cnn((16, 16, 1), 3, 1, width=0.125)
    assert with_it.get_layer("whitening").kernel.shape == (2, 2, 1, 8)


def test_views_change_what_is_predicted_and_not_the_weights() -> None:
    plain, viewed = (
        whitened_cnn((16, 16, 3), 3, 5, width=0.1, whitening=False, test_views=views) for views in ("none", "mirror")
    )
    images = np.random.default_rng(0).uniform(0, 255, (4, 16, 16, 3)).astype(np.float32)
    for one, other in zip(plain.get_weights(), viewed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    mean = (np.asarray(plain(images)) + np.asarray(plain(images[:, :, ::-1]))) / 2
    np.testing.assert_allclose(np.asarray(viewed(images)), mean, atol=1e-5)


def test_the_scale_multiplies_the_logits_and_changes_no_weight() -> None:
    plain, scaled = (whitened_cnn((16, 16, 3), 3, 5, width=0.1, whitening=False, logits_scale=s) for s in (1.0, 0.125))
    images = np.random.default_rng(0).uniform(0, 255, (4, 16, 16, 3)).astype(np.float32)
    for one, other in zip(plain.get_weights(), scaled.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(np.asarray(scaled(images)), np.asarray(plain(images)) / 8, rtol=1e-4, atol=1e-5)


def test_too_small_images_and_a_frozen_part_with_views_are_refused() -> None:
    with pytest.raises(ValueError, match="whitened_cnn was given images of 8x9 pixels"):
        whitened_cnn((8, 9, 3), 3, 1)
    with pytest.raises(ValueError, match="maxout, which halves the channels"):
        whitened_cnn((9, 9, 3), 3, 1, activation="maxout")
    model = whitened_cnn((9, 9, 3), 3, 1, width=0.1, test_views="mirror")
    for layer in model.layers[:-2]:
        layer.trainable = False
    with pytest.raises(ValueError, match=r"test views of its own: set model.test_views=none"):
        split(model)
    assert isinstance(model, keras.Model)
