import hashlib

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.drawn_tests import choose_test_images, rows_that_test

BUNCH = load_digits()
DIGESTS = [hashlib.sha256(image.tobytes()).hexdigest() for image in BUNCH.images[:300]]
LABELS = BUNCH.target[:300].astype(np.int64)
NAMES = tuple("0123456789")


def test_each_class_tests_in_proportion_whatever_the_order() -> None:
    chosen = choose_test_images("mine", NAMES, LABELS, DIGESTS, 0.2)
    assert len(chosen) == 60 and set(np.bincount(LABELS[chosen]).tolist()) <= {5, 6, 7}
    turned = choose_test_images("mine", NAMES, LABELS[::-1], DIGESTS[::-1], 0.2)
    assert sorted(299 - turned) == chosen.tolist()


def test_copies_of_an_image_are_on_one_side_and_count_once() -> None:
    twice = rows_that_test("mine", NAMES, np.tile(LABELS, 2), DIGESTS * 2, 0.2)
    assert np.array_equal(twice[:300], twice[300:])
    assert np.flatnonzero(twice[:300]).tolist() == choose_test_images("mine", NAMES, LABELS, DIGESTS, 0.2).tolist()


def test_a_class_that_is_too_small_is_named() -> None:
    rows = np.array([0, 1, 2, 10, 11, 20, 30])  # three zeros, two ones, ...
    labels = np.array([0, 0, 0, 1, 1, 1, 1])
    digests = [DIGESTS[row] for row in (*rows[:4], rows[3], rows[3], rows[3])]
    with pytest.raises(ValueError, match=r"mine: class 'b' has 1 image.* at least 3 .*; copies of an image count once"):
        rows_that_test("mine", ("a", "b"), labels, digests, 0.2)
