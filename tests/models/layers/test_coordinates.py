"""Places: x to the right and y up, whatever the size, and a channel points at where it is strong."""

import keras
import numpy as np
import pytest

from keras_suite.models.layers.coordinates import CoordinateChannels, SpatialSoftmax, coordinate_grid

MAPS = np.random.default_rng(0).standard_normal((3, 4, 6, 2)).astype(np.float32)


def test_the_grid_goes_from_the_upper_left_to_the_lower_right() -> None:
    places = coordinate_grid(3, 5)
    assert places[0, 0].tolist() == [-1, 1] and places[2, 4].tolist() == [1, -1] and places[1, 2].tolist() == [0, 0]


def test_coordinates_stand_beside_the_channels_of_every_image() -> None:
    maps = np.asarray(CoordinateChannels()(MAPS))
    assert np.array_equal(maps[..., :2], MAPS)
    assert all(np.array_equal(image, coordinate_grid(4, 6)) for image in maps[..., 2:])


def test_a_channel_points_at_its_peak_and_an_even_one_at_the_centre() -> None:
    maps = np.zeros((1, 5, 9, 2), np.float32)
    maps[0, 1, 8, 0] = 50
    np.testing.assert_allclose(np.asarray(SpatialSoftmax()(maps)), [[1, 0.5, 0, 0]], atol=1e-6)


def test_the_expected_place_is_the_mean_under_the_softmax() -> None:
    shares = np.exp(MAPS) / np.exp(MAPS).sum(axis=(1, 2), keepdims=True)
    expected = np.einsum("bhwc,hwd->bcd", shares, coordinate_grid(4, 6)).reshape(3, 4)
    np.testing.assert_allclose(np.asarray(SpatialSoftmax()(MAPS)), expected, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_both_run_in_half_precision(policy: str) -> None:
    for layer in (CoordinateChannels(dtype=policy), SpatialSoftmax(dtype=policy)):
        y = layer(MAPS)
        assert keras.backend.standardize_dtype(y.dtype) == policy.removeprefix("mixed_")
        assert np.isfinite(np.asarray(keras.ops.cast(y, "float32"))).all()
