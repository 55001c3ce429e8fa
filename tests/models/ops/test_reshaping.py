"""Flatten and residual addition: shapes go there and back, and both terms of a sum get its gradient."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.reshaping import add, flatten


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


def test_flatten_refuses_a_single_number_and_unknown_sizes() -> None:
    with pytest.raises(ValueError, match=r"flatten: x has shape \(\): expected a batch's axis first"):
        flatten(tf.ones([]))
    unknown = tf.function(flatten, input_signature=[tf.TensorSpec((None, None, 3))])
    with pytest.raises(ValueError, match=r"flatten: x has shape .* and known sizes after it"):
        unknown(tf.ones((1, 2, 3)))
