"""Nearest upsampling: every pixel becomes a block of S equal ones on each axis.

y[n, q, c] = x[n, floor(q / S), c]: a copy, so a pixel's gradient is the sum over its block,
dx[n, p, c] = sum of dy[n, q, c] over the q with floor(q / S) = p. It is average pooling's transpose, but for 1 / S^2.
Source: Odena, Dumoulin and Olah 2016, "resize-convolution".
"""

from collections.abc import Sequence

import tensorflow as tf

from keras_suite.models.ops.checks import check_known_sizes, check_per_axis, check_tensor
from keras_suite.models.ops.conv_geometry import per_axis
from keras_suite.models.ops.op import Gradients, Op
from keras_suite.models.ops.precision import sum_over

OP = "nearest_upsampling2d"


def nearest_upsampling2d_forward(x: tf.Tensor, *, size: int | Sequence[int] = 2) -> tuple[tf.Tensor, tuple[int, ...]]:
    """y (batch, H S, W T, channels) of x (batch, H, W, channels), with `size` S, or (S, T) for height and width."""
    check_tensor(OP, "x", x, "batch, height, width, channels")
    check_known_sizes(OP, "x", x)
    check_per_axis(OP, "size", size, 2)
    (height, width, channels), (down, right) = x.shape[1:], per_axis(size, 2)
    blocks = tf.tile(x[:, :, None, :, None], [1, 1, down, 1, right, 1])
    return tf.reshape(blocks, [-1, height * down, width * right, channels]), (height, down, width, right, channels)


def nearest_upsampling2d_backward(dy: tf.Tensor, blocks: tuple[int, ...]) -> Gradients:
    """(dx,): the sum over each block."""
    return (sum_over(tf.reshape(dy, [-1, *blocks]), [2, 4]),)


nearest_upsampling2d = Op(OP, nearest_upsampling2d_forward, nearest_upsampling2d_backward)
