"""The options that all datasets share."""

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.options import (
    SizeOptions,
    resized,
    with_options,
    with_wrong_labels,
)


def test_image_size_stretches_every_image() -> None:
    dataset = digits(None, image_size=(16, 12))
    assert dataset.images.shape == (1437, 16, 12, 1) and dataset.test_images.shape == (360, 16, 12, 1)
    assert abs(dataset.images.mean() - digits(None).images.mean()) < 5


def test_test_limit_is_stratified_and_fixed() -> None:
    dataset = digits(None, test_limit=50)
    assert np.bincount(dataset.test_labels).tolist() == [5] * 10
    assert (dataset.test_images == digits(None, test_limit=50, limit=40).test_images).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 19}, r"limit=19 must be from 20 \(two a class\) to 1437"),
        ({"limit": 1438}, "limit=1438 must be from 20"),
        ({"test_limit": 9}, r"test_limit=9 must be from 10 \(one a class\) to 360"),
        ({"test_limit": 361}, "test_limit=361"),
        ({"classes": (0, 1), "limit": 400}, "limit=400 must be from 4 .* to 287"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        digits(None, **options)


def test_resizing_to_the_same_size_copies_nothing() -> None:
    images = np.zeros((3, 4, 5, 1), np.uint8)
    assert resized(images, (4, 5)) is images and resized(images, None) is images


def test_label_noise_makes_that_share_of_the_training_labels_wrong_and_no_test_label() -> None:
    clean, noisy = digits(None), digits(None, label_noise=0.3)
    wrong = noisy.labels != clean.labels
    assert 0.27 < wrong.mean() < 0.33
    assert (noisy.test_labels == clean.test_labels).all() and (noisy.images == clean.images).all()
    assert noisy.notes == (f"label_noise=0.3: {wrong.sum():,} of 1,437 labels are wrong on purpose",)
    assert clean.notes == ()


def test_a_wrong_label_is_any_of_the_other_classes() -> None:
    labels = np.full(20_000, 2)
    wrong = with_wrong_labels(labels, 0.5, 4)
    counts = np.bincount(wrong, minlength=4) / len(labels)
    assert counts == pytest.approx([1 / 6, 1 / 6, 1 / 2, 1 / 6], abs=0.02)


def test_the_same_labels_are_wrong_in_every_run_and_a_larger_share_keeps_them() -> None:
    clean = digits(None).labels
    some, again, more = (digits(None, label_noise=share).labels for share in (0.1, 0.1, 0.4))
    assert (some == again).all()
    wrong = some != clean
    assert (more[wrong] == some[wrong]).all()


def test_classes_are_chosen_before_labels_are_made_wrong() -> None:
    noisy = digits(None, classes=(3, 8), label_noise=0.2)
    assert set(noisy.labels) == {0, 1}
    assert (noisy.images == digits(None, classes=(3, 8)).images).all()


def test_an_option_that_is_not_shared_is_refused_in_python_too() -> None:
    with pytest.raises(TypeError, match="digits: unknown options limits"):
        digits(None, limits=40)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="digits: unknown options label_noise, task"):
        with_options(digits(None), SizeOptions, limit=40, task="image", label_noise=0.1)


def test_every_shared_option_has_its_default_in_one_place() -> None:
    plain, explicit = digits(None), digits(None, limit=None, validation_fraction=0.1, label_noise=0.0, task="classes")
    assert (plain.limit, plain.validation_fraction, plain.task) == (None, 0.1, "classes")
    assert (plain.images == explicit.images).all() and plain.notes == explicit.notes == ()
