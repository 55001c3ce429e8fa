"""Heads are scikit-learn's logistic regression, exactly; each image is answered by heads that have not seen it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from keras_suite.experiments.classifying.head import cross_validate, fit_head


def clusters(classes: int, per_class: int, apart: float = 2.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, 60) of classes around centres, and their labels."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), per_class)
    return apart * random.normal(size=(classes, 60))[labels] + random.normal(size=(len(labels), 60)) + 3, labels


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("per_class", [8, 60])
def test_a_head_answers_as_scikit_learn_on_all_features_does(classes: int, per_class: int) -> None:
    features, labels = clusters(classes, per_class, apart=0.3)
    others, _ = clusters(classes, 5, apart=0.3, seed=1)
    expected = LogisticRegression(C=0.1, max_iter=5000, tol=1e-8).fit(features, labels).predict_proba(others)
    found = fit_head(features, labels, 0.1).probabilities(others)
    assert found.shape == (5 * classes, classes)
    np.testing.assert_allclose(found, expected, atol=2e-3)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_what_says_nothing_is_answered_by_chance() -> None:
    features, labels = clusters(2, 60, apart=0.0)
    features[:, 0] = np.random.default_rng(2).permutation(120)  # each image is known by heart by who has seen it
    found = cross_validate(features, labels, repeats=4)
    assert found.probabilities.shape == (4, 120, 2) and found.folds == 5
    assert 0.3 < (found.probabilities.argmax(axis=-1) == labels).mean() < 0.7


def test_what_is_clear_is_read_right_and_repeats_have_other_folds() -> None:
    features, labels = clusters(3, 12)
    found = cross_validate(features, labels, repeats=2)
    assert (found.probabilities.argmax(axis=-1) == labels).mean() > 0.95
    assert not np.array_equal(found.probabilities[0], found.probabilities[1])
    again = cross_validate(features, labels, repeats=2)
    assert np.array_equal(found.probabilities, again.probabilities) and found.strength == again.strength


def test_copies_in_one_group_do_not_answer_for_each_other() -> None:
    features, labels = clusters(2, 30, apart=0.0)
    features, labels = np.repeat(features, 2, axis=0), np.repeat(labels, 2)
    alone = cross_validate(features, labels, repeats=3, strengths=(1.0,))
    together = cross_validate(features, labels, repeats=3, groups=np.repeat(np.arange(60), 2), strengths=(1.0,))
    assert (alone.probabilities.argmax(axis=-1) == labels).mean() > 0.75
    assert (together.probabilities.argmax(axis=-1) == labels).mean() < 0.65


def test_a_class_of_two_images_leaves_two_folds() -> None:
    features, labels = clusters(2, 10)
    few = np.concatenate([np.arange(10), [10, 11]])
    found = cross_validate(features[few], labels[few], repeats=1)
    assert found.folds == 2 and np.isfinite(found.probabilities).all()


def test_fewer_images_are_read_worse() -> None:
    features, labels = clusters(4, 40, apart=0.25)
    full = cross_validate(features, labels, repeats=3)
    tenth = cross_validate(features, labels, repeats=3, keep=0.1)
    right = [(each.probabilities.argmax(axis=-1) == labels).mean() for each in (full, tenth)]
    assert right[0] > right[1] + 0.05
