"""The digits of scikit-learn."""

import numpy as np

from keras_suite.data_pipeline.datasets.digits import digits


def test_digits_are_the_real_ones() -> None:
    dataset = digits(None)
    assert dataset.images.shape == (1437, 8, 8, 1) and dataset.images.dtype == np.uint8
    assert dataset.test_images.shape == (360, 8, 8, 1)
    assert dataset.images.min() == 0 and dataset.images.max() == 255
    assert dataset.labels.dtype == np.int64 and dataset.class_names == tuple("0123456789")
    counts = np.bincount(dataset.test_labels)
    assert counts.min() >= 35 and counts.max() <= 37
    assert dataset.image_shape == (8, 8, 1)


def test_no_digit_is_on_both_sides() -> None:
    dataset = digits(None)
    train = {image.tobytes() for image in dataset.images}
    assert not any(image.tobytes() in train for image in dataset.test_images)


def test_the_test_set_is_always_the_same() -> None:
    assert (digits(None).test_images == digits(None, limit=50, validation_fraction=0.3).test_images).all()
