"""Pictures that look unlike the training images are told apart from those that look like them."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.images.likeness import FEWEST_IMAGES, Likeness, likeness_from_json, likeness_of, measures


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """The 1,797 digits of scikit-learn, white on black, uint8 (n, 8, 8, 1)."""
    return (load_digits().images * 255 / 16).astype(np.uint8)[..., None]


@pytest.fixture(scope="module")
def known(digits: np.ndarray) -> Likeness:
    found = likeness_of(digits[:1437])
    assert found is not None
    return found


def test_few_digits_by_other_writers_look_unlike_and_all_negatives_and_dim_ones_do(
    digits: np.ndarray, known: Likeness
) -> None:
    others = digits[1437:]
    assert np.mean([bool(words) for words in known.unlike(others)]) < 0.04
    for changed in (255 - others, others // 4, others // 2 + 128):
        assert all(known.unlike(changed))


def test_a_negative_is_called_one(digits: np.ndarray, known: Likeness) -> None:
    words = known.unlike(255 - digits[1437:])
    assert np.mean(["negative" in each for each in words]) > 0.9
    assert not any("negative" in each for each in known.unlike(digits[1437:] // 4))


@pytest.mark.needs_data
def test_on_mnist_one_in_a_hundred_is_a_false_alarm_and_digits_of_half_the_size_are_told(data_dir) -> None:
    dataset = mnist(data_dir)
    known = likeness_of(dataset.images)
    assert known is not None and known.images == 2000
    tests = dataset.test_images[:3000]
    assert np.mean([bool(words) for words in known.unlike(tests)]) < 0.02
    small = np.zeros_like(tests[:300])
    small[:, 7:21, 7:21] = tests[:300].reshape(300, 14, 2, 14, 2, 1).mean(axis=(2, 4)).astype(np.uint8)
    assert np.mean([bool(words) for words in known.unlike(small)]) > 0.99


def test_each_image_is_measured_by_itself(digits: np.ndarray) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (5, 50, 40, 3), dtype=np.uint8)
    for images in (digits[:5], colours):
        together = measures(images)
        assert together.shape == (5, 10 if images.shape[-1] == 1 else 13)
        np.testing.assert_allclose(together[3], measures(images[3:4])[0], rtol=1e-4, atol=1e-4)


def test_where_the_subject_is_does_not_depend_on_polarity(digits: np.ndarray) -> None:
    np.testing.assert_allclose(measures(digits[:20])[:, 7:10], measures(255 - digits[:20])[:, 7:10], atol=1e-4)


def test_ranges_come_back_from_json_and_those_of_other_measures_are_no_ranges(known: Likeness) -> None:
    value = json.loads(json.dumps(known.to_json()))
    back = likeness_from_json(value)
    assert back is not None and back.images == known.images
    assert np.array_equal(back.low, known.low) and np.array_equal(back.high, known.high)
    for other in ({}, {"ranges": {"warmth": [0, 1]}}, {**value, "images": None}):
        assert likeness_from_json(other) is None


def test_a_picture_of_another_shape_than_any_before_they_were_stretched_is_told(
    digits: np.ndarray, known: Likeness
) -> None:
    assert known.unlike(digits[:4], [(8, 8), (80, 96), (8, 12), (90, 60)]) == [
        "",
        "",
        "wider before it was stretched",
        "taller before it was stretched",
    ]
    of_films = likeness_of(digits, np.array([[90, 160]] * 900 + [[100, 100]] * 897))
    assert of_films is not None
    assert of_films.unlike(digits[:3], [(100, 180), (100, 90), (100, 300)]) == ["", "", "wider before it was stretched"]
    back = likeness_from_json(json.loads(json.dumps(of_films.to_json())))
    assert back is not None and back.shapes == of_films.shapes
    of_before = likeness_from_json(
        {name: value for name, value in known.to_json().items() if name != "width_to_height"}
    )
    assert of_before is not None and of_before.unlike(digits[:1], [(8, 99)]) == [""]


def test_too_few_images_and_other_channels_have_no_ranges(digits: np.ndarray) -> None:
    assert likeness_of(digits[: FEWEST_IMAGES - 1]) is None
    assert likeness_of(np.repeat(digits[:50], 2, axis=-1)) is None


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 3), (3, 2, 1)])
def test_tiny_images_are_measured(shape: tuple[int, int, int]) -> None:
    assert np.isfinite(measures(np.full((2, *shape), 9, np.uint8))).all()
