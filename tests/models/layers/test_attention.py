"""Multi-head attention as a layer: beside Keras's with biases and every mask, over images, with dropout; positions."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.layers.attention import ManualMultiHeadAttention, ManualPositionEmbedding
from keras_suite.models.layers.core import ManualDense

QUERY, VALUE, KEY = (2, 4, 5), (2, 3, 6), (2, 3, 7)  # batch, places, features


def tensors() -> list[tf.Tensor]:
    random = np.random.default_rng(0)
    return [tf.constant(random.normal(size=shape), "float32") for shape in (QUERY, VALUE, KEY)]


def answer_and_gradients(layer: Any, given: list[tf.Tensor], **options: Any) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        tape.watch(given)
        y = layer(*given, **options)
        loss = tf.reduce_sum(y * tf.reshape(tf.cos(tf.range(tf.size(y), dtype=tf.float32)), tf.shape(y)))
    sources = [*given, *(v.value for v in layer.trainable_variables)]
    return [np.asarray(y), *map(np.asarray, tape.gradient(loss, sources))]


ROWS = np.tri(4, 3, dtype=bool)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_causal_mask": True},
        {"attention_mask": ROWS},
        {"attention_mask": np.stack([ROWS, ~ROWS])},
        {
            "query_mask": np.array([[1, 1, 0, 1], [0, 0, 1, 1]], bool),
            "value_mask": np.array([[1, 1, 0], [1, 0, 0]], bool),
        },
    ],
)
def test_masks_and_biases_give_what_keras_gives(options: dict[str, Any]) -> None:
    ours = ManualMultiHeadAttention(2, 3, 4, output_shape=6, bias_initializer="random_normal")
    theirs = keras.layers.MultiHeadAttention(2, 3, 4, output_shape=6)
    given = tensors()
    ours(*given), theirs(*given)
    theirs.set_weights(ours.get_weights())
    for name in ("query_mask", "value_mask"):
        if name in options:  # Keras reads them off the tensors
            given[("query_mask", "value_mask").index(name)]._keras_mask = tf.constant(options[name])
    said = {k: v for k, v in options.items() if k not in ("query_mask", "value_mask")}
    found = answer_and_gradients(ours, given, **options)
    for one, other in zip(found, answer_and_gradients(theirs, given, **said), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_the_places_of_an_image_are_all_seen_at_once() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 2, 4)).astype(np.float32)
    layer = ManualMultiHeadAttention(2, 3)
    y, scores = layer(x, x, return_attention_scores=True)
    assert (y.shape, scores.shape) == (x.shape, (2, 2, 6, 6))
    np.testing.assert_allclose(np.sum(scores, -1), 1, rtol=1e-5)
    flat = layer(x.reshape(2, 6, 4), x.reshape(2, 6, 4))
    np.testing.assert_allclose(np.reshape(y, (2, 6, 4)), flat, rtol=1e-5, atol=1e-6)


def test_dropped_weights_are_another_each_time_and_none_at_inference() -> None:
    x = np.random.default_rng(0).normal(size=(2, 8, 4)).astype(np.float32)
    layer = ManualMultiHeadAttention(2, 3, dropout=0.5, seed=3)
    first, second = (np.asarray(layer(x, x, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    plain = ManualMultiHeadAttention(2, 3)
    plain(x, x)
    plain.set_weights([w for w in layer.get_weights() if w.dtype == np.float32])
    np.testing.assert_array_equal(layer(x, x), plain(x, x))


def test_projections_of_a_seeded_layer_begin_with_other_weights_each_and_the_same_every_time() -> None:
    x = np.ones((1, 2, 6), np.float32)
    initializer = keras.initializers.GlorotUniform(seed=1)
    first, again = (ManualMultiHeadAttention(2, 3, kernel_initializer=initializer) for _ in range(2))
    first(x, x), again(x, x)
    kernels = [w for w in first.get_weights() if w.ndim == 3]
    assert not np.array_equal(kernels[0], kernels[1])
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), again.get_weights(), strict=True))


def test_a_network_of_it_is_saved_and_loaded_as_it_was(tmp_path: Any) -> None:
    x = keras.Input((3, 4))
    y = ManualPositionEmbedding()(ManualDense(4)(x))
    model = keras.Model(x, ManualMultiHeadAttention(2, 3, dropout=0.1, sliding_window=2)(y, y, use_causal_mask=True))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    given = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    np.testing.assert_array_equal(loaded(given), model(given))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ManualMultiHeadAttention(0, 3), "num_heads=0 is not possible: expected a whole number from 1 up"),
        (lambda: ManualMultiHeadAttention(2, 3, sliding_window=0), "sliding_window=0 is not possible"),
        (lambda: ManualMultiHeadAttention(2, 3, dropout=1.0), "dropout=1.0 is not possible"),
        (lambda: ManualMultiHeadAttention(2, 3, output_shape=1.5), "output_shape=1.5 is not possible"),
        (
            lambda: ManualMultiHeadAttention(2, 3)(*map(keras.Input, ((4, 5), (3, 6), (2, 7)))),
            "expected the same places of both",
        ),
        (lambda: ManualPositionEmbedding()(keras.Input((None, 4))), "expected known places and features"),
    ],
)
def test_what_does_not_fit_is_named(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()
