"""TensorFlow's own kernels for the expressions of a convolution, where it has them on the device at hand."""

import functools
from collections.abc import Sequence

import tensorflow as tf

from models.ops.windows import with_holes


def correlate(
    x: tf.Tensor, kernel: tf.Tensor, stride: Sequence[int], dilation: Sequence[int], groups: int = 1
) -> tf.Tensor:
    """The correlation of x (batch, *spatial, C), padded already, with a kernel (*taps, C / groups, K)."""
    if len(stride) < 3:
        convolution = tf.nn.conv1d if len(stride) == 1 else tf.nn.conv2d
        return convolution(x, kernel, stride, "VALID", dilations=dilation)
    # On CPUs, TensorFlow's three-dimensional kernel knows no groups, and dilation in some precisions only.
    kernel = with_holes(kernel, dilation, first_axis=0)
    pairs = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    return tf.concat([tf.nn.conv3d(part, w, (1, *stride, 1), "VALID") for part, w in pairs], axis=-1)


def differentiable(dtype: tf.DType, dilation: Sequence[int], groups: int) -> bool:
    """Whether TensorFlow has backward kernels for such a convolution on this device."""
    dilated, grouped = max(dilation) > 1, groups > 1
    if not (dilated or grouped):
        return True
    return len(dilation) < 3 and _tried(dtype, dilated, grouped)


@functools.cache
def _tried(dtype: tf.DType, dilated: bool, grouped: bool) -> bool:
    """Tries on a tiny image: which precisions work differs between devices and builds, and no query tells."""
    dilation = 1 + dilated
    with tf.init_scope():  # at once, even while a function is being traced
        try:
            x, kernel = tf.zeros([1, 3, 3, 2], dtype), tf.zeros([2, 2, 2 - grouped, 2], dtype)
            dy = tf.zeros([1, 3 - dilation, 3 - dilation, 2], dtype)
            gradients(x, kernel, dy, (1, 1), (dilation, dilation))
        except tf.errors.OpError:
            return False
    return True


def gradients(
    x: tf.Tensor, kernel: tf.Tensor, dy: tf.Tensor, stride: Sequence[int], dilation: Sequence[int]
) -> tuple[tf.Tensor, tf.Tensor]:
    """dx and dkernel of `correlate`; groups follow from the shapes."""
    if len(stride) == 3:
        options = {"strides": (1, *stride, 1), "padding": "VALID"}
        dx = tf.raw_ops.Conv3DBackpropInputV2(input_sizes=tf.shape(x), filter=kernel, out_backprop=dy, **options)
        return dx, tf.raw_ops.Conv3DBackpropFilterV2(input=x, filter_sizes=kernel.shape, out_backprop=dy, **options)
    if len(stride) == 1:  # an image of one row
        dx, dkernel = gradients(x[:, None], kernel[None], dy[:, None], (1, *stride), (1, *dilation))
        return dx[:, 0], dkernel[0]
    options = {"strides": (1, *stride, 1), "padding": "VALID", "dilations": (1, *dilation, 1)}
    dx = tf.raw_ops.Conv2DBackpropInput(input_sizes=tf.shape(x), filter=kernel, out_backprop=dy, **options)
    return dx, tf.raw_ops.Conv2DBackpropFilter(input=x, filter_sizes=kernel.shape, out_backprop=dy, **options)
