"""Batch normalisation beside Keras's, in mixed precision, without gamma or beta, and under XLA."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.batch_normalization import batch_normalization, batch_normalization_inference

SHAPES = [(6, 3), (4, 5, 3, 3)]


METHODS = ["auto", "derivation"]


def inputs(shape: tuple[int, ...], dtype: str = "float32") -> list[tf.Tensor]:
    """x, gamma, beta and dy."""
    random = np.random.default_rng(0)
    channels = shape[-1]
    arrays = random.normal(3, 2, shape), random.normal(size=channels), random.normal(size=channels)
    return [tf.cast(array, dtype) for array in (*arrays, random.normal(size=shape))]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("scale", "center"), [(True, True), (True, False), (False, True), (False, False)])
def test_training_is_kerass_in_value_gradient_and_moving_statistics(
    shape: tuple[int, ...], method: str, scale: bool, center: bool
) -> None:
    x, gamma, beta, dy = inputs(shape)
    layer = keras.layers.BatchNormalization(momentum=0.0, epsilon=1e-3, scale=scale, center=center)
    layer.build(shape)
    weights = [tensor for tensor, there in ((gamma, scale), (beta, center)) if there]
    layer.set_weights([*weights, np.zeros(3), np.ones(3)])
    with tf.GradientTape() as tape:
        tape.watch(x)
        expected = layer(x, training=True)
    variables = [v.value for v in layer.trainable_variables]
    gradients = tape.gradient(expected, [x, *variables], dy)
    (y, mean, variance), cache = batch_normalization.forward(
        x, gamma if scale else None, beta if center else None, method=method
    )
    found = batch_normalization.backward(dy, cache)
    assert [g is None for g in found] == [False, not scale, not center]
    np.testing.assert_allclose(y, expected, atol=1e-5)
    for ours, theirs in zip([g for g in found if g is not None], gradients, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)
    np.testing.assert_allclose(variance, layer.moving_variance, rtol=1e-5)
    np.testing.assert_allclose(mean, layer.moving_mean, rtol=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_float32_weights_beside_half_precision_images_keep_float32_gradients(
    shape: tuple[int, ...], method: str, dtype: str
) -> None:
    x, gamma, beta, dy = inputs(shape)
    half = tf.cast(x, dtype)
    (y, mean, variance), cache = batch_normalization.forward(half, gamma, beta, method=method)
    gradients = batch_normalization.backward(tf.cast(dy, dtype), cache)
    assert [t.dtype.name for t in (y, mean, variance)] == [dtype, "float32", "float32"]
    assert [g.dtype.name for g in gradients] == [dtype, "float32", "float32"]
    _, cache = batch_normalization_inference.forward(half, gamma, beta, mean, variance)
    gradients = batch_normalization_inference.backward(tf.cast(dy, dtype), cache)
    assert [g.dtype.name for g in gradients[:3]] == [dtype, "float32", "float32"]


@pytest.mark.parametrize("method", METHODS)
def test_the_variance_is_the_populations_under_xla_too(method: str) -> None:
    x, gamma, beta, dy = inputs((4, 5, 3, 3))

    def passes(*tensors: tf.Tensor) -> list[Any]:
        results, cache = batch_normalization.forward(*tensors, method=method)
        return [*results, *batch_normalization.backward(dy, cache)]

    compiled = tf.function(passes, jit_compile=True)(x, gamma, beta)
    for under_xla, expected in zip(compiled, passes(x, gamma, beta), strict=True):
        np.testing.assert_allclose(under_xla, expected, atol=5e-5)
    np.testing.assert_allclose(compiled[2], np.var(x, axis=(0, 1, 2)), rtol=1e-5)


def test_adding_to_all_images_or_scaling_them_changes_nothing_so_the_gradient_is_orthogonal_to_both() -> None:
    """With e = 0, y(x + c) = y(x) and y(c x) = y(x): hence sum dx = 0 and sum x dx = 0 in each channel."""
    x, gamma, beta, dy = inputs((4, 5, 3, 3), "float64")
    _, cache = batch_normalization.forward(x, gamma, beta, epsilon=0.0)
    dx = batch_normalization.backward(dy, cache)[0]
    np.testing.assert_allclose(tf.reduce_sum(dx, (0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(tf.reduce_sum(x * dx, (0, 1, 2)), 0, atol=1e-12)


def test_at_inference_the_moving_statistics_are_constants() -> None:
    x, gamma, beta, dy = inputs((6, 3), "float64")
    mean, variance = tf.constant([1.0, 2.0, 3.0], tf.float64), tf.constant([4.0, 9.0, 16.0], tf.float64)
    y, cache = batch_normalization_inference.forward(x, gamma, beta, mean, variance, epsilon=0.0)
    dx, _, _, *none = batch_normalization_inference.backward(dy, cache)
    np.testing.assert_allclose(y, gamma * (x - mean) / [2, 3, 4] + beta)
    np.testing.assert_allclose(dx, gamma * dy / [2, 3, 4])
    assert none == [None, None]


@pytest.mark.parametrize(
    ("mean", "variance", "said"),
    [
        (tf.zeros(2), tf.ones(3), "moving_mean's size is 2: expected 3, as x's channels"),
        (tf.zeros(3), tf.ones((1, 3)), r"moving_variance has shape \(1, 3\): expected 1 axes, \(channels\)"),
        (tf.zeros(3), tf.ones(3) * np.nan, "moving_variance holds NaN"),
    ],
)
def test_moving_statistics_that_do_not_fit_are_named(mean: tf.Tensor, variance: tf.Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=f"batch_normalization_inference: {said}"):
        batch_normalization_inference(tf.ones((2, 3)), None, None, mean, variance)


def test_an_unknown_number_of_channels_is_named() -> None:
    unknown = tf.function(batch_normalization, input_signature=[tf.TensorSpec((None, None, None, None))])
    with pytest.raises(ValueError, match="expected a known number of channels on its last axis"):
        unknown(tf.ones((1, 2, 2, 3)))


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
    for fused, expected in zip(*results, strict=True):
        assert fused.dtype == expected.dtype
        np.testing.assert_allclose(
            tf.cast(fused, "float64"), tf.cast(expected, "float64"), rtol=tolerance, atol=tolerance
        )
    assert results[0][3].dtype == dtype


def test_normalised_channels_have_mean_0_and_variance_1() -> None:
    x = tf.constant(np.random.default_rng(0).normal(5, 3, (50, 4, 4, 2)))
    (y, mean, variance), _ = batch_normalization.forward(x, None, None, epsilon=1e-9)
    np.testing.assert_allclose(tf.reduce_mean(y, (0, 1, 2)), 0, atol=1e-9)
    np.testing.assert_allclose(tf.math.reduce_variance(y, (0, 1, 2)), 1, rtol=1e-6)
    np.testing.assert_allclose(mean, np.mean(x, (0, 1, 2)))
    np.testing.assert_allclose(variance, np.var(x, (0, 1, 2)))  # the population's, as Keras's moving variance takes it
