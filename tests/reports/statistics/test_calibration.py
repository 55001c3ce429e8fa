"""The calibration error by hand, against scikit-learn's bins, and over answers that are right as often as they say."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from keras_suite.reports.statistics.calibration import (
    BINS,
    binned,
    expected_calibration_error,
    fitted_temperature,
    with_temperature,
)


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


def too_sure(images: int, times: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from softmax(logits), and the probabilities of a network whose logits are `times` as large."""
    chance = np.random.default_rng(seed)
    logits = 2 * chance.normal(size=(images, 5))
    labels = (logits + chance.gumbel(size=logits.shape)).argmax(axis=1)
    said = np.exp(times * logits)
    return labels, (said / said.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("times", [0.5, 1.0, 3.0])
def test_the_temperature_is_how_many_times_too_large_the_logits_are(times: float) -> None:
    labels, probabilities = too_sure(20_000, times, 2)
    temperature = fitted_temperature(labels, probabilities)
    assert temperature == pytest.approx(times, rel=0.05)
    scaled = with_temperature(probabilities, temperature)
    assert (scaled.argmax(axis=1) == probabilities.argmax(axis=1)).all(), "it changes no answer"
    assert scaled.sum(axis=1) == pytest.approx(1)
    right = probabilities.argmax(axis=1) == labels
    assert expected_calibration_error(scaled.max(axis=1), right) < 0.02


def test_being_right_on_a_few_images_makes_no_network_certain() -> None:
    sure = np.tile(np.array([[0.9, 0.1]], np.float32), (20, 1))
    assert 0.2 < fitted_temperature(np.zeros(20, int), sure) < 1
    assert fitted_temperature(np.zeros(0, int), np.zeros((0, 2))) == 1.0


def test_a_probability_that_came_out_as_zero_is_scaled_too() -> None:
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    assert 1 < fitted_temperature(np.array([0, 0]), probabilities) <= 20
    assert np.isfinite(with_temperature(probabilities, 2.0)).all()
    assert with_temperature(probabilities, 1.0) == pytest.approx(probabilities)
