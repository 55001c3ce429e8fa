"""Accuracy with its interval, and which classes were taken for which."""

import pytest
from scipy import stats

from keras_suite.experiments.predicting.scoring import ClassScore


def test_accuracy_has_the_exact_interval_and_what_was_wrong_is_counted() -> None:
    score = ClassScore()
    for label, predicted, times in (("cat", "cat", 40), ("cat", "dog", 3), ("dog", "cat", 7), (None, "cat", 2)):
        for _ in range(times):
            score.add(label, predicted, 0.9)
    accuracy, wrong = score.lines()
    exact = stats.binomtest(40, 50).proportion_ci(0.95)
    assert f"accuracy 80.00 % (95 % interval {100 * exact.low:.2f} to {100 * exact.high:.2f} %" in accuracy
    assert "50 images" in accuracy and "of 2 more it is not" in accuracy
    assert wrong == "wrong 10: dog taken for cat (7), cat taken for dog (3)"


def test_rejected_answers_are_told_apart() -> None:
    score = ClassScore(reject=0.8)
    for label, predicted, probability in (("a", "a", 0.9), ("a", "b", 0.5), ("b", "b", 0.7), ("b", "a", 0.8)):
        score.add(label, predicted, probability)
    assert "of a probability of 0.8 or more: 2 of 4, of them 50.00 %" in score.lines()[1]


def test_without_a_known_class_nothing_is_said() -> None:
    score = ClassScore()
    score.add(None, "cat", 1.0)
    assert score.lines() == []


@pytest.mark.parametrize(("right", "said"), [(0, "0.00 %"), (5, "100.00 %")])
def test_all_right_and_all_wrong_have_an_interval(right: int, said: str) -> None:
    score = ClassScore()
    for number in range(5):
        score.add("a", "a" if number < right else "b", 1.0)
    assert f"accuracy {said} (95 % interval" in score.lines()[0]
