"""A fine-tuned network is kept where images show it to be better, and no image chooses for itself."""

import numpy as np
import pytest

from keras_suite.experiments.classifying.choice import LEAST, choose, right_when_chosen_by_others
from keras_suite.reports.statistics.image_noise import mcnemar_p


def answers(right: int, images: int) -> np.ndarray:
    return np.arange(images) < right


def test_fewer_images_than_the_least_show_nothing() -> None:
    assert mcnemar_p(LEAST, 0) <= 0.05 < mcnemar_p(LEAST - 1, 0)
    assert choose(answers(100 - LEAST, 100), answers(100, 100)).kept
    assert not choose(answers(101 - LEAST, 100), answers(100, 100)).kept


def test_what_is_worse_is_not_kept_however_sure_that_is() -> None:
    found = choose(answers(100, 100), answers(50, 100))
    assert (found.only_tuned, found.only_head, found.head, found.tuned) == (0, 50, 100, 50)
    assert found.p < 1e-6 and not found.kept


def test_a_gain_that_every_fold_shows_is_what_is_expected() -> None:
    head, tuned = np.tile(answers(50, 100), (3, 1)), answers(90, 100)
    folds = np.arange(100) % 5
    assert right_when_chosen_by_others(head, tuned, folds).mean() == pytest.approx(0.9)


def test_a_gain_in_one_fold_alone_is_kept_but_not_expected() -> None:
    head, tuned, folds = np.ones((2, 100), bool), np.ones(100, bool), np.repeat(np.arange(5), 20)
    head[:, 80:90] = False
    assert choose(head[0], tuned).kept
    assert right_when_chosen_by_others(head, tuned, folds).mean() == pytest.approx(0.9)


def test_what_is_kept_by_luck_alone_is_not_expected_to_be_better() -> None:
    random, truth, folds = np.random.default_rng(1), 0.5, np.arange(100) % 5
    kept, expected = [], []
    for _ in range(600):
        head, tuned = random.random((1, 100)) < truth, random.random(100) < truth
        if choose(head[0], tuned).kept:
            kept.append(tuned.mean())
            expected.append(right_when_chosen_by_others(head, tuned, folds).mean())
    assert len(kept) >= 5 and np.mean(kept) > truth + 0.04
    assert np.mean(expected) < truth + 0.01
