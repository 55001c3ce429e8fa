import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.data_pipeline.datasets.given.finished import arrays_of_dataset, dataset_of_arrays, is_dataset

DIGITS = digits(None, limit=300, validation_fraction=0.2)
ANGLES = replace(
    DIGITS, task="angle", targets=np.ones((1437, 1), np.float32), test_targets=np.ones((360, 1), np.float32)
)
MASKS = replace(
    DIGITS,
    task="mask",
    targets=(DIGITS.images[..., 0] > 99).astype(np.uint8),
    test_targets=(DIGITS.test_images[..., 0] > 99).astype(np.uint8),
    target_names=("paper", "ink"),
)


def again(dataset: Dataset, **options: Any) -> Dataset:
    arrays = arrays_of_dataset("mine", dataset)
    assert is_dataset(arrays)
    images = np.concatenate([dataset.images, dataset.test_images])
    return dataset_of_arrays("mine", images, arrays, dataset.notes, ArrayOptions(**options))


def equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other)) if isinstance(one, np.ndarray) else bool(one == other)


@pytest.mark.parametrize("dataset", [DIGITS, digits(None, task="image", folds=3), ANGLES, MASKS])
def test_a_dataset_comes_back_as_it_was(dataset: Dataset) -> None:
    back = again(dataset)
    fields = [
        name for name in vars(dataset) if name not in ("name", "fingerprint", "origin", "contents", "test_contents")
    ]
    assert [name for name in fields if not equal(getattr(back, name), getattr(dataset, name))] == []
    assert back.name == "mine" and len(back.fingerprint) == 64


def test_options_that_are_given_count_and_others_leave_what_it_says() -> None:
    assert (again(DIGITS).limit, again(DIGITS).validation_fraction) == (300, 0.2)
    other = again(DIGITS, limit=100, folds=None, validation_fraction=0.1, classes=(1, 2), channels=3)
    assert (other.limit, other.validation_fraction, other.class_names) == (100, 0.2, ("1", "2"))
    assert other.images.shape[3] == 3 and again(DIGITS, task="image").task == "image"


def test_the_fingerprint_is_of_the_content_whatever_the_dataset_says() -> None:
    before = again(DIGITS).fingerprint
    assert again(replace(DIGITS, fingerprint="x", limit=40)).fingerprint == before
    assert again(replace(DIGITS, labels=DIGITS.labels[::-1])).fingerprint != before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": DIGITS.images / 255}, "whose images are float64 of shape (1437, 8, 8, 1): give uint8"),
        ({"test_images": DIGITS.test_images[:, 1:]}, "whose test_images are uint8 of shape (360, 7, 8, 1)"),
        ({"labels": DIGITS.labels[1:]}, "1,437 images and labels of type int64 and shape (1436,): give a whole number"),
        ({"class_names": ("a", "b")}, "labels go from 0 to 9: give 0..1, one number for each of its class_names"),
        ({"test_images": DIGITS.images[:0], "test_labels": DIGITS.labels[:0]}, "with 0 test_images"),
        ({"task": "angle"}, "a Dataset of the task 'angle' (no targets): give what it needs"),
        (
            {"task": "angle", "targets": np.zeros((3, 1)), "test_targets": np.zeros((360, 1))},
            "1,437 images and 3 targets",
        ),
        ({"task": "nothing"}, "unknown task 'nothing'"),
    ],
)
def test_what_is_no_complete_dataset_is_one_line(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        again(replace(DIGITS, **change))
    assert "\n" not in str(error.value)


def test_another_task_than_its_own_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"mine returned a Dataset of the task 'classes': task='angle' is not possible"
    ):
        again(DIGITS, task="angle")
