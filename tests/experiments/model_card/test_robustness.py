"""What corruptions cost a network that is known: it tells bright images from dark ones."""

import numpy as np
import pytest

from keras_suite.data_pipeline.images.likeness import likeness_of
from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.model_card import robustness as module
from keras_suite.experiments.model_card.robustness import robustness

LABELS = np.arange(60) % 2
PIXELS = np.where(LABELS == 1, 160, 60)[:, None, None, None] + np.random.default_rng(0).integers(-30, 30, (60, 8, 8, 1))
IMAGES = Images(PIXELS.astype(np.uint8), LABELS, np.arange(60), "test image")


def ask(images: np.ndarray) -> np.ndarray:
    bright = images.mean(axis=(1, 2, 3)) > 110
    return np.stack([~bright, bright], axis=1).astype(np.float32)


def test_what_harms_a_network_is_told_from_what_does_not() -> None:
    found = robustness(ask, IMAGES, likeness_of(PIXELS.astype(np.uint8)))
    rows = {(row.corruption, row.strength): row for row in found.rows}
    assert len(rows) == 18 and found.clean.accuracy == 1 and found.of == 60 and found.called == "test image"
    assert rows["Gaussian blur", "σ 1.6 px"].difference == 0
    assert rows["Gaussian blur", "σ 1.6 px"].interval.low < 0 < rows["Gaussian blur", "σ 1.6 px"].interval.high
    dark = rows["darker", "× 0.3"]
    assert dark.right == 30 and dark.difference == -0.5 and dark.interval.high < -0.3
    assert dark.unlike is not None and found.clean.unlike is not None and dark.unlike > found.clean.unlike
    assert robustness(ask, IMAGES, None) != found  # which nothing warns of
    assert [row.right for row in robustness(ask, IMAGES, None).rows] == [row.right for row in found.rows]


def test_of_many_images_some_are_drawn_which_are_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IMAGES", 25)
    found = robustness(ask, IMAGES, None)
    assert found.clean.images == 25 and found.of == 60 and found.clean.unlike is None
    assert found == robustness(ask, IMAGES, None)
