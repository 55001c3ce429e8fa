"""Predictions are those of one image alone; the worst images are the most confidently wrong ones."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from keras_suite.data_pipeline.pipeline import evaluation_batches
from keras_suite.data_pipeline.targets import class_targets
from keras_suite.experiments.training.evaluation import evaluate, in_json, most_confidently_wrong, predict
from keras_suite.models import losses
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


def test_a_metric_on_request_has_the_exact_value_of_the_predictions_that_are_kept() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (90, 2, 2, 1), dtype=np.uint8)
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    for labels in (random.integers(0, 3, 90), np.zeros(90, int)):
        task = CLASSES.measuring(CLASSES.on_request)
        targets = replace(class_targets(labels, 3), task=task)
        batches = evaluation_batches(images, targets, np.arange(90), batch_size=32)
        found = evaluate(model, batches, targets, loss=losses.cross_entropy())
        for metric in CLASSES.on_request:
            assert metric.recompute is not None
            assert found.metrics[metric.name] == metric.recompute(labels, found.predictions)
    assert in_json(found.metrics, task)["roc_auc"] is None, "one class alone"
