import numpy as np
import pytest

from keras_suite.data_pipeline.augmentation.standard import standard
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.sample_grid import augmented_grid


@pytest.mark.parametrize("channels", [1, 3])
def test_originals_stand_in_the_first_column(photograph: np.ndarray, channels: int) -> None:
    images = np.stack([photograph[top : top + 70, 100:190, :channels] for top in (0, 100, 200)])
    augment = standard(images.shape[1:], 2, horizontal_flip=True, brightness=0.3, mixup=0.5)
    picture = augmented_grid(images, np.array([2, 0]), augment, seed=1, columns=5)
    assert picture.shape == (2 * 72 - 2, 5 * 92 - 2, 3) and picture.dtype == np.uint8
    assert (picture[:70, :90] == images[2]).all() and (picture[72:, :90] == images[0]).all()
    cells = {picture[:70, column * 92 : column * 92 + 90].tobytes() for column in range(5)}
    assert len(cells) == 5


def test_small_images_are_enlarged_and_without_augmentation_stand_alone() -> None:
    images = digits(None).images
    picture = augmented_grid(images, np.arange(3), None, seed=1)
    assert picture.shape == (3 * 66 - 2, 64, 3)
    assert (picture[:64:8, :64:8, 0] == images[0, :, :, 0]).all()
