"""A classifier that may know no more than the most frequent class is said to."""

import numpy as np
import pytest

from keras_suite.reports.results.guessing import no_better_than_guessing
from keras_suite.reports.statistics.image_noise import clopper_pearson

LABELS = np.array([0] * 60 + [1] * 40)


@pytest.mark.parametrize(("right", "said"), [(40, True), (60, True), (69, True), (71, False), (100, False)])
def test_it_is_said_where_the_interval_reaches_down_to_the_most_frequent_class(right: int, said: bool) -> None:
    line = no_better_than_guessing(LABELS, clopper_pearson(right, 100), ("cat", "dog"))
    assert bool(line) is said and ("'cat' for all of them is right in 60.00 %." in line) is said
