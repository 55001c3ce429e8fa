"""Homing scenes: home lies whole and on top where the target points, and a scene is a function of its number."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.keras_datasets import cifar10, mnist
from keras_suite.data_pipeline.datasets.synthetic.homing_scenes import (
    CANVAS,
    DIGIT,
    NEAR,
    REACH,
    compose_scenes,
    home_offsets,
    homing_scenes,
)
from keras_suite.data_pipeline.images.image_files import resize

COUNT, CLUTTER = 200, 3
BLACK = np.zeros((4, 32, 32, 3), np.uint8)

Scenes = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, np.ndarray]:
    """Real zeros and real other digits, uint8 (n, 28, 28, 1)."""
    source = digits(None, image_size=(28, 28))
    return source.images[source.labels == 0], source.images[source.labels != 0]


@pytest.fixture(scope="module")
def photographs(photograph: np.ndarray) -> np.ndarray:
    """Real patches uint8 (60, 32, 32, 3)."""
    return np.stack([photograph[32 * (k // 15) :, 32 * (k % 15) :][:32, :32] for k in range(60)])


@pytest.fixture(scope="module")
def scenes(real: tuple[np.ndarray, np.ndarray], photographs: np.ndarray) -> Scenes:
    return compose_scenes(COUNT, 0, *real, photographs, CLUTTER)


def test_the_target_points_at_home(real: tuple[np.ndarray, np.ndarray]) -> None:
    images, _, ways = compose_scenes(
        COUNT, 0, real[0], np.zeros_like(real[1]), BLACK, CLUTTER
    )  # nothing but home is seen
    rows, columns = np.indices((CANVAS, CANVAS)) - (CANVAS - 1) / 2
    for image, way in zip(images.astype(float).sum(axis=-1), ways, strict=True):
        place = np.array([(image * columns).sum(), -(image * rows).sum()]) / image.sum()  # to the right, up
        off = np.rad2deg(np.arccos(np.clip(place @ way / np.hypot(*place), -1, 1)))
        assert off < 12 and np.hypot(*place) > NEAR - 2.5  # a digit's ink is not quite in its middle
    np.testing.assert_allclose(np.hypot(*ways.T), 1, rtol=1e-6)


def test_home_is_entirely_inside_in_any_direction_and_not_near_the_centre() -> None:
    places = home_offsets(20_000, 0)
    assert np.abs(places).max() == REACH and np.hypot(*places.T).min() > NEAR - 0.75
    angles = np.arctan2(places[:, 1], places[:, 0])
    assert np.abs(np.histogram(angles, 8, (-np.pi, np.pi))[0] - 2500).max() < 200
    assert np.array_equal(home_offsets(5, 0), places[:5])


def test_home_is_on_top_in_an_even_bright_colour(
    real: tuple[np.ndarray, np.ndarray], photographs: np.ndarray, scenes: Scenes
) -> None:
    everywhere = np.full_like(real[0][:1], 255)
    images, _, _ = compose_scenes(20, 0, everywhere, real[1], photographs, CLUTTER)
    for image, (right, up) in zip(images, home_offsets(20, 0), strict=True):
        inside = image[REACH - up : REACH - up + DIGIT, REACH + right : REACH + right + DIGIT]
        assert (inside == inside[0, 0]).all() and inside.min() >= 128


def test_scenes_have_the_requested_number_of_other_digits(real: tuple[np.ndarray, np.ndarray]) -> None:
    full = np.full_like(real[1][:1], 255)
    images, others, _ = compose_scenes(COUNT, 0, np.zeros_like(real[0]), full, BLACK, CLUTTER)
    assert set(others.tolist()) == set(range(CLUTTER + 1))
    for image, count in zip(images, others, strict=True):
        colours = {tuple(colour) for colour in image.reshape(-1, 3).tolist()} - {(0, 0, 0)}
        assert len(colours) <= count and bool(colours) == bool(count)
        assert np.count_nonzero(image.any(axis=-1)) <= count * DIGIT**2
    assert max(len(np.unique(image.reshape(-1, 3), axis=0)) for image in images) == CLUTTER + 1


def test_photographs_are_darkened_below_every_colour_of_ink(photographs: np.ndarray) -> None:
    nothing = np.zeros((3, 28, 28, 1), np.uint8)
    images, _, _ = compose_scenes(20, 0, nothing, nothing, photographs, CLUTTER)
    assert images.max() <= 128
    enlarged = [resize(patch, (CANVAS, CANVAS)) / 2 for patch in photographs]
    assert all(min(np.abs(image - patch).max() for patch in enlarged) <= 0.5 for image in images)


def test_a_scene_is_keyed_by_its_number_and_part_alone(
    real: tuple[np.ndarray, np.ndarray], photographs: np.ndarray, scenes: Scenes
) -> None:
    for fewer, all_of_them in zip(compose_scenes(10, 0, *real, photographs, CLUTTER), scenes, strict=True):
        assert np.array_equal(fewer, all_of_them[:10])
    of_test = compose_scenes(10, 1, *real, photographs, CLUTTER)
    assert not np.isclose(of_test[2], scenes[2][:10]).all()


@pytest.mark.needs_data
def test_the_dataset_has_scenes_with_directions_for_targets(data_dir: Path) -> None:
    dataset = homing_scenes(data_dir, scenes=300, test_scenes=150, clutter=2, limit=200, image_size=(24, 24))
    assert dataset.task == "direction" and dataset.class_names == ("0 others", "1 other", "2 others")
    assert dataset.images.shape == (300, 24, 24, 3) and dataset.test_images.shape == (150, 24, 24, 3)
    assert dataset.targets is not None and dataset.targets.shape == (300, 2) and dataset.targets.dtype == np.float32
    assert dataset.test_targets is not None and dataset.test_targets.shape == (150, 2)
    assert np.array_equal(np.unique(dataset.labels), [0, 1, 2])


@pytest.mark.needs_data
def test_home_is_the_requested_digit_and_test_scenes_use_test_digits(data_dir: Path) -> None:
    dataset = homing_scenes(data_dir, scenes=100, test_scenes=100, home=7)
    digit, photo = mnist(data_dir), cifar10(data_dir)
    sevens, test_sevens = digit.labels == 7, digit.test_labels == 7
    own = compose_scenes(100, 0, digit.images[sevens], digit.images[~sevens], photo.images, 4)
    of_test = compose_scenes(
        100, 1, digit.test_images[test_sevens], digit.test_images[~test_sevens], photo.test_images, 4
    )
    assert np.array_equal(dataset.images, own[0]) and np.array_equal(dataset.test_images, of_test[0])


def test_a_size_that_would_change_directions_is_refused() -> None:
    with pytest.raises(ValueError, match=r"homing_scenes: image_size=\[20, 28\] would change directions"):
        homing_scenes(None, image_size=(20, 28))
