"""The dense layer: what each gradient sums over, and that half precision does not lose the sum."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.dense import dense


def test_the_gradients_are_the_matrix_products_of_the_derivation() -> None:
    random = np.random.default_rng(0)
    x, kernel, bias, dy = (random.normal(size=shape) for shape in ((4, 3), (3, 2), (2,), (4, 2)))
    y, cache = dense.forward(*map(tf.constant, (x, kernel, bias)))
    dx, dkernel, dbias = dense.backward(tf.constant(dy), cache)
    np.testing.assert_allclose(y, x @ kernel + bias)
    np.testing.assert_allclose(dx, dy @ kernel.T)
    np.testing.assert_allclose(dkernel, sum(np.outer(x[n], dy[n]) for n in range(4)))
    np.testing.assert_allclose(dbias, dy[0] + dy[1] + dy[2] + dy[3])


def test_without_a_bias_there_is_no_gradient_for_one() -> None:
    _, cache = dense.forward(tf.ones((2, 3)), tf.ones((3, 1)), None)
    assert dense.backward(tf.ones((2, 1)), cache)[2] is None


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_the_sum_over_a_large_batch_is_not_lost_in_half_precision(dtype: str) -> None:
    """Summed in float16 itself, ones go no further than 2048: 2048 + 1 is 2048 again."""
    dy = tf.ones((4096, 2), dtype)
    _, cache = dense.forward(tf.ones((4096, 3), dtype), tf.ones((3, 2), dtype), tf.zeros(2, dtype))
    _, dkernel, dbias = dense.backward(dy, cache)
    assert dkernel.dtype == dbias.dtype == dtype
    assert np.asarray(tf.cast(dbias, tf.float32)).tolist() == [4096, 4096]
    assert np.asarray(tf.cast(dkernel, tf.float32)).tolist() == [[4096, 4096]] * 3
