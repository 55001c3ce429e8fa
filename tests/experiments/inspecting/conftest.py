"""A network that has really learnt where to look: a digit somewhere on black, trained in seconds."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.network import Network

SIDE, DIGIT = 24, 8


def digit_in(images: np.ndarray, top: int, left: int) -> np.ndarray:
    """Digits (n, 8, 8, 1) on a black field (n, 24, 24, 1), all at one place."""
    field = np.zeros((len(images), SIDE, SIDE, 1), np.uint8)
    field[:, top : top + DIGIT, left : left + DIGIT] = images
    return field


@pytest.fixture(scope="session")
def zeros_and_ones() -> dict[int, np.ndarray]:
    """scikit-learn's zeros and ones, uint8 (n, 8, 8, 1)."""
    from keras_suite.data_pipeline.datasets.digits import digits

    found = digits(None, image_size=None, limit=None)
    return {k: found.images[found.labels == k] for k in (0, 1)}


@pytest.fixture(scope="session")
def finder(zeros_and_ones: dict[int, np.ndarray]) -> Network:
    """A small CNN that tells zeros from ones wherever they lie on the field."""
    keras.utils.set_random_seed(3)
    random = np.random.default_rng(3)
    images, labels = [], []
    for label, shown in zeros_and_ones.items():
        for one in shown[:120]:
            top, left = random.integers(0, SIDE - DIGIT + 1, 2)
            images.append(digit_in(one[np.newaxis], top, left)[0])
            labels.append(label)
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="images"),
            layers.Rescaling(1 / 255, name="scale"),
            layers.Conv2D(8, 3, activation="relu", padding="same", use_bias=False, name="conv_1"),
            layers.MaxPooling2D(name="pool_1"),
            layers.Conv2D(16, 3, activation="relu", padding="same", use_bias=False, name="conv_2"),
            layers.Conv2D(16, 3, activation="relu", padding="same", use_bias=False, name="conv_3"),
            layers.Dropout(0.1, name="dropout"),
            layers.GlobalAveragePooling2D(name="features"),
            layers.Dense(2, name="logits"),
        ],
        name="finder",
    )
    model.compile(
        "adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"], jit_compile=False
    )
    model.optimizer.learning_rate = 0.01
    model.fit(np.array(images), np.array(labels), batch_size=32, epochs=10, verbose=0)
    return Network(model, ("zero", "one"))
