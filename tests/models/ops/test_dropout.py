"""Dropout: what a mask does to values and gradients, and what a mask depends on."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.dropout import dropout, keep_mask


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
