"""The task "image"."""

import numpy as np

from keras_suite.tasks.image import IMAGE


def test_an_image_is_scored_by_its_root_mean_squared_error() -> None:
    true = np.zeros((2, 2, 2, 1), np.uint8)
    given = true.copy()
    given[1, 0, 0] = 10
    assert IMAGE.scores(true, given).tolist() == [0, 5]


def test_outputs_beyond_the_range_of_pixels_are_cut_off() -> None:
    outputs = np.array([-0.5, 0.0, 0.5, 1.0, 1.5], np.float32).reshape(1, 1, 5, 1)
    assert IMAGE.to_predictions(outputs).ravel().tolist() == [0, 0, 128, 255, 255]
