"""The NumPy twin: gradients equal to the TensorFlow network's and to differences, and real zeros told from ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check.check import central_differences
from keras_suite.models.losses import cross_entropy
from keras_suite.models.networks.scratch_cnn import scratch_cnn
from keras_suite.models.ops.activations import relu, tanh
from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.core import dense
from keras_suite.models.ops.losses import softmax_cross_entropy
from keras_suite.models.ops.pooling import max_pooling2d
from keras_suite.models.plain_numpy import scratch_network as twin
from keras_suite.models.scratch_model import loss_gradient

SHAPE = (9, 8, 2)  # neither square nor, after the convolution, of an even height


def batch(seed: int = 0, n: int = 5) -> tuple[Any, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.uniform(0, 1, (n, *SHAPE)), random.integers(0, 3, n)


def weights_of(seed: int = 1) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    weights = twin.initial_weights(random, SHAPE, 3, filters=4, units=6)
    return {name: w if "kernel" in name else random.normal(size=w.shape) / 10 for name, w in weights.items()}


def test_its_gradients_are_those_of_the_tensorflow_network() -> None:
    images, labels = batch()
    weights = weights_of()
    model = scratch_cnn(SHAPE, 3, 1, filters=4, units=6)
    model.set_weights(list(weights.values()))
    scaled, done = model.pass_forward(tf.constant(images * 255, tf.float32))
    loss, dlogits = loss_gradient(cross_entropy())(scaled, tf.one_hot(labels, 3))
    theirs = model.pass_backward(dlogits, done, tf.ones([]))
    z, caches = twin.forward(weights, images)
    mine, dz = twin.softmax_cross_entropy(z, labels)
    assert mine == pytest.approx(float(loss), rel=1e-5)
    gradients = twin.backward(dz, caches)
    for (name, gradient), variable in zip(gradients.items(), model.trainable_variables, strict=True):
        np.testing.assert_allclose(gradient, theirs[variable.path], rtol=1e-4, atol=1e-6, err_msg=name)


def test_its_gradients_are_those_of_the_tensorflow_ops_to_the_last_digits() -> None:
    """In float64; an image of zeros makes every square of the pooling a tie, the bias decides relu."""
    images, labels = batch()
    images[0] = 0
    weights = weights_of()
    w = {name: tf.constant(weight) for name, weight in weights.items()}
    y, conv = conv2d.forward(tf.constant(images), w["conv kernel"], w["conv bias"])
    y, positive = relu.forward(y)
    y, pool = max_pooling2d.forward(y, pool_size=2)
    flat, first = dense.forward(tf.reshape(y, (len(images), -1)), w["dense kernel"], w["dense bias"])
    hidden, slope = tanh.forward(flat)
    z, last = dense.forward(hidden, w["logits kernel"], w["logits bias"])
    loss, cross = softmax_cross_entropy.forward(z, tf.one_hot(labels, 3, dtype=tf.float64))
    dz = softmax_cross_entropy.backward(tf.ones([], tf.float64), cross)[0]
    dhidden, *of_logits = dense.backward(dz, last)
    dflat, *of_dense = dense.backward(tanh.backward(dhidden, slope)[0], first)
    dy = max_pooling2d.backward(tf.reshape(dflat, y.shape), pool)[0]
    of_conv = conv2d.backward(relu.backward(dy, positive)[0], conv)[1:]

    mine, caches = twin.forward(weights, images)
    np.testing.assert_allclose(mine, z, rtol=1e-12, atol=1e-14)
    value, dmine = twin.softmax_cross_entropy(mine, labels)
    assert value == pytest.approx(float(loss), rel=1e-12)
    theirs = [*of_conv, *of_dense, *of_logits]
    for (name, gradient), other in zip(twin.backward(dmine, caches).items(), theirs, strict=True):
        np.testing.assert_allclose(gradient, other, rtol=1e-11, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("name", weights_of())
def test_its_gradients_are_those_of_central_differences(name: str) -> None:
    images, labels = batch()
    weights = weights_of()

    def loss(weight: np.ndarray) -> float:
        return twin.softmax_cross_entropy(twin.logits({**weights, name: weight}, images), labels)[0]

    z, caches = twin.forward(weights, images)
    gradient = twin.backward(twin.softmax_cross_entropy(z, labels)[1], caches)[name]
    numeric = central_differences(loss, weights[name], np.ones(()))
    np.testing.assert_allclose(gradient, numeric, rtol=0, atol=1e-7 * np.abs(gradient).max() + 1e-10)


@pytest.mark.needs_data
def test_it_distinguishes_real_zeros_from_ones(data_dir: Path) -> None:
    with np.load(data_dir / "mnist.npz") as mnist:
        train, test = ((mnist[f"x_{part}"], mnist[f"y_{part}"]) for part in ("train", "test"))
    (x, y), (x_test, y_test) = (
        (images[labels < 2][:2000, ..., None] / 255, labels[labels < 2][:2000].astype(int))
        for images, labels in (train, test)
    )
    weights = twin.initial_weights(np.random.default_rng(1), (28, 28, 1), 2)
    weights, losses = twin.train(weights, x, y, epochs=3)
    assert losses == sorted(losses, reverse=True)
    assert np.mean(twin.logits(weights, x_test).argmax(axis=1) == y_test) > 0.995
