"""Draws that could not be continued after an interruption are found before training."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.experiments.foreign_code import WrongResult
from keras_suite.experiments.own_parts.randomness import refuse_unsaved_randomness


class Noise(keras.Layer):
    """Adds what a function draws."""

    def __init__(self, draw: Any) -> None:
        super().__init__()
        self.draw, self.generator = draw, keras.random.SeedGenerator(1)

    def call(self, x: Any, training: bool = False) -> Any:
        return x + self.draw(self, tf.shape(x)) if training else x


def check(draw: Any) -> None:
    model = keras.Sequential([keras.Input((4,)), Noise(draw), keras.layers.Dense(2)])
    refuse_unsaved_randomness(lambda x: model(x, training=True), np.ones((3, 4), np.float32))


@pytest.mark.parametrize(
    "draw",
    [
        lambda layer, shape: tf.random.normal(shape),
        lambda layer, shape: tf.random.uniform(shape),
        lambda layer, shape: tf.random.truncated_normal(shape),
        lambda layer, shape: tf.random.shuffle(tf.ones(shape)),
        lambda layer, shape: tf.map_fn(lambda row: tf.random.normal((4,)), tf.ones(shape)),
    ],
)
def test_tensorflows_own_generators_are_refused(draw: Any) -> None:
    with pytest.raises(WrongResult, match=r"which no checkpoint holds: keep a keras\.random\.SeedGenerator in"):
        check(draw)


def test_a_generator_of_tensorflow_is_refused() -> None:
    generator = tf.random.Generator.from_seed(1)
    with pytest.raises(WrongResult, match=r"which no checkpoint holds"):
        check(lambda layer, shape: generator.normal(shape))


def test_keras_global_generator_is_refused() -> None:
    with pytest.raises(WrongResult, match="draws from Keras's global generator"):
        check(lambda layer, shape: keras.random.normal(shape))


@pytest.mark.parametrize(
    "draw",
    [
        lambda layer, shape: keras.random.normal(shape, seed=layer.generator),
        lambda layer, shape: keras.random.normal(shape, seed=3),
        lambda layer, shape: tf.random.stateless_normal(shape, (1, 2)),
    ],
)
def test_generators_of_layers_and_stateless_functions_are_not(draw: Any) -> None:
    check(draw)
