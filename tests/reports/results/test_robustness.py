"""The difference that damage makes is one of pairs: the same images, whole and damaged."""

import numpy as np

from keras_suite.reports.results.robustness import against_clean
from keras_suite.reports.statistics.image_noise import clopper_pearson


def test_answers_that_change_alone_make_the_interval() -> None:
    clean = np.arange(200) >= 20
    damaged = clean & (np.arange(200) < 180)
    found = against_clean("noise", "σ 10", clean, damaged, 3)
    assert (found.right, found.images, found.difference, found.unlike) == (160, 200, -0.1, 3)
    assert -0.17 < found.interval.low < -0.1 < found.interval.high < -0.05
    assert found.accuracy == 0.8 and found.accuracy_interval == clopper_pearson(160, 200)
    same = against_clean("noise", "σ 0", clean, clean, None)
    assert same.difference == 0 and same.interval.low < 0 < same.interval.high < 0.03
