"""Attention with masks and dropout, projections over several axes, positions, and layer normalisation."""

from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator
from keras_suite.models.ops.attention import attention, position_embedding, projection
from keras_suite.models.ops.layer_normalization import layer_normalization


def attention_case(choose: Choose) -> Case:
    """In a mask, a query may see nothing: it takes the mean of all values."""
    batch, queries, places, heads = (choose((1, 2)), choose((1, 2, 3)), choose((1, 2, 4)), choose((1, 2)))
    size, of_values, rate = choose((1, 3)), choose((1, 2)), choose((0.0, 0.25, 0.5))
    random = generator(choose)
    shape = (batch, heads, queries, places)
    broadcast = choose((shape, (batch, 1, 1, places), (1, 1, queries, places)))
    masked, dropped = choose((False, True)), choose((False, True))
    mask = random.integers(2, size=broadcast).astype(np.float64) if masked else None
    kept = (random.uniform(size=shape) >= rate).astype(np.float64) if dropped else None

    tensors = (
        random.normal(size=(batch, queries, heads, size)),
        random.normal(size=(batch, places, heads, size)),
        random.normal(size=(batch, places, heads, of_values)),
        mask,
        kept,
    )
    return Case(
        attention, tensors, partial(attention_reference, rate=rate), {"rate": rate}, constant=(3, 4), linear_in=(2,)
    )


def attention_reference(
    query: Any, key: Any, value: Any, mask: Any, kept: Any, *, rate: float = 0.0, scale: float | None = None
) -> Any:
    """Attend by matrix products, over one axis of places."""
    query, key, value = (tf.transpose(t, [0, 2, 1, 3]) for t in (query, key, value))
    z = tf.matmul(query, key, transpose_b=True)
    z = z / tf.sqrt(tf.cast(query.shape[-1], z.dtype)) if scale is None else z * tf.constant(scale, z.dtype)
    if mask is not None:
        z = tf.where(mask > 0, z, tf.cast(-1e30, z.dtype))
    weights = tf.nn.softmax(z)
    if kept is not None:
        weights = tf.where(kept > 0, weights / (1 - rate), tf.zeros_like(weights))
    return tf.transpose(tf.matmul(weights, value), [0, 2, 1, 3])


def projection_case(choose: Choose) -> Case:
    inner, outputs = choose(((2,), (3,), (2, 3))), choose(((3,), (2, 2), (1, 4)))
    outer = (choose((1, 2, 4)), *choose(((), (3,), (2, 3))))
    random = generator(choose)
    bias = random.normal(size=outputs) if choose((True, True, False)) else None

    def reference(x: Any, kernel: Any, bias: Any) -> Any:
        y = tf.tensordot(x, kernel, len(inner))
        return y if bias is None else y + bias

    tensors = (random.normal(size=(*outer, *inner)), random.normal(size=(*inner, *outputs)), bias)
    return Case(projection, tensors, reference, {"axes": len(inner)}, linear_in=(0, 1))


def position_embedding_case(choose: Choose) -> Case:
    places = choose(((3, 2), (2, 2, 3)))
    random = generator(choose)
    tensors = (random.normal(size=(choose((1, 2, 3)), *places)), random.normal(size=places))
    return Case(position_embedding, tensors, lambda x, e: x + e[None], linear_in=(0, 1))


def layer_normalization_case(choose: Choose) -> Case:
    """At least three entries are normalised together, of fewer the variance may be near 0."""
    epsilon = choose((1e-3, 1e-1))
    shape = (choose((1, 2)), *choose(((3,), (4, 3), (2, 3, 4))))
    last = len(shape) - 1
    axes = choose(((last,), (-1,), tuple(range(1, last + 1))))
    random = generator(choose)
    counted = sorted(axis % len(shape) for axis in axes)
    sizes = [shape[axis] for axis in counted]

    def reference(x: Any, gamma: Any, beta: Any) -> Any:
        mean, variance = tf.nn.moments(x, counted, keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon)

    gamma, beta = random.normal(size=sizes), random.normal(size=sizes)
    tensors = (random.normal(size=shape), choose((gamma, gamma, None)), choose((beta, beta, None)))
    return Case(layer_normalization, tensors, reference, {"epsilon": epsilon, "axes": axes})
