"""Predictions are those of one image alone; the worst images are the most confidently wrong ones."""

import keras
import numpy as np
import pytest

from keras_suite.experiments.training.evaluation import most_confidently_wrong, predict
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.image import IMAGE


def test_the_most_confidently_wrong_come_first_and_right_ones_not_at_all() -> None:
    labels = np.array([0, 1, 1, 0])
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.2, 0.8]])
    assert most_confidently_wrong(labels, probabilities).tolist() == [2, 3, 1]
    assert most_confidently_wrong(labels, probabilities, count=1).tolist() == [2]


def test_a_class_is_predicted_by_probabilities_and_an_image_by_pixels() -> None:
    pixels = np.full((2, 2, 1), 255, np.uint8)
    logits = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    assert predict(logits, pixels, CLASSES).sum() == pytest.approx(1)
    copy = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Rescaling(1 / 255)])
    assert (predict(copy, pixels, IMAGE) == pixels).all()
