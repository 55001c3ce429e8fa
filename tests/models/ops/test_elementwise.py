"""Activations, softmax, losses, normalisation, dropout, shapes: kinks, stability, forms, half precision, bad input."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops import activations, losses
from keras_suite.models.ops.batch_normalization import batch_normalization, batch_normalization_inference
from keras_suite.models.ops.dense import dense
from keras_suite.models.ops.dropout import dropout, keep_mask
from keras_suite.models.ops.maxout import maxout
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.reshaping import add, flatten
from keras_suite.models.ops.softmax import softmax

LOSSES = [
    losses.softmax_cross_entropy,
    losses.binary_cross_entropy,
    losses.mean_squared_error,
    losses.hinge,
    losses.kl_divergence,
]


def derivative_at(op: Op, x: float, **options: Any) -> float:
    _, cache = op.forward(tf.constant([[x]]), **options)
    return float(op.backward(tf.constant([[1.0]]), cache)[0][0, 0])


def test_at_zero_the_derivatives_are_tensorflows() -> None:
    assert derivative_at(activations.relu, 0.0) == 0
    assert derivative_at(activations.leaky_relu, 0.0, negative_slope=0.3) == pytest.approx(0.3)
    assert derivative_at(activations.elu, 0.0, alpha=2.0) == 1


def test_the_derivatives_on_both_sides() -> None:
    assert derivative_at(activations.sigmoid, 0.0) == 0.25
    assert derivative_at(activations.leaky_relu, -3.0, negative_slope=0.3) == pytest.approx(0.3)
    assert derivative_at(activations.elu, -1.0, alpha=2.0) == pytest.approx(2 * np.exp(-1))


def test_of_equal_channels_maxout_takes_the_first() -> None:
    _, cache = maxout.forward(tf.constant([[2.0, 2.0, 1.0, 5.0]]), pieces=2)
    assert np.asarray(maxout.backward(tf.constant([[3.0, 4.0]]), cache)[0]).tolist() == [[3, 0, 0, 4]]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("loss", LOSSES, ids=lambda op: op.name)
def test_losses_are_finite_and_right_at_extreme_logits(loss: Op, dtype: str) -> None:
    z = tf.constant([[100.0, -100.0, 0.0], [-100.0, 0.0, 100.0]], dtype)
    labels = tf.constant([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], dtype)
    value, cache = loss.forward(z, labels)
    dz = loss.backward(tf.ones([], value.dtype), cache)[0]
    assert value.dtype == ("float64" if dtype == "float64" else "float32")
    assert dz.dtype == dtype
    assert np.isfinite(float(value))
    assert np.isfinite(np.asarray(tf.cast(dz, tf.float32))).all()
    expected = {
        "softmax_cross_entropy": 100.0,  # the first image is off by 200, the second right
        "kl_divergence": 100.0,
        "binary_cross_entropy": (200 + 2 * np.log(2)) / 6,
        "mean_squared_error": (1e4 + 101**2 + 1e4 + 99**2) / 6,
        "hinge": (201 + 101) / 2,
    }
    assert float(value) == pytest.approx(expected[loss.name], rel=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_softmax_does_not_overflow_and_both_forms_agree(dtype: str) -> None:
    x = tf.constant([[200.0, 199.0, -200.0], [0.5, 0.25, 0.0]], dtype)
    results = []
    for method in ("product", "jacobian"):
        s, cache = softmax.forward(x, method=method)
        results.append([s, softmax.backward(tf.constant([[1.0, 2.0, 3.0]] * 2, dtype), cache)[0]])
    for found, expected in zip(*results, strict=True):
        assert found.dtype == dtype
        np.testing.assert_allclose(tf.cast(found, "float64"), tf.cast(expected, "float64"), atol=1e-3)
    np.testing.assert_allclose(tf.cast(results[0][0][0], "float64"), [0.731, 0.269, 0], atol=5e-3)


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


@pytest.mark.parametrize("shape", [(7, 4, 5, 3), (16, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_the_fused_kernel_and_the_derivation_of_batch_normalisation_agree(shape: Any, dtype: str) -> None:
    random = np.random.default_rng(0)
    x = tf.cast(random.normal(3.0, 2.0, shape), dtype)
    gamma, beta = (tf.cast(random.normal(size=3), dtype) for _ in range(2))
    dy = tf.cast(random.normal(size=shape), dtype)
    results = []
    for method in ("auto", "derivation"):
        y, cache = batch_normalization.forward(x, gamma, beta, method=method)
        results.append([*y, *batch_normalization.backward(dy, cache)])
    tolerance = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 2e-1}[dtype]
    for found, expected in zip(*results, strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(
            tf.cast(found, "float64"), tf.cast(expected, "float64"), rtol=tolerance, atol=tolerance
        )
    assert results[0][3].dtype == dtype


def test_normalised_channels_have_mean_0_and_variance_1() -> None:
    x = tf.constant(np.random.default_rng(0).normal(5, 3, (50, 4, 4, 2)))
    (y, mean, variance), _ = batch_normalization.forward(x, None, None, epsilon=1e-9)
    np.testing.assert_allclose(tf.reduce_mean(y, (0, 1, 2)), 0, atol=1e-9)
    np.testing.assert_allclose(tf.math.reduce_variance(y, (0, 1, 2)), 1, rtol=1e-6)
    np.testing.assert_allclose(mean, np.mean(x, (0, 1, 2)))
    np.testing.assert_allclose(variance, np.var(x, (0, 1, 2)))  # the population's, as Keras's moving variance takes it


def test_a_mask_is_a_pure_function_of_its_seed() -> None:
    first, again, other = (keep_mask((100, 100), 0.3, seed, tf.float32) for seed in ((1, 2), (1, 2), (1, 3)))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert float(tf.reduce_mean(first)) == pytest.approx(0.7, abs=0.02)


def test_half_precision_goes_through_dense_flatten_add_and_dropout() -> None:
    x = tf.ones((4, 2, 3), tf.float16)
    flat, _ = flatten.forward(x)
    y, cache = dense.forward(flat, tf.ones((6, 2), tf.float16), tf.ones(2, tf.float16))
    assert {t.dtype for t in dense.backward(y, cache)} == {tf.float16}
    assert add(x, x).dtype == dropout(x, tf.ones_like(x), rate=0.5).dtype == tf.float16


Z = tf.zeros((2, 3))


@pytest.mark.parametrize(
    ("op", "tensors", "options", "said"),
    [
        (dense, (Z[0], tf.zeros((3, 2))), {}, r"dense: x has shape \(3,\): expected 2 axes, \(batch, n\)"),
        (dense, (Z, tf.zeros((4, 2))), {}, "the kernel's number of rows is 4: expected 3, as x's columns"),
        (dense, (Z, tf.zeros((3, 2)), tf.zeros(3)), {}, "the bias's size is 3: expected 2"),
        (dense, (tf.cast(Z, tf.int32), tf.zeros((3, 2))), {}, "dense: x is int32: expected floating point"),
        (add, (Z, tf.zeros((2, 1))), {}, r"add: b has shape \(2, 1\): expected \(2, 3\), the shape of a"),
        (activations.relu, (Z * np.nan,), {}, "relu: x holds NaN"),
        (activations.relu, (tf.cast(Z, tf.int64),), {}, "relu: x is int64: expected floating point"),
        (activations.leaky_relu, (Z,), {"negative_slope": np.nan}, "negative_slope=nan is not possible"),
        (activations.elu, (Z,), {"alpha": -1.0}, "elu: alpha=-1.0 is not possible: expected 0 <= alpha"),
        (maxout, (Z,), {"pieces": 2}, "maxout: x has 3 channels: expected a multiple of pieces=2"),
        (softmax, (Z,), {"method": "sum"}, "softmax: method='sum' is not known"),
        (dropout, (Z, Z), {"rate": 1.0}, "dropout: rate=1.0 is not possible: expected 0 <= rate < 1"),
        (dropout, (Z, Z[:1]), {"rate": 0.5}, "dropout: mask has shape"),
        (losses.hinge, (Z, Z), {"margin": np.nan}, "hinge: margin=nan is not possible"),
        (losses.softmax_cross_entropy, (Z, Z[:, :2]), {}, r"labels has shape \(2, 2\): expected \(2, 3\)"),
        (losses.softmax_cross_entropy, (Z, tf.zeros(2)), {}, "labels has shape .* expected 2 axes"),
        (batch_normalization, (Z, tf.zeros(2), None), {}, "gamma's size is 2: expected 3, as x's channels"),
        (batch_normalization, (tf.zeros(3), None, None), {}, "expected a batch's axis first and the channels' last"),
        (batch_normalization, (Z, None, None), {"epsilon": np.nan}, "epsilon=nan is not possible"),
        (batch_normalization, (Z, None, None), {"method": "primitive"}, "takes 4 axes of float32 or less"),
        (batch_normalization_inference, (Z * np.nan, None, None, Z[0], Z[0]), {}, "x holds NaN"),
    ],
)
def test_bad_input_is_named(op: Op, tensors: Any, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        op(*tensors, **options)
