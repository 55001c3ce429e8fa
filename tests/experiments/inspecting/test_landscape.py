"""The loss surface: filter-normalised directions, and what they make of networks that compute the same."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.landscape import Measured, directions, surface
from keras_suite.experiments.inspecting.network import Network
from keras_suite.models.losses import cross_entropy

IMAGES = np.random.default_rng(0).integers(0, 256, (70, 6, 6, 1)).astype(np.uint8)
LABELS = np.eye(3, dtype=np.float32)[np.random.default_rng(1).integers(0, 3, 70)]


def network(normalised: bool = True) -> keras.Model:
    inputs = keras.Input((6, 6, 1))
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(4, 3, use_bias=False, name="conv")(x)
    x = layers.BatchNormalization(name="normalization")(x) if normalised else x
    x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(2, use_bias=False, name="depthwise")(x)
    x = layers.Conv2DTranspose(5, 2, use_bias=False, name="transposed")(x)
    x = layers.ReLU()(x)
    x = layers.Dense(6, use_bias=False, activation="relu", name="dense")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(3, name="logits")(x))


def measured(model: keras.Model) -> Measured:
    return Measured("by hand", Network(model, ("a", "b", "c")), cross_entropy(), IMAGES, LABELS)


def test_each_filter_of_a_direction_is_as_long_as_the_weights_filter() -> None:
    model = network()
    by_name = dict(zip(("conv", "depthwise", "transposed", "dense", "logits"), directions(model, 1, 1), strict=True))
    within = {"conv": (0, 1, 2), "depthwise": (0, 1), "transposed": (0, 1, 3), "dense": (0,), "logits": (0,)}
    for name, axes in within.items():
        weights = np.asarray(model.get_layer(name).kernel)
        expected, lengths = (np.sqrt(np.square(each).sum(axis=axes)) for each in (weights, by_name[name]))
        np.testing.assert_allclose(lengths, expected, rtol=1e-4)
        assert expected.size == {"conv": 4, "depthwise": 4, "transposed": 5, "dense": 6, "logits": 3}[name]


def test_directions_are_keyed_by_seed_number_and_layer() -> None:
    model = network()
    first = np.concatenate([each.ravel() for each in directions(model, 1, 1)])
    for seed, number, same in ((1, 1, True), (1, 2, False), (2, 1, False)):
        other = np.concatenate([each.ravel() for each in directions(model, seed, number)])
        assert np.array_equal(first, other) == same
        if not same:
            assert abs(np.corrcoef(first, other)[0, 1]) < 0.3


def test_the_middle_is_the_loss_of_the_weights_and_they_are_put_back() -> None:
    model = network()
    before = model.get_weights()
    result = surface(measured(model), seed=1, grid=3, reach=1.0)
    expected = float(cross_entropy()(LABELS, model(IMAGES.astype(np.float32), training=False)))
    assert result.middle == pytest.approx(expected, rel=1e-5)
    assert result.images == 70
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_columns_go_along_the_first_direction_and_rows_along_the_second() -> None:
    model = network()
    result = surface(measured(model), seed=4, grid=3, reach=0.5)
    for number, (row, column) in ((1, (1, 2)), (2, (2, 1))):
        moved = network()
        moved.set_weights(model.get_weights())
        for name, step in zip(
            ("conv", "depthwise", "transposed", "dense", "logits"), directions(model, 4, number), strict=True
        ):
            moved.get_layer(name).kernel.assign_add(0.5 * step)
        expected = float(cross_entropy()(LABELS, moved(IMAGES.astype(np.float32), training=False)))
        assert result.losses[row, column] == pytest.approx(expected, rel=1e-5)


def test_a_network_that_computes_the_same_with_other_weights_has_the_same_surface() -> None:
    """Twice the first kernel and half the next: without normalising by filter the surfaces would differ (Li et al.)."""
    model, rescaled = network(normalised=False), network(normalised=False)
    rescaled.set_weights(model.get_weights())
    rescaled.get_layer("conv").kernel.assign(2 * model.get_layer("conv").kernel)
    rescaled.get_layer("dense").kernel.assign(model.get_layer("dense").kernel / 2)
    own, other = (surface(measured(each), seed=1, grid=3, reach=1.0) for each in (model, rescaled))
    np.testing.assert_allclose(own.losses, other.losses, rtol=1e-4)
    assert np.ptp(own.losses) > 0.01
