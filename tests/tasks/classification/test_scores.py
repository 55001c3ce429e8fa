"""Scores in which each class counts alike, beside scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics

from keras_suite.tasks.classification.scores import (
    FALSE_POSITIVES,
    RECALL,
    balanced_accuracy,
    curves,
    macro_f1,
    pr_auc,
    roc_auc,
)

ALL = (balanced_accuracy, macro_f1, roc_auc, pr_auc)


def drawn(classes: int, images: int = 400, seed: int = 0, levels: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Labels of classes from common to rare, and probabilities that know something; few levels make ties."""
    random = np.random.default_rng(seed)
    shares = 0.4 ** np.arange(classes)
    labels = random.choice(classes, size=images, p=shares / shares.sum())
    logits = random.normal(size=(images, classes)) + 1.5 * np.eye(classes)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rounded = probabilities if levels is None else np.round(probabilities * levels) / levels
    return labels, rounded.astype(np.float32)


def by_scikit_learn(labels: np.ndarray, probabilities: np.ndarray) -> list[float]:
    present, predicted = np.unique(labels), probabilities.argmax(axis=1)
    if probabilities.shape[1] == 2:
        present = [0 if np.mean(labels == 0) < np.mean(labels == 1) else 1]
    one_hot = [(labels == k, probabilities[:, k]) for k in present]
    return [
        float(np.mean([np.mean(predicted[labels == k] == k) for k in np.unique(labels)])),
        float(metrics.f1_score(labels, predicted, labels=np.unique(labels), average="macro", zero_division=0)),
        float(np.mean([metrics.roc_auc_score(*each) for each in one_hot])),
        float(np.mean([metrics.average_precision_score(*each) for each in one_hot])),
    ]


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("levels", [None, 4], ids=["", "with ties"])
def test_they_are_those_of_scikit_learn(classes: int, levels: int | None) -> None:
    for seed in range(5):
        labels, probabilities = drawn(classes, seed=seed, levels=levels)
        found = [score(labels, probabilities) for score in ALL]
        assert found == pytest.approx(by_scikit_learn(labels, probabilities), abs=1e-9)
        assert found[0] == pytest.approx(metrics.balanced_accuracy_score(labels, probabilities.argmax(axis=1)))


def test_three_classes_have_the_area_that_scikit_learn_calls_one_versus_rest() -> None:
    labels, probabilities = drawn(3)
    exact = probabilities.astype(float) / probabilities.astype(float).sum(axis=1, keepdims=True)
    assert roc_auc(labels, exact) == pytest.approx(metrics.roc_auc_score(labels, exact, multi_class="ovr"))


def test_of_two_classes_the_rarer_one_counts_and_of_equally_many_the_second() -> None:
    labels, probabilities = drawn(2)
    rarer = metrics.average_precision_score(labels == 1, probabilities[:, 1])
    assert pr_auc(labels, probabilities) == pytest.approx(rarer)
    assert pr_auc(1 - labels, probabilities[:, ::-1]) == pytest.approx(rarer)
    even = np.array([0, 0, 1, 1])
    scores = np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5], [0.2, 0.8]])
    assert pr_auc(even, scores) == metrics.average_precision_score(even, scores[:, 1])


def test_a_class_without_an_image_has_no_say() -> None:
    labels, probabilities = drawn(3)
    wider = np.insert(probabilities, 1, 2.0, axis=1)  # always predicted, never right
    lower = np.insert(probabilities, 1, 0.0, axis=1)
    moved = labels + (labels > 0)
    for score in ALL:
        assert score(moved, lower) == pytest.approx(score(labels, probabilities))
    assert [score(moved, wider) for score in ALL[:2]] == [0, 0]
    assert [score(moved, wider) for score in ALL[2:]] == [score(labels, probabilities) for score in ALL[2:]]


def test_images_of_one_class_have_no_areas() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    labels = np.zeros(2, int)
    assert [score(labels, probabilities) for score in ALL] == [0.5, pytest.approx(2 / 3), None, None]
    assert curves(labels, probabilities) is None


@pytest.mark.parametrize("classes", [2, 4])
def test_the_areas_under_the_curves_are_the_areas(classes: int) -> None:
    labels, probabilities = drawn(classes, images=4000)
    found = curves(labels, probabilities)
    assert found is not None
    assert np.trapezoid(found.roc, FALSE_POSITIVES) == pytest.approx(roc_auc(labels, probabilities), abs=2e-3)
    assert np.trapezoid(found.precision, RECALL) == pytest.approx(pr_auc(labels, probabilities), abs=2e-2)
    assert found.metrics == {"roc_auc": roc_auc(labels, probabilities), "pr_auc": pr_auc(labels, probabilities)}
    assert found.classes == tuple(range(classes))[::-1], "the rarest first"
    assert found.of == (1 if classes == 2 else None)
    assert [area for area, _ in found.areas] == pytest.approx(
        [metrics.roc_auc_score(labels == k, probabilities[:, k]) for k in found.classes], abs=1e-6
    )


def test_a_curve_passes_through_the_points_of_scikit_learn() -> None:
    labels, probabilities = drawn(2, images=60)
    found = curves(labels, probabilities)
    assert found is not None
    false, true, _ = metrics.roc_curve(labels == 1, probabilities[:, 1], drop_intermediate=False)
    highest = [true[false <= x].max() for x in FALSE_POSITIVES]  # a step's upper end
    assert found.roc[[0, -1]].tolist() == [highest[0], 1]
    assert np.all(found.roc >= np.array(highest) - 1e-9)
    precision, recall, _ = metrics.precision_recall_curve(labels == 1, probabilities[:, 1], drop_intermediate=False)
    at_half = precision[np.flatnonzero(recall >= 0.5 - 1e-9)[-1]]
    assert found.precision[np.flatnonzero(RECALL == 0.5)[0]] == pytest.approx(at_half)


def test_of_many_classes_the_rarest_have_their_own_curves() -> None:
    labels = np.repeat(np.arange(12), np.arange(2, 14))
    probabilities = np.random.default_rng(0).dirichlet(np.ones(12), len(labels))
    found = curves(labels, probabilities)
    assert found is not None
    assert found.classes == tuple(range(8))
    assert len(found.of_classes) == 8 and found.roc.shape == (101,)
