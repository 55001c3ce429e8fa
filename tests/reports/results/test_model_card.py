"""The numbers of a model card, on answers that are known."""

import numpy as np
import pytest

from keras_suite.reports.results.held_out import HeldOut
from keras_suite.reports.results.model_card import (
    Answered,
    answered_tests,
    calibration,
    confused,
    cuts,
    expected_range,
    of_classes,
)
from keras_suite.reports.statistics.image_noise import clopper_pearson
from tests.reports.conftest import MakeRuns


def sure(predicted: np.ndarray, probability: float = 0.9, classes: int = 3) -> np.ndarray:
    """Probabilities with which these classes are answered."""
    found = np.full((len(predicted), classes), (1 - probability) / (classes - 1), np.float32)
    found[np.arange(len(predicted)), predicted] = probability
    return found


LABELS = np.repeat([0, 1, 2], [50, 30, 20])
PREDICTED = np.where(np.arange(100) % 10 == 0, (LABELS + 1) % 3, LABELS)


def test_one_run_has_the_exact_interval_and_others_tell_what_a_further_one_has(make_runs: MakeRuns) -> None:
    alone = expected_range(Answered(LABELS, sure(PREDICTED), "test image"))
    assert (alone.share, alone.interval, alone.images) == (0.9, clopper_pearson(90, 100), 100)
    assert alone.seeds is None and alone.further_run is None
    runs = make_runs({"only": {}}, seeds=3).runs
    answered = answered_tests(runs[0], runs[1:], crossed=False)
    assert answered is not None and len(answered.others) == 2
    found = expected_range(answered)
    assert found.runs == 3 and found.seeds is not None and found.seeds[0] <= found.share <= found.seeds[1]
    assert found.further_run is not None and found.further_run.low < found.share < found.further_run.high


def test_repeats_of_a_cross_validation_are_one_share_of_so_many_images() -> None:
    answered = Answered(LABELS, sure(PREDICTED), "image", crossed=True, others=(sure(LABELS),))
    found = expected_range(answered)
    assert found.share == pytest.approx(0.95) and found.images == 100 and found.runs == 2
    assert found.interval.low == pytest.approx(clopper_pearson(95, 100).low) and found.seeds is None


def test_classes_are_counted_and_pairs_are_named_by_how_often_they_are_confused() -> None:
    answered = Answered(LABELS, sure(PREDICTED), "test image")
    assert [(c.images, c.right, c.answers) for c in of_classes(answered)] == [(50, 45, 47), (30, 27, 32), (20, 18, 21)]
    assert confused(answered) == ((0, 1, 5), (1, 2, 3), (2, 0, 2))
    assert of_classes(answered)[0].interval == clopper_pearson(45, 50)


def test_a_temperature_mends_what_is_too_sure_and_is_never_fitted_to_what_measures_it() -> None:
    random = np.random.default_rng(0)
    answered = Answered(LABELS, sure(PREDICTED, 0.999), "test image")
    labels = random.integers(0, 3, 300)
    wrong = random.random(300) < 0.1
    held_out = HeldOut(labels, sure(np.where(wrong, (labels + 1) % 3, labels), 0.999), "validation image")
    found = calibration(answered, held_out)
    assert found.error == pytest.approx(0.099, abs=0.001) and found.by_chance < 0.01
    assert found.temperature is not None and found.temperature > 2 and not found.halves
    assert found.error_after is not None and found.error_after < 0.03
    itself = calibration(answered, HeldOut(answered.labels, answered.probabilities, "held-out image"))
    assert itself.halves and itself.error_after is not None and 0.001 < itself.error_after < 0.06
    assert calibration(answered, None).temperature is None


def test_thresholds_are_those_of_predict_and_are_tried_on_the_measured_images() -> None:
    labels = np.arange(400) % 3
    probabilities = sure(np.where(np.arange(400) < 40, (labels + 1) % 3, labels))
    probabilities[40:, :] = sure(labels[40:], 0.99)
    held_out = HeldOut(labels, probabilities, "validation image")
    answered = Answered(labels[30:100], probabilities[30:100], "test image")
    five, two, one = cuts(answered, held_out)
    assert five.threshold is not None and five.threshold.confidence == pytest.approx(0.99)
    assert (five.answered, five.wrong, five.fewest) == (60, 0, 59)
    assert two.threshold is not None and one.threshold is not None and one.fewest == 299
    assert cuts(answered, None) == ()
    assert cuts(answered, HeldOut(answered.labels, answered.probabilities, "held-out image"))[2].threshold is None
