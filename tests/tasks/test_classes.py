"""The task "classes"."""

import numpy as np
import pytest

from keras_suite.tasks.classes import CLASSES, softmax, top_5


def test_an_image_is_right_if_its_own_class_is_the_most_probable() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    assert CLASSES.scores(np.array([0, 1]), probabilities).tolist() == [True, False]


def test_softmax_does_not_overflow() -> None:
    assert softmax(np.array([[1e4, 0.0], [3.0, 3.0]])) == pytest.approx(np.array([[1, 0], [0.5, 0.5]]))


def test_top_5_counts_the_classes_that_are_more_probable() -> None:
    probabilities = np.array([[0.3, 0.2, 0.2, 0.1, 0.1, 0.06, 0.04]] * 2)
    assert top_5(np.array([4, 5]), probabilities) == 0.5


@pytest.mark.parametrize(
    "probabilities",
    [np.full((1, 5), 0.2), np.array([[0.5, 0.5, 0, 0, 0, 0]]), np.full((1, 7), 1 / 7)],
    ids=["five classes", "next to 0", "a tie on the fifth place"],
)
def test_top_5_is_not_computed_where_probabilities_cannot_rank_classes(probabilities: np.ndarray) -> None:
    assert top_5(np.array([4]), probabilities) is None
