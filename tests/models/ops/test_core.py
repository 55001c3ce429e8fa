"""Dense layer, dropout, flatten and residual addition: what each gradient sums over, masks, precision, bad input."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.core import add, dense, dropout, flatten, keep_mask, permute


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


def test_what_was_dropped_gets_no_gradient_and_the_rest_grows() -> None:
    x, mask = tf.constant([[1.0, 2.0, 3.0, 4.0]]), tf.constant([[1.0, 0.0, 0.0, 1.0]])
    y, cache = dropout.forward(x, mask, rate=0.75)
    dx, no_gradient = dropout.backward(tf.constant([[1.0, 1.0, 2.0, 2.0]]), cache)
    assert np.asarray(y).tolist() == [[4, 0, 0, 16]]
    assert np.asarray(dx).tolist() == [[4, 0, 0, 8]]
    assert no_gradient is None


def test_the_expected_value_is_kept() -> None:
    x = tf.ones((400, 500))
    y = dropout(x, keep_mask(x.shape, 0.3, (1, 2), x.dtype), rate=0.3)
    assert float(tf.reduce_mean(y)) == pytest.approx(1.0, abs=0.01)  # 7 standard deviations


def test_at_rate_0_everything_is_kept() -> None:
    assert np.array_equal(keep_mask((50, 50), 0.0, (0, 0), tf.float32), np.ones((50, 50)))


def test_seeds_of_64_bits_that_share_their_last_32_give_other_masks() -> None:
    low, high = (keep_mask((100,), 0.5, (seed, 7), tf.float32) for seed in (1, 2**32 + 1))
    assert not np.array_equal(low, high)


def test_a_mask_of_another_precision_is_taken_and_one_of_integers_or_nan_refused() -> None:
    x, mask = tf.constant([[1.0, 2.0]], tf.float16), tf.constant([[0.0, 1.0]])
    y, cache = dropout.forward(x, mask, rate=0.5)
    assert y.dtype == dropout.backward(x, cache)[0].dtype == tf.float16
    assert np.asarray(y).tolist() == [[0, 4]]
    with pytest.raises(ValueError, match="dropout: mask is bool: expected floating point"):
        dropout(x, mask > 0, rate=0.5)
    with pytest.raises(ValueError, match="dropout: mask holds NaN"):
        dropout(x, mask * np.nan, rate=0.5)


def test_flatten_is_row_major_and_its_gradient_goes_back_to_the_shape() -> None:
    x = tf.reshape(tf.range(24.0), (2, 3, 4, 1))
    y, cache = flatten.forward(x)
    assert np.array_equal(y, np.arange(24.0).reshape(2, 12))
    [dx] = flatten.backward(2 * y, cache)
    assert np.array_equal(dx, 2 * x)


def test_both_terms_of_a_sum_get_its_whole_gradient() -> None:
    y, cache = add.forward(tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 5.0]]))
    da, db = add.backward(tf.constant([[7.0, -1.0]]), cache)
    assert np.asarray(y).tolist() == [[4, 7]]
    assert np.asarray(da).tolist() == np.asarray(db).tolist() == [[7, -1]]


def test_flatten_refuses_a_single_number() -> None:
    with pytest.raises(ValueError, match=r"flatten: x has shape \(\): expected a batch's axis first"):
        flatten(tf.ones([]))


def test_an_exchange_of_axes_is_undone_and_one_that_is_no_order_is_refused() -> None:
    x = tf.reshape(tf.range(24.0), [1, 2, 3, 4])
    y, cache = permute.forward(x, axes=(0, 3, 1, 2))
    assert y.shape == (1, 4, 2, 3)
    np.testing.assert_array_equal(permute.backward(y, cache)[0], x)
    with pytest.raises(
        ValueError, match=r"permute: axes=\(0, 1, 1, 2\) is no order of x's 4 axes: expected each of 0 to 3 once"
    ):
        permute(x, axes=(0, 1, 1, 2))


def test_a_dense_layers_gradient_adds_up_over_all_axes_but_the_last() -> None:
    random = np.random.default_rng(0)
    x, w, b, dy = (random.normal(size=shape) for shape in ((2, 3, 4, 5), (5, 6), (6,), (2, 3, 4, 6)))
    y, cache = dense.forward(*map(tf.constant, (x, w, b)))
    np.testing.assert_allclose(y, np.einsum("abcn,nk->abck", x, w) + b)
    dx, dw, db = dense.backward(tf.constant(dy), cache)
    np.testing.assert_allclose(dx, np.einsum("abck,nk->abcn", dy, w))
    np.testing.assert_allclose(dw, np.einsum("abcn,abck->nk", x, dy))
    np.testing.assert_allclose(db, dy.sum(axis=(0, 1, 2)))


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
