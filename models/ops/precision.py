"""Half precision is for storing and multiplying; sums, exponentials and statistics are done in float32."""

from collections.abc import Sequence

import tensorflow as tf


def at_least_float32(x: tf.Tensor) -> tf.Tensor:
    """x itself, or a float32 copy of float16 and bfloat16."""
    return tf.cast(x, tf.float32) if x.dtype.size < 4 else x


def sum_over(x: tf.Tensor, axes: Sequence[int]) -> tf.Tensor:
    """The sum over these axes, in the precision of x but added up in float32 at least.

    On a CPU TensorFlow's float16 sum of ones stands still at 2048, where one more rounds back.
    """
    return tf.cast(tf.reduce_sum(at_least_float32(x), axes), x.dtype)


def mean_over(x: tf.Tensor, axes: Sequence[int]) -> tf.Tensor:
    """The mean over these axes, added up as in `sum_over`."""
    return tf.cast(tf.reduce_mean(at_least_float32(x), axes), x.dtype)
