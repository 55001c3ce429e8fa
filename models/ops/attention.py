"""Attention: every query takes the mean of all values, weighted by how much its keys agree with it.

For one sample and head, with queries Q (T, d), keys K (S, d), values V (S, v), a mask of places that may be seen, and
dropout of weights by a mask M with rate p:

    Z = Q K^T / sqrt(d)      P = softmax of Z's rows, where seen      A = P M / (1 - p)      O = A V

Three products and a softmax, so going back, product by product, with the softmax's rule from
models/ops/activations.py:

    dV = A^T dO        dA = dO V^T        dP = dA M / (1 - p)
    dZ = P (dP - rowsum(dP P))        dQ = dZ K / sqrt(d)        dK = dZ^T Q / sqrt(d).

Where the mask hides a place, Z does not matter: P and dZ are 0 there. A query that may see nothing takes the plain mean
of all values, and gives Q and K no gradient. The heads are an axis more of everything.

A projection makes queries, keys and values of all heads from what came in, and one output from all heads: a dense layer
over several axes at once, y[n, o] = sum_i x[n, i] W[i, o] + b[o] with i and o running over one axis or more; its
gradients are the dense layer's. A position embedding adds E[t] at place t, so dE is the sum of dy over the batch.
Sources: Vaswani et al. 2017; Dosovitskiy et al. 2021 (positions).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_floating, check_range, check_same_size, check_tensor
from keras_suite.models.ops.core import DenseCache, dense_backward, dense_forward
from keras_suite.models.ops.op import Gradients, Op, at_least_float32, sum_over


class Shape(NamedTuple):
    """A tensor's shape, all of it as a tensor, and what of it is known while a graph is traced."""

    open: tf.Tensor
    known: tuple[int | None, ...]


class Outer(NamedTuple):
    """The shapes that the tensors came in."""

    query: Shape
    key: Shape
    value: Shape


class AttentionCache(NamedTuple):
    """What the backward pass needs; P is in float32 at least."""

    query: tf.Tensor
    key: tf.Tensor
    value: tf.Tensor
    weights: tf.Tensor  # P
    used: tf.Tensor  # A
    mask: tf.Tensor | None
    dropout_mask: tf.Tensor | None
    rate: float
    scale: float
    outer: Outer


def attention_forward(
    query: tf.Tensor,
    key: tf.Tensor,
    value: tf.Tensor,
    mask: tf.Tensor | None = None,
    dropout_mask: tf.Tensor | None = None,
    *,
    scale: float | None = None,
    rate: float = 0.0,
) -> tuple[tuple[tf.Tensor, tf.Tensor], AttentionCache]:
    """Return what each query takes of the values.

    Args:
        query: (batch, T, heads, d); here and below T and S may be several axes, as of an image: they are taken as one.
        key: (batch, S, heads, d).
        value: (batch, S, heads, v).
        mask: ones where a query may see a place, zeros where not, broadcast to (batch, heads, T, S), or None.
        dropout_mask: ones and zeros (batch, heads, T, S), of dropout; None drops nothing.
        scale: of Z; None is 1 / sqrt(d).
        rate: p, the probability with which the dropout mask is 0.

    Returns:
        (O, P), (batch, T, heads, v) and (batch, heads, T, S), of which O has a gradient; and the cache.
    """
    _check_heads(query, key, value)
    check_range("attention", "rate", rate, 0, 1)
    outer = Outer(*(Shape(tf.shape(t), tuple(t.shape)) for t in (query, key, value)))
    query, key, value = (_in_a_row(t) for t in (query, key, value))
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    z = at_least_float32(tf.einsum("btnd,bsnd->bnts", query * tf.constant(scale, query.dtype), key))
    if mask is not None:
        mask = tf.cast(mask, tf.bool)
        z = tf.where(mask, z, tf.constant(-1e30, z.dtype))  # e^z is 0 beside any other; alone, all are alike
    weights = tf.nn.softmax(z)
    used = tf.cast(weights, value.dtype)
    if dropout_mask is not None:
        dropout_mask = tf.cast(dropout_mask, value.dtype)
        used = used * dropout_mask / (1 - rate)
    y = tf.einsum("bnts,bsnv->btnv", used, value)
    cache = AttentionCache(query, key, value, weights, used, mask, dropout_mask, rate, scale, outer)
    y = _shaped(y, outer.query.open[:-1], y.shape[-1:], outer.query.known[:-1])
    return (y, tf.cast(weights, query.dtype)), cache


def attention_backward(dy: tf.Tensor, cache: AttentionCache) -> Gradients:
    """Return (dquery, dkey, dvalue, None, None), as derived above."""
    dy = _in_a_row(dy)
    dvalue = tf.einsum("bnts,btnv->bsnv", cache.used, dy)
    dweights = tf.einsum("btnv,bsnv->bnts", dy, cache.value)
    if cache.dropout_mask is not None:
        dweights = dweights * cache.dropout_mask / (1 - cache.rate)
    wide = tf.cast(dweights, cache.weights.dtype)
    dz = cache.weights * (wide - tf.reduce_sum(wide * cache.weights, axis=-1, keepdims=True))
    if cache.mask is not None:
        dz = tf.where(cache.mask, dz, tf.zeros([], dz.dtype))
    dz = tf.cast(dz * tf.constant(cache.scale, dz.dtype), dy.dtype)
    dquery, dkey = tf.einsum("bnts,bsnd->btnd", dz, cache.key), tf.einsum("bnts,btnd->bsnd", dz, cache.query)
    each = zip((dquery, dkey, dvalue), cache.outer, strict=True)
    return (*(_shaped(t, was.open[:-1], t.shape[-1:], was.known[:-1]) for t, was in each), None, None)


def _in_a_row(x: tf.Tensor) -> tf.Tensor:
    """Return x (batch, *places, heads, size) as (batch, places, heads, size)."""
    if x.shape.rank == 4:
        return x
    sizes = x.shape[1:-2]
    count = math.prod(sizes) if sizes.is_fully_defined() else -1
    rows = tf.reshape(x, tf.concat([tf.shape(x)[:1], [count], tf.shape(x)[-2:]], axis=0))
    rows.set_shape([x.shape[0], None if count < 0 else count, *x.shape[-2:]])
    return rows


def _check_heads(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) -> None:
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        axes = ["places"] * max((tensor.shape.rank or 0) - 3, 1)
        check_tensor("attention", name, tensor, ", ".join(["batch", *axes, "heads", "size"]))
    check_same_size("attention", "the key's size", key.shape[-1], "the query's", query.shape[-1])
    if not value.shape[1:-2].is_compatible_with(key.shape[1:-2]):
        places = tuple(value.shape[1:-2]), tuple(key.shape[1:-2])
        raise ValueError(f"attention: the values are at places {places[0]}: expected the keys', {places[1]}")
    for name, tensor in (("key", key), ("value", value)):
        check_same_size("attention", f"the {name}'s number of heads", tensor.shape[-2], "the query's", query.shape[-2])


attention = Op("attention", attention_forward, attention_backward)


class ProjectionCache(NamedTuple):
    """The dense layer's cache, and the shapes of x (its batch and places as a tensor), the kernel and the bias."""

    dense: DenseCache
    outer: tf.Tensor
    inner: tuple[int, ...]
    kernel: tuple[int, ...]
    static: tuple[int | None, ...]


def projection_forward(
    x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None, *, axes: int = 1
) -> tuple[tf.Tensor, ProjectionCache]:
    """Return y (..., *O) of x (..., *I), a kernel (*I, *O) and a bias (*O) or None; I are the last `axes` axes of x."""
    check_floating("projection", "x", x)
    check_floating("projection", "kernel", kernel)
    inner, outputs = tuple(kernel.shape[:axes]), tuple(kernel.shape[axes:])
    if not (1 <= axes < kernel.shape.rank and x.shape.rank > axes and x.shape[-axes:].is_compatible_with(inner)):
        raise ValueError(
            f"projection: x has shape {x.shape}: expected it to end in the first {axes} of the kernel's sizes "
            f"{tuple(kernel.shape)}"
        )
    if bias is not None and tuple(bias.shape) != outputs:
        raise ValueError(f"projection: bias has shape {tuple(bias.shape)}: expected {outputs}, as the kernel's last")
    matrix = tf.reshape(kernel, [math.prod(inner), math.prod(outputs)])
    rows = tf.reshape(x, [-1, math.prod(inner)])
    y, cache = dense_forward(rows, matrix, None if bias is None else tf.reshape(bias, [-1]))
    outer, static = tf.shape(x)[:-axes], tuple(x.shape[:-axes])
    y = _shaped(y, outer, outputs, static)
    return y, ProjectionCache(cache, outer, inner, tuple(kernel.shape), static)


def projection_backward(dy: tf.Tensor, cache: ProjectionCache) -> Gradients:
    """Return (dx, dkernel, dbias): the dense layer's, in the shapes of x, the kernel and the bias."""
    outputs = cache.kernel[len(cache.inner) :]
    dx, dkernel, dbias = dense_backward(tf.reshape(dy, [-1, math.prod(outputs)]), cache.dense)
    dx = _shaped(dx, cache.outer, cache.inner, cache.static)
    return dx, tf.reshape(dkernel, cache.kernel), None if dbias is None else tf.reshape(dbias, outputs)


def _shaped(rows: tf.Tensor, outer: tf.Tensor, last: Sequence[int], static: Sequence[int | None]) -> tf.Tensor:
    """Return rows (..., n) in the shape (*outer, *last)."""
    y = tf.reshape(rows, tf.concat([outer, list(last)], axis=0))
    y.set_shape([*static, *last])
    return y


projection = Op("projection", projection_forward, projection_backward)


def position_embedding_forward(x: tf.Tensor, embedding: tf.Tensor) -> tuple[tf.Tensor, None]:
    """Return x (batch, *places, n) plus an embedding (*places, n)."""
    check_floating("position_embedding", "x", x)
    check_floating("position_embedding", "embedding", embedding)
    if not x.shape[1:].is_compatible_with(embedding.shape):
        raise ValueError(
            f"position_embedding: embedding has shape {tuple(embedding.shape)}: expected {tuple(x.shape[1:])}, as x "
            "behind its batch"
        )
    return x + embedding, None


def position_embedding_backward(dy: tf.Tensor, cache: None) -> Gradients:
    """Return (dx, dembedding): dy, and its sum over the batch."""
    return dy, sum_over(dy, [0])


position_embedding = Op("position_embedding", position_embedding_forward, position_embedding_backward)
