"""Check any Keras model's own gradients on a small batch: the whole chain of its layers, and its loss.

The model is rebuilt in float64, where difference quotients have digits to spare, and its gradients (autodiff's, or
those of whatever custom gradients its layers bring) are compared with central differences at a few entries of each
weight. All weights are nudged first: fresh biases are 0 and so are blank pixels, and relu has no derivative there.
"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

STEP = 1e-6
NUDGE = 1e-2
ALLOWED = 1e-5  # of the largest gradient of the same weight; kinks (relu, pooling) within a step are rare


@dataclass(frozen=True)
class WeightRow:
    """One trainable weight: how many entries were compared, and the largest difference, a share as `ALLOWED`."""

    weight: str
    entries: int
    error: float

    @property
    def passed(self) -> bool:
        """False for NaN, too."""
        return self.error <= ALLOWED


def check_model(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, entries: int, seed: int = 0
) -> list[WeightRow]:
    """Compare the gradients of each trainable weight, at a few entries, with central differences.

    Dropout is off and batch normalisation uses its moving statistics, so the loss is a function of the weights alone.

    Args:
        model: a classifier from logits.
        images: float 0..255 (B, H, W, C).
        labels: whole numbers (B,).
        entries: how many of each weight are compared.
        seed: decides which.

    Returns:
        A row for each trainable weight.
    """
    random = np.random.default_rng(seed)
    exact = in_float64(model)
    for variable in exact.trainable_variables:
        variable.assign_add(random.normal(scale=NUDGE, size=variable.shape))
    x = tf.constant(images, tf.float64)
    y = tf.one_hot(labels, exact.output_shape[-1], dtype=tf.float64)

    @tf.function
    def loss() -> Any:
        logits = exact(x, training=False)
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits))

    with tf.GradientTape() as tape:
        value = loss()
    gradients = tape.gradient(value, [v.value for v in exact.trainable_variables])
    return [
        _compare(variable, np.asarray(gradient), loss, random, entries)
        for variable, gradient in zip(exact.trainable_variables, gradients, strict=True)
    ]


def in_float64(model: keras.Model) -> keras.Model:
    """Return the same model with float64 layers and weights."""

    def widened(layer: Any) -> Any:
        return type(layer).from_config({**layer.get_config(), "dtype": "float64"})

    exact = keras.models.clone_model(model, clone_function=widened)
    exact.set_weights(model.get_weights())
    return exact


def _compare(variable: Any, gradient: np.ndarray, loss: Any, random: np.random.Generator, entries: int) -> WeightRow:
    start = np.array(variable)
    chosen = random.choice(start.size, size=min(entries, start.size), replace=False)
    worst = 0.0
    for index in chosen:
        values = []
        for step in (STEP, -STEP):
            moved = start.copy()
            moved.flat[index] += step
            variable.assign(moved)
            values.append(float(loss()))
        numeric = (values[0] - values[1]) / (2 * STEP)
        difference = abs(gradient.flat[index] - numeric) / (np.abs(gradient).max() + 1e-7)
        worst = max(worst, difference) if not np.isnan(difference) else np.nan
    variable.assign(start)
    return WeightRow(variable.path, len(chosen), float(worst))
