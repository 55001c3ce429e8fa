"""Weights and inputs of an LSTM, drawn by a seed, in float64."""

import numpy as np
import tensorflow as tf

BATCH, INPUTS, UNITS = 3, 2, 5


def weights(units: int = UNITS, inputs: int = INPUTS, seed: int = 0) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    random = np.random.default_rng(seed)
    shapes = ((inputs, 4 * units), (units, 4 * units), (4 * units,))
    kernel, recurrent, bias = (tf.constant(random.normal(size=shape)) for shape in shapes)
    return kernel, recurrent, bias


def drawn(*shape: int, seed: int = 1) -> tf.Tensor:
    return tf.constant(np.random.default_rng(seed).normal(size=shape))
