import numpy as np
import pytest

from keras_suite.data_pipeline.augmentation.colour import Colour, recolour
from keras_suite.data_pipeline.augmentation.draws import Draw, draw


def numbers(contrast: float = 0.5, brightness: float = 0.5) -> np.ndarray:
    drawn = np.full((len(Draw), 1), 0.5)
    drawn[Draw.CONTRAST], drawn[Draw.BRIGHTNESS] = contrast, brightness
    return drawn


@pytest.fixture
def patch(photograph: np.ndarray) -> np.ndarray:
    return photograph[None, 100:140, 200:260]


def test_brightness_adds_a_share_of_255(patch: np.ndarray) -> None:
    brighter, black = recolour(Colour(0.2, 0.0), numbers(brightness=1.0), patch)
    assert (brighter == np.minimum(patch.astype(int) + 51, 255)).all() and black.tolist() == [51]
    darker, black = recolour(Colour(0.2, 0.0), numbers(brightness=0.0), patch)
    assert (darker == np.maximum(patch.astype(int) - 51, 0)).all() and black.tolist() == [0]


def test_contrast_scales_about_the_mean(patch: np.ndarray) -> None:
    flatter, _ = recolour(Colour(0.0, 0.5), numbers(contrast=0.0), patch)
    mean = patch.mean()
    assert np.abs(flatter - (mean + 0.5 * (patch - mean))).max() <= 0.5
    grey, _ = recolour(Colour(0.0, 1.0), numbers(contrast=0.0), patch)
    assert (grey == round(mean)).all()


def test_the_middle_of_the_range_changes_nothing(patch: np.ndarray) -> None:
    same, black = recolour(Colour(0.5, 0.5), numbers(), patch)
    assert (same == patch).all() and black.tolist() == [0]


def test_each_image_gets_its_own(patch: np.ndarray) -> None:
    images = np.repeat(patch, 50, axis=0)
    changed, _ = recolour(Colour(0.3, 0.3), draw(1, 0, np.arange(50)), images)
    assert changed.dtype == np.uint8 and len({image.tobytes() for image in changed}) == 50
    assert (images == patch).all()  # the input is left alone


def test_grey_images(patch: np.ndarray) -> None:
    grey = np.ascontiguousarray(patch[..., :1])
    changed, _ = recolour(Colour(0.2, 0.0), numbers(brightness=1.0), grey)
    assert changed.shape == grey.shape and (changed == np.minimum(grey.astype(int) + 51, 255)).all()
