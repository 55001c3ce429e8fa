"""Thresholds keep the error rate of the answers down as often as they promise, and answer what they can."""

import numpy as np
import pytest
from scipy import stats

from keras_suite.reports.statistics.selective import error_at, fewest_answers, threshold_for


def drawn(images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers that are right as often as they say, 5 % wrong in all."""
    chance = np.random.default_rng(seed)
    confidence = chance.beta(19, 1, images)
    return confidence, chance.random(images) < confidence


def error_above(threshold: float) -> float:
    """The error rate of all possible answers of this confidence or more."""
    above, mean_above = (stats.beta(a, 1).sf(threshold) for a in (19, 20))
    return float(1 - 19 / 20 * mean_above / above)


@pytest.mark.parametrize("rate", [0.02, 0.05])
def test_the_error_rate_is_above_the_wanted_one_in_at_most_5_percent_of_validation_sets(rate: float) -> None:
    found = [threshold_for(*drawn(500, seed), rate) for seed in range(200)]
    broken = sum(each is not None and error_above(each.confidence) > rate for each in found)
    assert stats.binomtest(broken, len(found)).proportion_ci(0.99).low <= 0.05
    assert np.mean([each.answered / each.images if each else 0 for each in found]) > (0.05 if rate < 0.05 else 0.4)


def test_what_was_found_is_what_a_count_by_hand_says() -> None:
    confidence, right = drawn(2_000, 1)
    found = threshold_for(confidence, right, 0.05)
    assert found is not None
    answered = confidence >= found.confidence
    assert (found.answered, found.wrong) == (answered.sum(), (answered & ~right).sum())
    expected = stats.binomtest(int(found.wrong), int(found.answered), alternative="less").proportion_ci(0.95).high
    assert found.most_wrong == pytest.approx(expected) and found.most_wrong <= 0.05


def test_too_few_images_show_nothing_and_just_enough_do() -> None:
    count = fewest_answers(0.01)
    assert count == 299, "0.99 ** 299 is the first below 5 %"
    certain = np.linspace(0.9, 1, count)
    assert threshold_for(certain[1:], np.ones(count - 1, bool), 0.01) is None
    found = threshold_for(certain, np.ones(count, bool), 0.01)
    assert found is not None and found.answered == count
    assert threshold_for(np.zeros(0), np.zeros(0, bool), 0.05) is None


def test_answers_of_one_confidence_stand_or_fall_together() -> None:
    found = threshold_for(np.ones(400), np.arange(400) < 398, 0.05)
    assert found is not None and (found.answered, found.wrong) == (400, 2)
    assert threshold_for(np.ones(400), np.arange(400) < 300, 0.05) is None


@pytest.mark.parametrize("rate", [0.0, 1.0, -1.0, float("nan")])
def test_an_impossible_error_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match=r"cannot be asked for: give one from 0\.0001"):
        threshold_for(np.ones(10), np.ones(10, bool), rate)


def test_the_error_rate_of_the_surest_by_hand() -> None:
    confidence, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, False])
    assert error_at(confidence, right, [0.25, 0.5, 0.75, 1.0]) == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert error_at(np.ones(4), right, [0.25, 1.0]) == pytest.approx([0.5, 0.5]), "nobody knows which are the surest"
    assert np.isnan(error_at(np.zeros(0), np.zeros(0, bool), [0.5])).all()
