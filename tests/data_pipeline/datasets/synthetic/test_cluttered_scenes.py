"""Cluttered scenes: what is sought lies where the scene says, and each change of light is the one that it is named."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.synthetic.cluttered_scenes import (
    CANVAS,
    CONTRAST,
    PIECE,
    Scene,
    changed,
    scene_of_digits,
    scene_of_photographs,
)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """Real digits (60, 28, 28): 8x8 ones, enlarged."""
    return np.pad(np.kron(load_digits().images[:60] * 15, np.ones((2, 2))), ((0, 0), (6, 6), (6, 6)))


@pytest.fixture(scope="module")
def photographs(digits: np.ndarray) -> np.ndarray:
    """Square images (60, 28, 28), half of which are too flat to look for a piece of them."""
    return np.where(np.arange(60)[:, None, None] % 2, digits, 100)


def test_a_digit_lies_where_the_scene_says_and_is_cut_to_its_ink(digits: np.ndarray) -> None:
    for seed in range(30):
        scene = scene_of_digits(digits, seed)
        assert scene.image.shape == (CANVAS, CANVAS)
        assert (scene.image[scene.window] >= scene.template).all()
        for edge in (scene.template[0], scene.template[-1], scene.template[:, 0], scene.template[:, -1]):
            assert edge.any()


def test_a_piece_is_cut_from_one_photograph_that_is_not_flat_there(photographs: np.ndarray) -> None:
    for seed in range(30):
        scene = scene_of_photographs(photographs, seed)
        assert np.array_equal(scene.image[scene.window], scene.template)
        assert scene.template.shape == (PIECE, PIECE) and scene.template.std() >= CONTRAST
        assert all(at % 28 + PIECE <= 28 for at in scene.place)


def test_the_same_number_gives_the_same_scene_and_another_one_another(digits: np.ndarray) -> None:
    one, again, other = (changed(scene_of_digits(digits, seed), "noise", seed) for seed in (3, 3, 4))
    assert np.array_equal(one.image, again.image) and one.place == again.place
    assert not np.array_equal(one.image, other.image)


@pytest.fixture
def scene(digits: np.ndarray) -> Scene:
    return scene_of_digits(digits, 1)


def test_other_light_is_one_gain_and_offset_for_all_pixels_inside_the_range(scene: Scene) -> None:
    lit = changed(scene, "gain and offset", 1).image
    gain, offset = np.polyfit(scene.image.ravel(), lit.ravel(), 1)
    np.testing.assert_allclose(lit, gain * scene.image + offset, atol=1e-9)
    assert 0.3 <= gain < 1 and lit.min() >= 0 and lit.max() <= 255


def test_uneven_light_falls_from_all_to_three_tenths(scene: Scene) -> None:
    white = Scene(np.full((40, 60), 200.0), scene.template, (0, 0))
    lit = changed(white, "uneven light", 1).image
    assert (lit.max(), lit.min()) == (pytest.approx(200), pytest.approx(60))
    np.testing.assert_allclose(np.diff(lit, n=2, axis=0), 0, atol=1e-9)


def test_a_shadow_falls_on_the_sought_place_alone(scene: Scene) -> None:
    lit = changed(scene, "place in shadow", 1)
    np.testing.assert_allclose(lit.image[scene.window], 0.3 * scene.image[scene.window])
    outside = np.ones(scene.image.shape, bool)
    outside[scene.window] = False
    assert np.array_equal(lit.image[outside], scene.image[outside])


def test_as_it_is_and_noise(scene: Scene) -> None:
    assert np.array_equal(changed(scene, "as it is", 1).image, scene.image)
    assert (changed(scene, "noise", 1).image - scene.image).std() == pytest.approx(40, rel=0.05)
