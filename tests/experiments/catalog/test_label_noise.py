"""What `label_noise` measures: which labels its suspects are."""

from typing import Any

import numpy as np
import pytest

from keras_suite.experiments.catalog import label_noise
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
    values = label_noise.measure(Oracle(logits), np.zeros((4000, 2, 2, 1)), labels)["0.4"]
    assert values["precision"]["400"] == pytest.approx(0.4, abs=0.08)
    assert softmax(logits).max() < 1
