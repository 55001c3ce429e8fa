"""The calibration error by hand, against scikit-learn's bins, and over answers that are right as often as they say."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from keras_suite.reports.statistics.calibration import BINS, binned, expected_calibration_error


def test_the_error_of_a_case_worked_by_hand() -> None:
    confidence, right = np.array([0.95, 0.95, 0.95, 0.55]), np.array([True, True, False, True])
    # two bins of ten: |2/3 - 0.95| with 3 of 4 answers, |1 - 0.55| with 1 of 4
    expected = 0.75 * (0.95 - 2 / 3) + 0.25 * 0.45
    assert expected_calibration_error(confidence, right, bins=10) == pytest.approx(expected)


def test_the_bins_are_scikit_learns() -> None:
    chance = np.random.default_rng(0)
    confidence = chance.random(500)
    right = chance.random(500) < confidence
    accuracy, mean = calibration_curve(right, confidence, n_bins=BINS)
    bins = binned(confidence, right)
    assert bins.accuracy == pytest.approx(accuracy)
    assert bins.confidence == pytest.approx(mean)
    assert bins.counts.sum() == 500


def test_who_is_right_as_often_as_they_say_has_no_error_and_who_boasts_has() -> None:
    chance = np.random.default_rng(1)
    confidence = chance.uniform(0.3, 1, 200_000)
    assert expected_calibration_error(confidence, chance.random(200_000) < confidence) < 0.005
    assert expected_calibration_error(np.ones(100), np.arange(100) < 70) == pytest.approx(0.3)


def test_certainty_is_in_the_last_bin_and_nothing_has_no_error() -> None:
    assert binned(np.array([1.0, 0.0]), np.array([True, False])).counts[[0, -1]].tolist() == [1, 1]
    assert np.isnan(expected_calibration_error(np.array([]), np.array([], dtype=bool)))
