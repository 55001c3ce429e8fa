"""Damaged images: nothing at strength 0, more with every strength, and the same damage each time."""

import numpy as np
import pytest

from keras_suite.experiments.model_card.corruptions import CORRUPTIONS, Corruption


def picture(height: int, width: int, channels: int) -> np.ndarray:
    """Smooth shapes with an edge, as pictures have."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    planes = [120 + 60 * np.sin(7 * x + 3 * y + k) + 40 * (x > y) for k in range(channels)]
    return np.stack(planes, axis=-1).astype(np.uint8)


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("shape", [(64, 48, 3), (28, 28, 1), (9, 12, 5)])
def test_damage_grows_with_the_strength_from_none(corruption: Corruption, shape: tuple[int, int, int]) -> None:
    image = picture(*shape)
    before = image.copy()
    damage = []
    for level in range(4):
        found = corruption.corrupted(image, level, key=3)
        assert found.shape == image.shape and found.dtype == np.uint8
        assert np.array_equal(found, corruption.corrupted(image, level, key=3))
        damage.append(float(np.abs(found.astype(float) - image).mean()))
    assert damage[0] == 0 and damage == sorted(damage) and len(set(damage)) == 4
    assert np.array_equal(image, before)


def test_colours_stay_where_they_are() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    for corruption in CORRUPTIONS:
        found = corruption.corrupted(red, 1, key=0).astype(float).mean(axis=(0, 1))
        assert found[0] > 130 and found[1:].max() < 20, corruption.name


def test_the_key_decides_the_noise_and_the_way_of_the_rotation() -> None:
    image = picture(40, 40, 1)
    by_name = {each.name: each for each in CORRUPTIONS}
    noise = [by_name["Gaussian noise"].corrupted(image, 2, key) for key in (1, 2)]
    assert not np.array_equal(*noise)
    assert np.std(noise[0].astype(float) - image) == pytest.approx(25, rel=0.1)
    one, other = (by_name["rotation"].corrupted(image, 2, key) for key in (1, 2))
    mirrored = by_name["rotation"].corrupted(image[:, ::-1], 2, 2)[:, ::-1]
    assert not np.array_equal(one, other)
    assert np.abs(one.astype(int) - mirrored).mean() < 1


def test_strengths_are_said_in_pixels_of_the_image() -> None:
    said = {each.name: [each.in_words(strength, 160) for strength in each.strengths] for each in CORRUPTIONS}
    assert said["Gaussian blur"] == ["σ 1.6 px", "σ 3.2 px", "σ 6.4 px"]
    assert said["JPEG compression"] == ["quality 50", "quality 25", "quality 10"]
    assert CORRUPTIONS[0].in_words(0.01, 8) == "σ 0.4 px"
