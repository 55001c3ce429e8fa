"""What each test image adds to a score: the mean is the score, and a left-out image moves it as its part says."""

from collections.abc import Callable

import numpy as np
import pytest

from keras_suite.tasks.classification.image_parts import balanced_accuracy_parts, macro_f1_parts, roc_auc_parts
from keras_suite.tasks.classification.scores import balanced_accuracy, macro_f1, roc_auc
from tests.tasks.classification.test_scores import drawn

Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
PAIRS = ((balanced_accuracy_parts, balanced_accuracy), (macro_f1_parts, macro_f1), (roc_auc_parts, roc_auc))


@pytest.mark.parametrize(("parts", "score"), PAIRS)
@pytest.mark.parametrize(("classes", "levels"), [(2, None), (3, None), (4, 5), (6, 2)])
def test_the_mean_of_the_parts_is_the_score(parts: Function, score: Function, classes: int, levels: int | None) -> None:
    labels, probabilities = drawn(classes, levels=levels)
    wider = np.concatenate(
        [probabilities, np.full((len(labels), 1), 0.3, np.float32)], axis=1
    )  # a class without images
    for given in (probabilities, wider):
        assert parts(labels, given).mean() == pytest.approx(score(labels, given), abs=1e-9)


@pytest.mark.parametrize(("parts", "score"), PAIRS)
def test_an_image_that_is_left_out_moves_the_score_as_its_part_says(parts: Function, score: Function) -> None:
    labels, probabilities = drawn(3, images=1_500)
    whole, of_images = score(labels, probabilities), parts(labels, probabilities)
    for left_out in range(0, len(labels), 25):
        others = np.arange(len(labels)) != left_out
        moved = (len(labels) - 1) * (whole - score(labels[others], probabilities[others]))
        assert of_images[left_out] - whole == pytest.approx(moved, rel=0.02, abs=0.01)


def test_of_one_class_alone_there_is_no_area() -> None:
    assert roc_auc_parts(np.zeros(5, int), np.full((5, 2), 0.5)) is None
