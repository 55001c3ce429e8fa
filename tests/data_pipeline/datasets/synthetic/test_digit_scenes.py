"""Scenes of digits: the mask says whose ink is seen, and scraps and noise are ground."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.synthetic.digit_placing import INK
from keras_suite.data_pipeline.datasets.synthetic.digit_scenes import PIXEL_CLASSES, Style, compose_scenes, digit_scenes

STYLE = Style(side=32, digits=(1, 3), sizes=(12, 16), overlap=0.3, scraps=0, noise=0.0)
SCENES = 120


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, np.ndarray]:
    """600 real digits uint8 (n, 28, 28, 1) and their labels."""
    dataset = digits(None, image_size=(28, 28))
    return dataset.images[:600], dataset.labels[:600]


def scenes(real: tuple[np.ndarray, np.ndarray], part: int = 0, count: int = SCENES, **style: float) -> tuple:
    return compose_scenes(*real, part, count, Style(**{**vars(STYLE), **style}))


def test_a_mask_names_the_digits_of_the_scene_where_their_ink_is(real: tuple[np.ndarray, np.ndarray]) -> None:
    images, masks, counts = scenes(real)
    assert images.shape == (SCENES, 32, 32, 1) and masks.shape == (SCENES, 32, 32)
    assert images.dtype == masks.dtype == np.uint8
    assert np.array_equal(masks > 0, images[..., 0] >= INK)
    for scene, (mask, count) in enumerate(zip(masks, counts, strict=True)):
        own = real[1][3 * scene : 3 * scene + 1 + count]
        assert set(np.unique(mask)) - {0} == set(1 + own)
    assert set(counts.tolist()) == {0, 1, 2}


def test_scraps_are_background_under_the_digits(real: tuple[np.ndarray, np.ndarray]) -> None:
    clean, masks, _ = scenes(real)
    images, same, _ = scenes(real, scraps=10)
    assert np.array_equal(masks, same)
    assert np.array_equal(images[masks > 0], clean[masks > 0])
    ground = images[masks == 0]
    assert (ground >= clean[masks == 0]).all() and np.mean(ground >= INK) > 0.1


def test_noise_has_the_requested_strength_and_is_new_at_every_pixel(real: tuple[np.ndarray, np.ndarray]) -> None:
    clean, masks, _ = scenes(real)
    noisy, same, _ = scenes(real, noise=20.0)
    assert np.array_equal(masks, same)
    middle = (clean > 80) & (clean < 170)  # nothing is cut off there
    added = noisy[middle].astype(int) - clean[middle]
    assert added.std() == pytest.approx(20, rel=0.05) and abs(added.mean()) < 1.5
    black = (clean[0] == 0) & (clean[1] == 0)
    one, other = (noisy[scene][black].astype(float) for scene in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.15


def test_a_scene_is_keyed_by_its_place_and_part_alone(real: tuple[np.ndarray, np.ndarray]) -> None:
    many, few, tested = (scenes(real, part, n, scraps=3, noise=9.0) for part, n in ((0, SCENES), (0, 9), (1, 9)))
    for all_of, first, other in zip(many, few, tested, strict=True):
        assert np.array_equal(all_of[:9], first) and not np.array_equal(first, other)


@pytest.mark.needs_data
def test_the_dataset_is_of_masks_and_is_split_by_how_many_digits_there_are(data_dir: Path) -> None:
    dataset = digit_scenes(data_dir, scenes=200, test_scenes=60, side=36, limit=100, test_limit=30)
    assert dataset.task == "mask" and dataset.target_names == PIXEL_CLASSES and len(PIXEL_CLASSES) == 11
    assert dataset.images.shape == (200, 36, 36, 1) and dataset.targets is not None and dataset.test_targets is not None
    assert dataset.targets.shape == (200, 36, 36) and dataset.test_targets.shape == (30, 36, 36)
    assert dataset.class_names == ("2 digits", "3 digits", "4 digits") and dataset.limit == 100
    assert set(np.unique(dataset.targets)) == set(range(11))
    alone = digit_scenes(data_dir, scenes=30, test_scenes=20, digits=(1, 1))
    assert alone.class_names == ("1 digit",) and alone.fingerprint == dataset.fingerprint


@pytest.mark.needs_data
def test_what_cannot_be_drawn_is_refused(data_dir: Path) -> None:
    with pytest.raises(ValueError, match=r"digits=\[3, 2\] goes down: give the smaller number first"):
        digit_scenes(data_dir, digits=(3, 2))
    with pytest.raises(ValueError, match=r"sizes=\[12, 20\] do not fit into a side of 16 pixels: give smaller digits"):
        digit_scenes(data_dir, side=16)
    with pytest.raises(ValueError, match="test_scenes=3,000 of up to 4 digits ask for more than the 10,000 there are"):
        digit_scenes(data_dir, test_scenes=3000)
    with pytest.raises(ValueError, match="digits of 20 to 20 pixels, 8 a scene, do not fit into 24x24 pixels"):
        digit_scenes(data_dir, scenes=20, side=24, digits=(8, 8), sizes=(20, 20), overlap=0.0)
