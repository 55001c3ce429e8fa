"""Half precision is for storing and multiplying; sums, exponentials and statistics are done in float32."""

import tensorflow as tf


def at_least_float32(x: tf.Tensor) -> tf.Tensor:
    """x itself, or a float32 copy of float16 and bfloat16."""
    return tf.cast(x, tf.float32) if x.dtype.size < 4 else x
