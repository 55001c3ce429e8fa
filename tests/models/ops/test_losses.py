"""Losses at extreme logits, on smoothed labels, and beside the losses that the experiments train with."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models import losses as trained_with
from keras_suite.models.ops import losses
from keras_suite.models.ops.op import Op

DTYPES = ["float16", "bfloat16", "float32", "float64"]


EXTREME = [[1000.0, -1000.0, 0.0], [-1000.0, 0.0, 1000.0]]  # wrong by 2000; and right


LABELS = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("op", "value", "gradient"),
    [
        (losses.softmax_cross_entropy, 1000, [[1 / 2, -1 / 2, 0], [0, 0, 0]]),
        (losses.kl_divergence, 1000, [[1 / 2, -1 / 2, 0], [0, 0, 0]]),
        (losses.binary_cross_entropy, (2000 + 2 * np.log(2)) / 6, [[1 / 6, -1 / 6, 1 / 12], [0, 1 / 12, 0]]),
        (losses.hinge, (2001 + 1001) / 2, [[1 / 2, -1, 1 / 2], [0, 0, 0]]),
        (
            losses.mean_squared_error,
            (1000**2 + 1001**2 + 1000**2 + 999**2) / 6,
            [[1000 / 3, -1001 / 3, 0], [-1000 / 3, 0, 999 / 3]],
        ),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_value_and_gradient_at_logits_of_a_thousand(op: Op, value: float, gradient: Any, dtype: str) -> None:
    loss, cache = op.forward(tf.constant(EXTREME, dtype), tf.constant(LABELS, dtype))
    dz, no_gradient = op.backward(tf.ones_like(loss), cache)
    assert float(loss) == pytest.approx(value, rel=1e-6)
    assert no_gradient is None
    assert dz.dtype == dtype
    rounding = {"float16": 1e-3, "bfloat16": 8e-3}.get(dtype, 1e-6)
    np.testing.assert_allclose(tf.cast(dz, tf.float64), gradient, rtol=rounding)


def test_the_gradient_scales_with_what_the_loss_goes_into() -> None:
    z, y = tf.constant([[0.5, -1.0]], tf.float16), tf.constant([[1.0, 0.0]], tf.float16)
    loss, cache = losses.softmax_cross_entropy.forward(z, y)
    once, scaled = (losses.softmax_cross_entropy.backward(k * tf.ones_like(loss), cache)[0] for k in (1, 1024))
    np.testing.assert_allclose(tf.cast(scaled, tf.float32), 1024 * tf.cast(once, tf.float32), rtol=2e-3)


def test_gradients_too_small_for_float16_survive_under_a_loss_scale() -> None:
    z, y = tf.constant([[0.0, -18.0]], tf.float16), tf.constant([[1.0, 0.0]], tf.float16)
    loss, cache = losses.softmax_cross_entropy.forward(z, y)
    assert float(losses.softmax_cross_entropy.backward(tf.ones_like(loss), cache)[0][0, 1]) == 0
    scaled = losses.softmax_cross_entropy.backward(2.0**15 * tf.ones_like(loss), cache)[0]
    assert float(scaled[0, 1]) == pytest.approx(2**15 * np.exp(-18.0), rel=1e-3)


@pytest.fixture
def batch() -> tuple[tf.Tensor, tf.Tensor]:
    random = np.random.default_rng(0)
    return tf.constant(random.normal(size=(6, 4), scale=3.0)), tf.constant(np.eye(4)[random.integers(0, 4, 6)])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_smoothed_labels_give_kerass_label_smoothing(batch: tuple[tf.Tensor, tf.Tensor], smoothing: float) -> None:
    z, y = batch
    theirs = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, dtype="float64")
    loss, _ = losses.softmax_cross_entropy.forward(z, (1 - smoothing) * y + smoothing / 4)
    assert float(loss) == pytest.approx(float(theirs(y, z)), rel=1e-12)


@pytest.mark.parametrize(
    ("op", "options", "trained"),
    [
        (losses.softmax_cross_entropy, {}, trained_with.cross_entropy()),
        (losses.hinge, {}, trained_with.hinge()),
        (losses.hinge, {"margin": 2.5}, trained_with.hinge(margin=2.5)),
        (losses.kl_divergence, {}, trained_with.kl()),
    ],
    ids=["cross_entropy", "hinge", "hinge of margin 2.5", "kl"],
)
def test_an_op_and_the_loss_of_its_name_agree_in_value_and_gradient(
    batch: tuple[tf.Tensor, tf.Tensor], op: Op, options: dict[str, float], trained: keras.losses.Loss
) -> None:
    z, y = (tf.cast(tensor, tf.float32) for tensor in batch)
    with tf.GradientTape() as tape:
        tape.watch(z)
        expected = trained(y, z)
    value, cache = op.forward(z, y, **options)
    assert float(value) == pytest.approx(float(expected), rel=1e-5)
    np.testing.assert_allclose(op.backward(tf.ones([]), cache)[0], tape.gradient(expected, z), atol=1e-6)


def test_labels_have_no_gradient() -> None:
    z, y = tf.Variable([[1.0, 2.0]]), tf.Variable([[1.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = losses.softmax_cross_entropy(z, y)
    dz, dy = tape.gradient(loss, [z, y])
    assert dz is not None
    assert dy is None


def test_kl_is_zero_where_the_prediction_is_the_label() -> None:
    p = tf.constant([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]], tf.float64)
    value, cache = losses.kl_divergence.forward(tf.math.log(p), p)
    assert float(value) == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(losses.kl_divergence.backward(tf.ones([], tf.float64), cache)[0], 0, atol=1e-15)


def test_a_satisfied_margin_has_no_gradient_and_an_exact_one_none_either() -> None:
    z, y = tf.constant([[3.0, 2.0, 0.0]]), tf.constant([[1.0, 0.0, 0.0]])  # 3 - 2 is just the margin
    value, cache = losses.hinge.forward(z, y)
    assert float(value) == 0
    assert np.asarray(losses.hinge.backward(tf.ones([]), cache)[0]).tolist() == [[0, 0, 0]]
