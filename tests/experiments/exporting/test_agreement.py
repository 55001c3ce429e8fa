"""The verdict on an exported file: what it says of other images like those it was run on."""

import numpy as np
import pytest

from keras_suite.experiments.exporting.agreement import Agreement, agreement


def compared(images: int, only_file: int = 0, only_network: int = 0, margin: float = 0.005) -> Agreement:
    """A file and a network that are right of all images but those."""
    labels = np.zeros(images, np.int64)
    network, file = np.tile([0.9, 0.1], (images, 1)), np.tile([0.8, 0.2], (images, 1))
    network[:only_file] = [0.4, 0.6]
    file[images - only_network :] = [0.3, 0.7]
    return agreement(network.astype(np.float32), file.astype(np.float32), labels, margin)


def test_many_images_that_are_answered_alike_are_equivalent_and_few_are_not() -> None:
    assert compared(10_000, 10, 12).word == "equivalent"
    few = compared(360)
    assert few.word == "undecided" and few.difference == 0 and few.same == 360
    assert few.images_needed == pytest.approx(np.log(20) / 0.005, rel=0.06)  # no differing image in so many
    assert compared(few.images_needed or 0).word == "equivalent"


def test_a_loss_beyond_chance_is_worse_and_a_gain_better() -> None:
    worse = compared(1_000, 2, 30)
    assert worse.word == "worse" and worse.p < 1e-6 and worse.difference == pytest.approx(-0.028)
    assert worse.images_needed is None and worse.same == 968
    assert compared(1_000, 30, 2).word == "better"


def test_a_real_difference_within_the_margin_is_equivalent() -> None:
    small = compared(100_000, 10, 110)
    assert small.p < 0.001 and small.word == "equivalent"
    assert compared(100_000, 10, 110, margin=0.0005).word == "worse"


def test_no_number_of_images_shows_a_difference_as_large_as_the_margin_to_be_none() -> None:
    assert compared(200, 0, 2).word == "undecided" and compared(200, 0, 2).images_needed is None


def test_what_differs_by_rounding_is_the_same_however_few_images_there_are() -> None:
    probabilities = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
    found = agreement(probabilities, probabilities + np.float32(3e-6), np.array([1, 0]), 0.005)
    assert found.word == "same" and found.accuracy == found.of_network == 1
    assert found.interval.low < 0.5


def test_answers_that_are_no_numbers_are_refused() -> None:
    broken = np.array([[np.nan, 1]], np.float32)
    with pytest.raises(ValueError, match="not finite"):
        agreement(np.ones((1, 2), np.float32), broken, np.array([0]), 0.005)
