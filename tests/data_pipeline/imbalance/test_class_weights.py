"""Weights of classes are those of scikit-learn, and Keras's loss with them is the weighted mean."""

import keras
import numpy as np
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from keras_suite.data_pipeline.imbalance.class_weights import balanced_class_weights, with_class_weights

LABELS = np.repeat([0, 1, 3], [70, 25, 5])


def test_they_are_scikit_learns_balanced_ones_and_mean_1() -> None:
    weights = balanced_class_weights(LABELS, 4)
    expected = compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=LABELS)
    np.testing.assert_allclose(weights[[0, 1, 3]], expected, rtol=1e-6)
    assert weights[2] == 0 and abs(weights[LABELS].mean() - 1) < 1e-6


def test_each_image_has_the_weight_of_its_class_and_a_mixed_one_the_same_mixture() -> None:
    targets = np.array([[1, 0], [0, 1], [0.25, 0.75]], np.float32)
    batches = tf.data.Dataset.from_tensors((np.zeros((3, 2), np.float32), targets))
    [(_, _, weights)] = with_class_weights(batches, np.array([2.0, 4.0], np.float32))
    assert weights.numpy().tolist() == [2.0, 4.0, 3.5]


def test_what_is_minimised_is_the_mean_of_the_weighted_losses() -> None:
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    targets = np.eye(2, dtype=np.float32)[[0, 0, 0, 0, 0, 0, 1, 1]]
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, jit_compile=False)
    weights = balanced_class_weights(targets.argmax(axis=1), 2)
    single = np.asarray(keras.losses.categorical_crossentropy(targets, model(x), from_logits=True))
    batches = with_class_weights(tf.data.Dataset.from_tensors((x, targets)), weights)
    found = model.evaluate(batches, verbose=0)
    np.testing.assert_allclose(found, (single * weights[targets.argmax(axis=1)]).mean(), rtol=1e-5)
