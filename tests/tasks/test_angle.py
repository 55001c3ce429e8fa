"""Degrees between what is true and what was given: with a sign, and across the jump from 180 to -180."""

import numpy as np
import pytest

from keras_suite.tasks.angle import ANGLE, degrees_off, upright


def vectors(*degrees: float) -> np.ndarray:
    """Unit vectors (n, 2), counter-clockwise from the right."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_an_angle_is_off_by_what_is_given_less_what_is_true() -> None:
    true, given = np.deg2rad([[10.0], [-60.0]]), np.deg2rad([[4.0], [-20.0]])
    np.testing.assert_allclose(degrees_off(true, given), [-6, 40])


def test_a_direction_is_off_by_the_angle_between_whatever_its_length() -> None:
    true, given = vectors(10, 350, 170, 0), vectors(350, 10, -170, 90) * np.array([[0.01], [1], [300], [2]])
    np.testing.assert_allclose(degrees_off(true, given), [-20, 20, 20, 90])


def test_nowhere_is_a_right_angle_off() -> None:
    assert degrees_off(vectors(0, 90), np.zeros((2, 2))).tolist() == [90, 90]


def test_the_top_of_a_picture_turned_counter_clockwise_points_to_the_left() -> None:
    np.testing.assert_allclose(upright(np.deg2rad([[0.0], [90.0], [-90.0]])), [[0, 1], [-1, 0], [1, 0]], atol=1e-12)


@pytest.mark.parametrize("shapes", [((3,), (3,)), ((3, 1), (3, 2)), ((3, 3), (3, 3))])
def test_other_shapes_are_refused(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match=r"expected \(n, 1\) angles or \(n, 2\) directions"):
        degrees_off(*(np.ones(shape) for shape in shapes))


def test_an_angle_is_scored_by_how_target_errors_it_is() -> None:
    true, given = np.deg2rad([[10.0], [-30.0]]), np.deg2rad([[12.5], [-10.0]])
    assert ANGLE.scores(true, given) == pytest.approx([2.5, 20])
