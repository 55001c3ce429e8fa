"""TensorFlow's own kernels for the expressions of a convolution, where it has them on the device at hand."""

import functools
from collections.abc import Sequence

import tensorflow as tf

from keras_suite.models.ops.conv_geometry import extent, output_size
from keras_suite.models.ops.open_sizes import Size, sizes_of
from keras_suite.models.ops.windows import with_holes


def pads(dtype: tf.DType, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], groups: int) -> bool:
    """Return whether all three kernels of such a convolution may do the padding "SAME" themselves."""
    strided = max(stride) > 1 and _faulty(dtype, kernel)
    return len(stride) < 3 and not strided and differentiable(dtype, dilation, groups)


def correlate(
    x: tf.Tensor,
    kernel: tf.Tensor,
    stride: Sequence[int],
    dilation: Sequence[int],
    groups: int = 1,
    padding: str = "VALID",
) -> tf.Tensor:
    """Return the correlation of x (batch, *spatial, C) with a kernel (*taps, C / groups, K).

    With the padding "VALID" x is padded already; for "SAME" see `pads`.
    """
    if x.shape[0] == 0:  # TensorFlow's answer has the input's shape then
        outputs = map(output_size, sizes_of(x), kernel.shape, stride, [0] * len(stride), dilation)
        return tf.zeros([0, *outputs, kernel.shape[-1]], x.dtype)
    if padding == "SAME":
        convolution = tf.nn.conv1d if len(stride) == 1 else tf.nn.conv2d
        return convolution(x, kernel, stride, padding, dilations=dilation)
    reach, once = _without_idle_strides(x.dtype, kernel.shape, sizes_of(x), stride, dilation)
    x = x[:, *map(slice, reach)] if reach else x
    more = _lengthening(x.dtype, kernel.shape, sizes_of(x), stride)
    y = _correlated(tf.pad(x, _after(more)) if more else x, kernel, once, dilation, groups)
    return y[:, *(slice(-1 if longer else None) for longer in more)] if more else y


def _correlated(
    x: tf.Tensor, kernel: tf.Tensor, stride: Sequence[int], dilation: Sequence[int], groups: int
) -> tf.Tensor:
    if len(stride) < 3:
        convolution = tf.nn.conv1d if len(stride) == 1 else tf.nn.conv2d
        return convolution(x, kernel, stride, "VALID", dilations=dilation)
    # On CPUs, TensorFlow's three-dimensional kernel knows no groups, and dilation in some precisions only.
    kernel = with_holes(kernel, dilation, first_axis=0)
    pairs = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    return tf.concat([tf.nn.conv3d(part, w, (1, *stride, 1), "VALID") for part, w in pairs], axis=-1)


def _without_idle_strides(
    dtype: tf.DType, kernel: Sequence[int], sizes: Sequence[Size], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[tuple[Size, ...], Sequence[int]]:
    """Return how much of each axis is seen, nothing if that does not matter, and the strides to take.

    Along an axis of one output there is nothing to stride over. On a CPU TensorFlow 2.21 computes garbage there: in
    bfloat16, and in float32 of one input channel. What it computes right keeps its kernel, and its bits.
    """
    if not _faulty(dtype, kernel) or not all(isinstance(size, int) for size in sizes):
        return (), stride
    axes = zip(sizes, kernel, stride, dilation, strict=False)
    idle = [s > 1 and output_size(n, f, s, dilation=d) == 1 for n, f, s, d in axes]
    if not any(idle):
        return (), stride
    reach = (extent(f, d) if i else n for i, n, f, d in zip(idle, sizes, kernel, dilation, strict=False))
    return tuple(reach), [1 if i else s for i, s in zip(idle, stride, strict=True)]


def _lengthening(dtype: tf.DType, kernel: Sequence[int], sizes: Sequence[Size], stride: Sequence[int]) -> list[int]:
    """Return by how many pixels to lengthen each axis, nothing if no axis: where sizes are open, strides may be idle.

    With `stride` pixels more there is an output more: never only one.
    """
    if not _faulty(dtype, kernel) or max(stride) == 1 or all(isinstance(size, int) for size in sizes):
        return []
    return [s if s > 1 else 0 for s in stride]


def _after(more: Sequence[int]) -> list[list[int]]:
    return [[0, 0], *([0, each] for each in more), [0, 0]]


def _faulty(dtype: tf.DType, kernel: Sequence[int]) -> bool:
    return bool(dtype == tf.bfloat16 or (dtype == tf.float32 and kernel[-2] == 1))


def differentiable(dtype: tf.DType, dilation: Sequence[int], groups: int) -> bool:
    """Return whether TensorFlow has backward kernels for such a convolution on this device that can be relied on."""
    dilated, grouped = max(dilation) > 1, groups > 1
    if len(dilation) < 3 and not adds_up(dtype):
        return False
    if not (dilated or grouped):
        return True
    return len(dilation) < 3 and _tried(dtype, dilated, grouped)


@functools.cache
def adds_up(dtype: tf.DType) -> bool:
    """Return whether the gradient of a kernel keeps what it adds, which ones tell.

    On processors without AVX-512 it is a running sum in bfloat16, which ended at 4,096.
    """
    if dtype not in (tf.float16, tf.bfloat16):
        return True
    with tf.init_scope():
        ones = tf.ones([2, 128, 128, 1], dtype)
        total = kernel_gradient(ones, ones, (1, 1, 1, 1), (1, 1), (1, 1))
        return bool(tf.cast(total, tf.float32)[0, 0, 0, 0] == 32_768)


@functools.cache
def _tried(dtype: tf.DType, dilated: bool, grouped: bool) -> bool:
    """Try on a tiny image: which precisions work differs between devices and builds, and no query tells."""
    dilation = 1 + dilated
    with tf.init_scope():  # at once, even while a function is being traced
        try:
            x, kernel = tf.zeros([1, 3, 3, 2], dtype), tf.zeros([2, 2, 2 - grouped, 2], dtype)
            dy = tf.zeros([1, 3 - dilation, 3 - dilation, 2], dtype)
            input_gradient(dy, kernel, (3, 3), (1, 1), (dilation, dilation), 1 + grouped)
            kernel_gradient(x, dy, kernel.shape, (1, 1), (dilation, dilation))
        except tf.errors.OpError:
            return False
    return True


def input_gradient(
    dy: tf.Tensor,
    kernel: tf.Tensor,
    sizes: Sequence[Size],
    stride: Sequence[int],
    dilation: Sequence[int],
    groups: int = 1,
    padding: str = "VALID",
) -> tf.Tensor:
    """Return the gradient with respect to the input of `correlate`, whose spatial axes have these sizes."""
    reach, once = _without_idle_strides(dy.dtype, kernel.shape, sizes, stride, dilation)
    if reach and padding == "VALID":
        dx = input_gradient(dy, kernel, reach, once, dilation, groups)
        return tf.pad(dx, _after([size - n for size, n in zip(sizes, reach, strict=True)]))
    more = _lengthening(dy.dtype, kernel.shape, sizes, stride)
    if more:
        longer = [size + each for size, each in zip(sizes, more, strict=True)]
        dx = _input_gradient(
            tf.pad(dy, _after([each and 1 for each in more])), kernel, longer, stride, dilation, groups
        )
        return dx[:, *map(slice, sizes)]
    return _input_gradient(dy, kernel, sizes, stride, dilation, groups, padding)


def _input_gradient(
    dy: tf.Tensor,
    kernel: tf.Tensor,
    sizes: Sequence[Size],
    stride: Sequence[int],
    dilation: Sequence[int],
    groups: int,
    padding: str = "VALID",
) -> tf.Tensor:
    if len(stride) == 1:  # an image of one row
        row = (1, *sizes), (1, *stride), (1, *dilation)
        return _input_gradient(dy[:, None], kernel[None], *row, groups, padding)[:, 0]
    shape = tf.stack([tf.shape(dy)[0], *sizes, kernel.shape[-2] * groups])
    if len(stride) == 3:
        return tf.raw_ops.Conv3DBackpropInputV2(
            input_sizes=shape, filter=kernel, out_backprop=dy, strides=(1, *stride, 1), padding="VALID"
        )
    return tf.raw_ops.Conv2DBackpropInput(
        input_sizes=shape,
        filter=kernel,
        out_backprop=dy,
        strides=(1, *stride, 1),
        padding=padding,
        dilations=(1, *dilation, 1),
    )


def kernel_gradient(
    x: tf.Tensor,
    dy: tf.Tensor,
    shape: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: str = "VALID",
) -> tf.Tensor:
    """Return the gradient with respect to the kernel, of this shape, of `correlate`."""
    if padding == "VALID":
        reach, stride = _without_idle_strides(x.dtype, shape, sizes_of(x), stride, dilation)
        x = x[:, *map(slice, reach)] if reach else x
        more = _lengthening(x.dtype, shape, sizes_of(x), stride)
        if more:
            x, dy = tf.pad(x, _after(more)), tf.pad(dy, _after([each and 1 for each in more]))
    if len(stride) == 1:
        return kernel_gradient(x[:, None], dy[:, None], (1, *shape), (1, *stride), (1, *dilation), padding)[0]
    if len(stride) == 3:
        return tf.raw_ops.Conv3DBackpropFilterV2(
            input=x, filter_sizes=shape, out_backprop=dy, strides=(1, *stride, 1), padding="VALID"
        )
    return tf.raw_ops.Conv2DBackpropFilter(
        input=x,
        filter_sizes=shape,
        out_backprop=dy,
        strides=(1, *stride, 1),
        padding=padding,
        dilations=(1, *dilation, 1),
    )
