"""Windows as rows of a matrix, and a convolution as one matrix."""

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.windows import conv_matrix, im2col


def test_the_im2col_matrix_of_alexnets_first_layer_is_363_by_3025() -> None:
    """CS231n has a window in each column; models/ops/windows.py has it in a row."""
    columns = im2col(tf.zeros((1, 227, 227, 3)), (11, 11), (55, 55), (4, 4), (1, 1))
    assert tuple(tf.transpose(tf.reshape(columns, [-1, columns.shape[-1]])).shape) == (363, 3025)


def test_the_matrix_does_the_convolution_and_its_transpose_goes_back() -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(size=(5, 4, 2)), random.normal(size=(2, 3, 2, 3))
    matrix = conv_matrix(w, (5, 4), stride=(2, 1))
    y, cache = conv2d.forward(tf.constant(x[None]), tf.constant(w), None, stride=(2, 1))
    np.testing.assert_allclose(matrix @ x.ravel(), np.ravel(y))
    dy = random.normal(size=y.shape)
    np.testing.assert_allclose(matrix.T @ dy.ravel(), np.ravel(conv2d.backward(tf.constant(dy), cache)[0]))
    assert matrix.shape == (2 * 2 * 3, 5 * 4 * 2)
    assert np.mean(matrix == 0) > 0.6
