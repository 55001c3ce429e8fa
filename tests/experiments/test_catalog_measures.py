"""What files of the catalog measure of a finished model."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from keras_suite.experiments.catalog import initializers, label_noise, regularization_path
from keras_suite.tasks.classes import softmax


class Oracle:
    """Answers with these logits, whatever it is shown."""

    def __init__(self, logits: np.ndarray) -> None:
        self.logits = logits

    def predict(self, images: np.ndarray, **options: Any) -> np.ndarray:
        return self.logits


def test_whoever_knows_all_digits_finds_all_wrong_labels_and_nothing_else() -> None:
    labels = np.random.default_rng(0).integers(0, 10, 1000)
    found = label_noise.measure(Oracle(9.0 * np.eye(10)[labels]), np.zeros((1000, 2, 2, 1)), labels)
    assert list(found) == ["0.1", "0.2", "0.3", "0.4"]
    for share, values in found.items():
        assert values["suspects"] == values["wrong"] == pytest.approx(1000 * float(share), abs=40)
        assert values["recall"] == 1.0
        assert set(values["precision"].values()) == {1.0}


def test_whoever_guesses_finds_wrong_labels_as_often_as_they_are() -> None:
    random = np.random.default_rng(0)
    labels, logits = random.integers(0, 10, 4000), random.normal(size=(4000, 10))
    found = label_noise.measure(Oracle(logits), np.zeros((4000, 2, 2, 1)), labels)["0.4"]
    assert found["precision"]["400"] == pytest.approx(0.4, abs=0.08)
    assert softmax(logits).max() < 1


def test_weights_near_zero_are_those_of_all_kernels_and_of_no_bias() -> None:
    kernel = np.array([[0.0, 0.0009, -0.0009], [0.5, -0.5, 0.0011]])
    model = SimpleNamespace(trainable_weights=[kernel, np.zeros(100)])
    found = regularization_path.measure(model, np.empty(0), np.empty(0))
    assert (found["near_zero"], found["weights"]) == (0.5, 6)
    assert found["l1_norm"] == pytest.approx(np.abs(kernel).sum())
    assert found["l2_norm"] == pytest.approx(np.linalg.norm(kernel))
    assert sum(found["histogram"]) == 6 and (found["histogram"][0], found["histogram"][-1]) == (1, 1)


def test_the_spread_before_training_is_that_of_the_weights_the_network_started_with() -> None:
    from keras_suite.models.networks.mlp import mlp

    options = dict(initializers.EXPERIMENT.base.model.options)
    images = np.random.default_rng(0).uniform(0, 255, (32, 6, 6, 1)).astype(np.float32)
    labels = np.arange(32) % 10
    fresh, trained = (mlp((6, 6, 1), 10, 3, **options) for _ in range(2))
    trained.set_weights([2 * weight + 0.01 for weight in trained.get_weights()])
    before, after = (initializers.measure(model, images, labels) for model in (fresh, trained))
    assert before["before"] == before["after"] == after["before"]
    assert after["after"]["activations"][-1] > 100 * after["before"]["activations"][-1]
    assert len(before["before"]["gradients"]) == initializers.DEPTH + 1
