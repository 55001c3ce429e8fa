"""How a variant's runs scatter."""

import math

import pytest

from keras_suite.reports.results.variant_numbers import spread


def test_a_spread_is_of_the_numbers_that_there_are() -> None:
    found = spread([0.9, None, 0.7], (0, 1))
    assert (found.n, found.mean) == (2, pytest.approx(0.8))
    assert found.sd == pytest.approx(math.sqrt(0.02))
    assert found.interval is not None and (found.interval.low, found.interval.high) == (0, 1), "cut to what is possible"


def test_one_number_has_no_interval_and_none_no_mean() -> None:
    assert spread([0.9]).interval is None and math.isnan(spread([0.9]).sd)
    assert spread([None]).n == 0 and math.isnan(spread([]).mean)
