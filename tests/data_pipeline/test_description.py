"""What a dataset would feed is described in numbers and in a picture."""

from dataclasses import replace

import numpy as np
import pytest

from keras_suite.data_pipeline.augmentation.standard import standard
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.description import augmented_grid, describe
from keras_suite.data_pipeline.splits import Split, split


def test_digits() -> None:
    dataset = digits(None)
    description = describe(dataset, split(dataset, 1))
    assert description.image_shape == (8, 8, 1) and description.class_names == tuple("0123456789")
    assert [sum(counts) for counts in description.class_counts.values()] == [1293, 144, 360]
    assert description.pixel_range == (0, 255) and 70 < description.pixel_mean < 85
    assert description.fingerprint == dataset.fingerprint


@pytest.mark.parametrize(
    ("task", "targets", "names", "said"),
    [
        ("angle", np.deg2rad([[-30.0], [60.0]]), (), "an angle: -30.0 to 60.0 degrees (mean 15.0)"),
        ("direction", np.array([[1.0, 0], [0, 1]]), (), "a direction: (x, y) with the mean (0.50, 0.50)"),
        ("mask", np.array([[[0, 1]], [[0, 0]]], np.uint8), ("ground", "ink"), "ground 75.0 %, ink 25.0 %"),
        ("caption", np.array([[0, 2, 1, -1], [0, 3, 2, 1]]), ("<start>", "<end>", "a", "b"), "1 to 2 words, out of 2"),
        ("image", None, (), "the image itself"),
    ],
)
def test_the_target_is_described(task: str, targets: np.ndarray | None, names: tuple[str, ...], said: str) -> None:
    source = digits(None, limit=40)
    if targets is not None:
        targets = np.resize(targets, (len(source.images), *targets.shape[1:]))
    dataset = replace(source, task=task, targets=targets, target_names=names)
    assert said in describe(dataset, Split(train=np.arange(4), validation=np.array([4]))).target


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
