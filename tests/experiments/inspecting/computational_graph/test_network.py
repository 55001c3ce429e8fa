"""A network's passes by the ops are Keras's own, and a step is gradient descent's."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.experiments.inspecting.computational_graph.network import after_a_step, passes_of, values_of
from keras_suite.models.networks.mnist_demo_net import mnist_manual_net
from keras_suite.models.networks.pattern_cnn import pattern_cnn

IMAGE = np.random.default_rng(0).uniform(0, 255, (8, 8, 1)).astype(np.float32)
NETWORKS = {
    "pooling": lambda: pattern_cnn((8, 8, 1), 3, 1, filters=3, units=5, downsample="average", activation="tanh"),
    "residual": lambda: pattern_cnn(
        (8, 8, 1), 3, 1, convs=4, blocks=1, filters=3, residual=True, batch_normalization="before_activation",
        pooling="average", activation="leaky_relu", negative_slope=0.1,
    ),
    "by hand": lambda: mnist_manual_net((8, 8, 1), 3, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_loss_and_gradients_are_those_of_keras(name: str) -> None:
    model = NETWORKS[name]()
    values = values_of(model, IMAGE, 2)
    passes = passes_of(values)
    with tf.GradientTape() as tape:
        logits = model(IMAGE[np.newaxis], training=False)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(tf.constant([2]), logits, from_logits=True))
    expected = dict(
        zip(
            (variable.path for variable in model.trainable_variables),
            tape.gradient(loss, [variable.value for variable in model.trainable_variables]),
            strict=True,
        )
    )
    assert passes.loss == pytest.approx(float(loss), rel=1e-5)
    found = {v.variable.path: g for v, g in zip(values, passes.gradients, strict=True) if v.variable is not None}
    assert set(found) == set(expected)
    for path, gradient in expected.items():
        np.testing.assert_allclose(found[path], gradient, rtol=1e-4, atol=1e-6, err_msg=path)


def test_a_step_goes_against_the_gradient_and_down() -> None:
    values = values_of(NETWORKS["pooling"](), IMAGE, 1)
    passes = passes_of(values)
    moved = after_a_step(values, passes, 0.01)
    for before, after, gradient in zip(values, moved, passes.gradients, strict=True):
        if before.variable is not None:
            np.testing.assert_allclose(after.given, before.given - 0.01 * gradient, rtol=1e-6)
    assert passes_of(moved).loss < passes.loss


def test_what_no_op_computes_or_nobody_could_read_is_refused_in_one_line() -> None:
    inputs = keras.Input((8, 8, 1))
    odd = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(layers.UnitNormalization()(inputs))))
    with pytest.raises(ValueError, match=r"it: no hand-derived op computes the layer .*UnitNormalization"):
        values_of(odd, IMAGE, 1, "it")
    with pytest.raises(ValueError, match="at most 60 can be drawn"):
        values_of(pattern_cnn((8, 8, 1), 3, 1, convs=20, blocks=1, filters=2), IMAGE, 1)
