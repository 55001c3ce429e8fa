"""Bad input to an op is answered before anything is computed, with what was given and what was expected."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops import activations, losses
from keras_suite.models.ops.activations import maxout, softmax
from keras_suite.models.ops.batch_normalization import batch_normalization, batch_normalization_inference
from keras_suite.models.ops.core import add, dense, dropout
from keras_suite.models.ops.op import Op

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
