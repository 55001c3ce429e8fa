"""The metrics of training agree with what reports score the same answers by."""

import keras
import numpy as np
import pytest

from keras_suite.models.losses import absolute_error, cosine_distance, cross_entropy, huber, squared_error
from keras_suite.models.metrics import metric_names, training_metrics
from keras_suite.tasks import TASKS, task_named

RANDOM = np.random.default_rng(0)
N = 40


def one_hot(numbers: np.ndarray, classes: int) -> np.ndarray:
    return np.where(numbers[..., None] >= 0, np.eye(classes, dtype=np.float32)[np.maximum(numbers, 0)], 0)


def measured(task: str, wanted: np.ndarray, outputs: np.ndarray, loss: keras.losses.Loss) -> dict[str, float]:
    metrics = training_metrics(loss, outputs.shape[-1], task_named(task))
    for part in np.array_split(np.arange(len(wanted)), 3):
        for metric in metrics:
            metric.update_state(wanted[part], outputs[part])
    assert [metric.name for metric in metrics] == list(metric_names(task_named(task), outputs.shape[-1]))
    return {metric.name: float(metric.result()) for metric in metrics}


@pytest.mark.parametrize(("task", "numbers"), [("angle", 1), ("direction", 2)])
def test_degrees_are_those_of_the_report(task: str, numbers: int) -> None:
    wanted, outputs = RANDOM.normal(size=(2, N, numbers)).astype(np.float32)
    outputs[0] = 0
    values = measured(task, wanted, outputs, squared_error())
    assert values["degrees"] == pytest.approx(task_named(task).scores(wanted, outputs).mean(), rel=1e-5)
    assert values["unpenalised_loss"] == pytest.approx(np.square(wanted - outputs).mean(), rel=1e-5)


def test_grey_levels_are_those_of_the_report_but_for_rounding() -> None:
    pixels = RANDOM.integers(0, 256, (N, 6, 5, 3)).astype(np.uint8)
    outputs = RANDOM.uniform(-0.2, 1.2, pixels.shape).astype(np.float32)
    values = measured("image", pixels / np.float32(255), outputs, squared_error())
    assert values["grey_levels"] == pytest.approx(
        task_named("image").scores(pixels, task_named("image").to_predictions(outputs)).mean(), abs=0.5
    )


def test_iou_is_that_of_the_report() -> None:
    masks = RANDOM.integers(0, 4, (N, 6, 5)).astype(np.uint8)
    masks[:5] = 0
    outputs = RANDOM.normal(size=(N, 6, 5, 4)).astype(np.float32)
    outputs[2:8, ..., 0] = 9
    values = measured("mask", one_hot(masks.astype(int), 4), outputs, cross_entropy())
    assert values["iou"] == pytest.approx(
        task_named("mask").scores(masks, task_named("mask").to_predictions(outputs)).mean(), rel=1e-5
    )


def test_right_words_are_counted_up_to_the_end_of_each_sentence() -> None:
    words = np.array([[2, 3, 1, -1], [2, 1, -1, -1]])
    said = np.array([[2, 2, 1, 3], [2, 1, 2, 2]])
    values = measured("caption", one_hot(words, 4), one_hot(said, 4), cross_entropy())
    assert values["words"] == pytest.approx((2 / 3 + 1) / 2)


def test_a_loss_of_words_counts_no_position_after_the_end() -> None:
    words, logits = one_hot(np.array([[2, -1]]), 4), np.array([[[0, 0, 3, 0], [9, 0, 0, 0]]], np.float32)
    whole = float(cross_entropy()(words, logits))
    logits[0, 1] = [0, 0, 0, 5]
    assert float(cross_entropy()(words, logits)) == pytest.approx(whole)


@pytest.mark.parametrize(("loss", "least"), [(squared_error(), 4.0), (absolute_error(), 1.0), (huber(delta=1e-3), 1.0)])
def test_losses_of_numbers_are_least_for_the_mean_or_the_median(loss: keras.losses.Loss, least: float) -> None:
    wanted = np.array([[0.0], [1.0], [11.0]], np.float32)
    tried = np.linspace(-2, 12, 1401)
    losses = [float(loss(wanted, np.full_like(wanted, value))) for value in tried]
    assert tried[int(np.argmin(losses))] == pytest.approx(least, abs=0.02)


def test_the_distance_of_directions_ignores_their_length() -> None:
    wanted = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    given = np.array([[7.0, 0.0], [0.0, -0.1]], np.float32)
    assert float(cosine_distance()(wanted, given)) == pytest.approx(1.0)  # 0 and 2


def test_metrics_can_be_saved_with_a_model() -> None:
    for task in TASKS.values():
        for metric in training_metrics(squared_error(), 7, task):
            assert type(keras.metrics.deserialize(keras.metrics.serialize(metric))) is type(metric)
