"""The task "direction"."""

import numpy as np
import pytest

from keras_suite.tasks.direction import DIRECTION


def test_a_direction_is_scored_by_the_angle_between_whatever_its_length() -> None:
    true = np.array([[1.0, 0], [1, 0], [0, 1], [-1, 0], [1, 0]])
    given = np.array([[5.0, 5], [-1e-3, 0], [0, 9], [-1, -1e-9], [0, 0]])
    assert DIRECTION.scores(true, given) == pytest.approx([45, 180, 0, 0, 90], abs=1e-5)


def test_a_prediction_is_described_by_its_coordinates_and_its_angle() -> None:
    assert DIRECTION.describe_prediction is not None
    said = DIRECTION.describe_prediction(np.array([0.0, 2.0]), np.zeros((8, 8, 1), np.uint8), ())
    assert said == "x +0.000, y +2.000: +90.0°"
