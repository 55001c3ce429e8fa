import re
from typing import Any

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.given.targets import targets_of

SHAPE = (2, 3, 1)


def told(task: str, targets: Any) -> np.ndarray:
    return targets_of("mine.npz", task, np.asarray(targets), SHAPE, "targets")


def test_degrees_become_radians_and_directions_unit_vectors() -> None:
    angles = told("angle", [0, 90, -360])
    assert angles.dtype == np.float32 and angles[:, 0] == pytest.approx([0, np.pi / 2, -2 * np.pi])
    assert np.array_equal(told("angle", [[0], [90], [-360]]), angles)
    ways = told("direction", [[3, 4], [-1e-300, 0], [0, 1e300]])
    assert ways.dtype == np.float32 and ways == pytest.approx(np.array([[0.6, 0.8], [-1, 0], [0, 1]]))


def test_masks_are_the_classes_of_pixels() -> None:
    mask = np.arange(6).reshape(1, 2, 3)
    for given in (mask, mask[..., np.newaxis], mask.astype(float)):
        assert told("mask", given).dtype == np.uint8 and np.array_equal(told("mask", given), mask)


@pytest.mark.parametrize(
    ("task", "targets", "said"),
    [
        ("angle", [[1, 2]], "shape (1, 2): give one angle an image, in degrees"),
        ("angle", [10, 361], "go beyond ±360 (first: 361 of image 1): give degrees"),
        ("angle", [10, np.nan], "hold NaN or infinity (first: image 1)"),
        ("angle", ["a"], "give numbers"),
        ("angle", [], "give numbers"),
        ("direction", [1, 2], "give x and y of each image, (n, 2)"),
        ("direction", [[1, 2], [0, 0]], "hold (0, 0), which points nowhere (first: image 1)"),
        ("mask", np.zeros((4, 3, 2), int), "give a mask of 2x3 pixels an image"),
        ("mask", np.full((1, 2, 3), 256), "from 256 to 256; expected the number of each pixel's class, 0..255"),
        ("mask", np.full((1, 2, 3), -1), "from -1 to -1"),
        ("mask", np.full((1, 2, 3), 0.5), "number the classes from 0"),
    ],
)
def test_what_are_no_targets_of_a_task_is_refused(task: str, targets: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        told(task, targets)
    assert str(error.value).startswith("mine.npz: targets ") and "\n" not in str(error.value)
