"""The task "mask"."""

import numpy as np

from keras_suite.tasks.mask import MASK, iou


def test_masks_are_scored_over_the_classes_of_either_mask_but_the_background() -> None:
    true = np.array([[[0, 1], [1, 2]], [[0, 0], [0, 0]], [[0, 0], [0, 0]], [[3, 3], [0, 0]]], np.uint8)
    given = np.array([[[0, 1], [2, 2]], [[0, 0], [0, 0]], [[0, 0], [0, 1]], [[3, 3], [0, 0]]], np.uint8)
    # First: of class 1 one pixel of two, of class 2 one of two. Then nothing at all; a thing that is not there; all.
    assert MASK.scores(true, given).tolist() == [0.5, 1, 0, 1]
    of_classes = iou(true, given, 4)
    assert of_classes[0, 1:3].tolist() == [0.5, 0.5]
    assert np.isnan(of_classes[0, 3])


def test_a_prediction_is_described_by_the_shares_of_its_classes_the_largest_first() -> None:
    assert MASK.describe_prediction is not None
    mask = np.array([[0, 0], [0, 2]], np.uint8)
    said = MASK.describe_prediction(mask, np.zeros((2, 2, 1), np.uint8), ("ground", "cat", "dog"))
    assert said == "ground 75.0 %, dog 25.0 %"
