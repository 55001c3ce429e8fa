"""What to expect of new images: a share with its interval, and what more photographs would buy."""

import numpy as np
import pytest

from keras_suite.experiments.classifying.expected import expected_share, with_more


def test_the_interval_is_of_so_many_images_however_often_they_were_answered() -> None:
    right = np.ones((5, 40), bool)
    right[:, :4] = False
    found = expected_share(right)
    assert found.share == pytest.approx(0.9) and found.images == 40
    assert (found.interval.low, found.interval.high) == pytest.approx((0.7634, 0.9721), abs=1e-3)
    assert expected_share(np.ones((3, 10), bool)).interval.high == 1


def test_an_error_that_halves_with_twice_the_images_goes_on_so() -> None:
    half, full = np.ones((1, 2000), bool), np.ones((1, 2000), bool)
    half[:, :400] = full[:, :200] = False
    found = with_more(half, full, trained=100, more=100)
    assert found is not None and found.low <= 0.95 <= found.high and found.high - found.low < 0.03


def test_an_error_that_did_not_fall_stays() -> None:
    same = np.ones((1, 500), bool)
    same[:, :50] = False
    found = with_more(same, same, trained=100, more=100)
    assert found is not None and found.low < 0.9 < found.high and found.high - found.low < 0.06


def test_where_nothing_is_wrong_there_is_no_curve() -> None:
    right = np.ones((2, 30), bool)
    assert with_more(right, right, trained=30, more=100) is None
