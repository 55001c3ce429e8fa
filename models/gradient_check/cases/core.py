"""Dense layers, flatten, residual addition, dropout, and batch normalisation in training and at inference."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator
from keras_suite.models.ops.batch_normalization import (
    batch_normalization,
    batch_normalization_inference,
    masked_batch_normalization,
)
from keras_suite.models.ops.core import add, dense, dropout, flatten, permute


def dense_case(choose: Choose) -> Case:
    batch, inputs, units = choose((1, 2, 5)), choose((1, 2, 5)), choose((1, 3))
    between = choose(((), (2,), (3, 2)))
    random = generator(choose)
    bias = random.normal(size=units) if choose((True, True, False)) else None
    tensors = (random.normal(size=(batch, *between, inputs)), random.normal(size=(inputs, units)), bias)
    return Case(dense, tensors, _affine, linear_in=(0, 1))


def flatten_case(choose: Choose) -> Case:
    shape = [choose((1, 2, 3)) for _ in range(choose((2, 3, 4)))]
    return Case(
        flatten, (generator(choose).normal(size=shape),), lambda x: tf.reshape(x, [x.shape[0], -1]), linear_in=(0,)
    )


def permute_case(choose: Choose) -> Case:
    axes = choose(((0, 1), (0, 2, 1), (0, 3, 1, 2), (0, 2, 3, 1), (2, 0, 1), (0, 4, 1, 2, 3)))
    x = generator(choose).normal(size=[choose((1, 2, 3)) for _ in axes])
    return Case(permute, (x,), lambda x: tf.transpose(x, axes), {"axes": axes}, linear_in=(0,))


def add_case(choose: Choose) -> Case:
    shape = [choose((1, 2, 3)) for _ in range(choose((2, 4)))]
    random = generator(choose)
    return Case(add, (random.normal(size=shape), random.normal(size=shape)), lambda a, b: a + b, linear_in=(0, 1))


def _affine(x: Any, kernel: Any, bias: Any) -> Any:
    y = tf.tensordot(x, kernel, 1)
    return y if bias is None else tf.nn.bias_add(y, bias)


def batch_normalization_case(choose: Choose) -> Case:
    epsilon, shape = choose((1e-3, 1e-1)), _shape(choose)
    axes = list(range(len(shape) - 1))

    def reference(x: Any, gamma: Any, beta: Any) -> Any:
        mean, variance = tf.nn.moments(x, axes)
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon), mean, variance

    random = generator(choose)
    tensors = (random.normal(size=shape), *_scale_and_shift(random, shape[-1], choose))
    return Case(batch_normalization, tensors, reference, {"epsilon": epsilon})


def masked_batch_normalization_case(choose: Choose) -> Case:
    """At least three of a channel's entries are left in."""
    epsilon, shape = choose((1e-3, 1e-1)), _shape(choose)
    axes, random = list(range(len(shape) - 1)), generator(choose)
    of_entries = choose((False, True))
    mask = random.integers(2, size=shape if of_entries else (*shape[:-1], 1)).astype(np.float64)
    mask.reshape(-1, mask.shape[-1])[:3] = 1

    def reference(x: Any, mask: Any, gamma: Any, beta: Any) -> Any:
        kept = tf.broadcast_to(mask > 0, x.shape)
        count = tf.reduce_sum(tf.cast(kept, x.dtype), axes)
        mean = tf.reduce_sum(tf.where(kept, x, 0), axes) / count
        variance = tf.reduce_sum(tf.where(kept, (x - mean) ** 2, 0), axes) / count
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon), mean, variance

    tensors = (random.normal(size=shape), mask, *_scale_and_shift(random, shape[-1], choose))
    return Case(masked_batch_normalization, tensors, reference, {"epsilon": epsilon}, constant=(1,))


def batch_normalization_inference_case(choose: Choose) -> Case:
    epsilon, shape = choose((1e-3, 1e-1)), _shape(choose)

    def reference(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any) -> Any:
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)

    random = generator(choose)
    statistics = (random.normal(size=shape[-1]), random.uniform(0.1, 2.0, shape[-1]))
    tensors = (random.normal(size=shape), *_scale_and_shift(random, shape[-1], choose), *statistics)
    return Case(
        batch_normalization_inference, tensors, reference, {"epsilon": epsilon}, constant=(3, 4), linear_in=(0, 1)
    )


def dropout_case(choose: Choose) -> Case:
    rate, shape = choose((0.0, 0.25, 0.5)), _shape(choose)
    random = generator(choose)
    mask = (random.uniform(size=shape) >= rate).astype(np.float64)

    def reference(x: Any, mask: Any) -> Any:
        return tf.where(mask > 0, x / (1 - rate), tf.zeros_like(x))

    tensors = (random.normal(size=shape), mask)
    return Case(dropout, tensors, reference, {"rate": rate}, constant=(1,), linear_in=(0,))


def _shape(choose: Choose) -> list[int]:
    """(batch, C) or (batch, height, width, C); at least 3 entries a channel, of fewer the variance may be near 0."""
    return [3 + choose((0, 2)), *choose(((), (1, 1), (2, 3))), choose((1, 2, 3))]


def _scale_and_shift(random: np.random.Generator, channels: int, choose: Choose) -> tuple[Any, Any]:
    gamma, beta = random.normal(size=channels), random.normal(size=channels)
    return choose((gamma, gamma, None)), choose((beta, beta, None))
