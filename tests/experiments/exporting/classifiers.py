"""A small network with its images, to be exported."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.exporting.network import Classifier

SHAPE, NAMES = (8, 7, 3), ("cat", "größer dog", "none")
PIXELS = np.random.default_rng(0).integers(20, 200, (40, *SHAPE)).astype(np.uint8)
IMAGES = Images(PIXELS, np.arange(40) % 3, np.arange(40), "test image")


def classifier(*hidden: layers.Layer, scale: float = 1 / 255) -> Classifier:
    """Pixels 0..255 times `scale`, these layers, and logits that differ clearly from image to image."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input(SHAPE, name="pixels")
    x = layers.Rescaling(scale)(inputs) if scale != 1 else inputs
    for layer in hidden or (layers.Conv2D(6, 3, activation="relu"), layers.MaxPooling2D(2)):
        x = layer(x)
    x = layers.Flatten()(x) if len(x.shape) > 2 else x
    logits = layers.Dense(len(NAMES), kernel_initializer=keras.initializers.RandomNormal(stddev=0.8, seed=2))(x)
    model = keras.Model(inputs, logits)
    return Classifier(Path("runs/a"), model, NAMES, SHAPE)


def expected(network: Classifier, pixels: np.ndarray = PIXELS) -> np.ndarray:
    """The probabilities that the network itself answers."""
    return np.asarray(keras.ops.softmax(network.model(pixels.astype(np.float32), training=False)))
