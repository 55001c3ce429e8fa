"""Attention's own rules: what is hidden counts for nothing, what sees nothing takes the mean; and bad input."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.attention import attention, position_embedding, projection


def heads(*shape: int, seed: int = 0) -> tf.Tensor:
    return tf.constant(np.random.default_rng(seed).normal(size=shape), tf.float32)


def test_a_hidden_place_has_no_part_in_the_answer_nor_in_the_gradients() -> None:
    query, key, value = heads(1, 2, 1, 3), heads(1, 4, 1, 3, seed=1), heads(1, 4, 1, 2, seed=2)
    mask = tf.constant([1.0, 1, 0, 1])[None, None, None]
    with tf.GradientTape() as tape:
        tape.watch([key, value])
        y, scores = attention(query, key, value, mask)
    assert not np.any(np.asarray(scores)[..., 2])
    shown = [tf.gather(t, [0, 1, 3], axis=1) for t in (key, value)]
    np.testing.assert_allclose(y, attention(query, *shown)[0], rtol=1e-5)
    for gradient in tape.gradient(y, [key, value]):
        assert not np.any(np.asarray(gradient)[:, 2])


def test_a_query_that_sees_nothing_takes_the_mean_and_moves_neither_queries_nor_keys() -> None:
    query, key, value = heads(1, 1, 1, 3), heads(1, 4, 1, 3, seed=1), heads(1, 4, 1, 2, seed=2)
    with tf.GradientTape() as tape:
        tape.watch([query, key])
        y, _ = attention(query, key, value, tf.zeros((1, 1, 1, 4)))
    np.testing.assert_allclose(y[0, 0, 0], tf.reduce_mean(value, axis=1)[0, 0], rtol=1e-5)
    assert not any(np.any(np.asarray(gradient)) for gradient in tape.gradient(y, [query, key]))


def test_large_scores_do_not_overflow() -> None:
    query = 1e4 * heads(1, 2, 1, 3)
    y, scores = attention(query, query, query)
    assert np.isfinite(y).all()
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: attention(heads(1, 2, 3), heads(1, 2, 3), heads(1, 2, 3)), "query has shape .* expected 4 axes"),
        (lambda: attention(heads(1, 2, 1, 3), heads(1, 2, 1, 4), heads(1, 2, 1, 4)), "the key's size is 4: expected 3"),
        (lambda: attention(heads(1, 2, 1, 3), heads(1, 2, 1, 3), heads(1, 3, 1, 3)), "values are at places"),
        (
            lambda: attention(heads(1, 2, 1, 3), heads(1, 2, 2, 3), heads(1, 2, 2, 3)),
            "number of heads is 2: expected 1",
        ),
        (lambda: projection(heads(2, 3), heads(4, 5)), r"projection: x has shape \(2, 3\)"),
        (lambda: projection(heads(2, 3), heads(3, 5), heads(4)), r"bias has shape \(4,\): expected \(5,\)"),
        (lambda: position_embedding(heads(2, 3, 4), heads(2, 4)), r"embedding has shape \(2, 4\): expected \(3, 4\)"),
    ],
)
def test_what_does_not_fit_is_named(call, said) -> None:
    with pytest.raises(ValueError, match=said):
        call()
