"""The power law of `learning_curve`."""

import numpy as np
import pytest

from keras_suite.experiments.catalog.learning_curve import MORE, SIZES, fitted, power_law

SIZES_ = np.array(SIZES, float)


def test_a_power_law_is_recovered() -> None:
    assert power_law(SIZES_, 300 * SIZES_**-0.6) == pytest.approx((300, 0.6))


def test_the_gain_is_what_the_law_loses_over_the_next_images() -> None:
    laws = [(300, 0.6), (250, 0.55), (350, 0.62)]
    fit = fitted(SIZES_, np.array([a * SIZES_**-b for a, b in laws]))
    last = SIZES[-1]
    gains = [a * last**-b - a * (last + MORE) ** -b for a, b in laws]
    assert fit.gain == pytest.approx(np.mean(gains))
    assert fit.exponent == pytest.approx(0.59)
    assert fit.gain_interval is not None and fit.gain_interval.low < min(gains)
    assert fit.beyond == pytest.approx(np.mean([a * last**-b for a, b in laws]))


def test_one_seed_has_no_interval() -> None:
    fit = fitted(SIZES_, np.array([300 * SIZES_**-0.6]))
    assert fit.exponent_interval is None and fit.gain_interval is None
