"""Convolutions of every size, stride, dilation, padding, grouping and method; transposed and unshared ones."""

from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator
from keras_suite.models.ops.conv_geometry import extent, output_size, padding_amounts
from keras_suite.models.ops.convolution import METHODS, conv1d, conv2d, conv3d
from keras_suite.models.ops.depthwise_convolution import METHODS as DEPTHWISE_METHODS
from keras_suite.models.ops.depthwise_convolution import depthwise_conv2d
from keras_suite.models.ops.locally_connected import locally_connected2d
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.transposed_convolution import conv2d_transpose
from keras_suite.models.ops.windows import PADDING_MODES


def case(op: Op, rank: int, choose: Choose) -> Case:
    """Sample a convolution over `rank` axes; its sizes on each axis are independent, so most images are not square."""
    groups, batch = choose((1, 1, 2)), choose((1, 2))
    channels, filters = groups * choose((1, 2)), groups * choose((1, 2, 3))
    kernel, stride, dilation = ([choose(options) for _ in range(rank)] for options in ((1, 2, 3), (1, 2, 3), (1, 1, 2)))
    spare = [choose((0, 0, 1, 2)) for _ in range(rank)]  # 0: a kernel as large as the image
    sizes = [extent(k, d) + extra for k, d, extra in zip(kernel, dilation, spare, strict=True)]
    mode = choose(PADDING_MODES)
    explicit = [tuple(min(choose((0, 1, 2)), size - 1) for _ in range(2)) for size in sizes]
    padding: Any = choose(["valid", "same", explicit, *(["causal"] if rank == 1 else [])])
    amounts = padding_amounts(op.name, padding, sizes, kernel, stride, dilation)
    if mode == "reflect" and any(max(pair) >= size for pair, size in zip(amounts, sizes, strict=True)):
        mode = "edge"  # no image is reflected further than its size
    flip = choose((False, True))
    random = generator(choose)
    options = {"stride": stride, "dilation": dilation, "padding": padding, "padding_mode": mode, "groups": groups}
    return Case(
        op,
        (
            random.normal(size=(batch, *sizes, channels)),
            random.normal(size=(*kernel, channels // groups, filters)),
            random.normal(size=filters) if choose((True, True, False)) else None,
        ),
        partial(
            reference,
            stride=stride,
            dilation=dilation,
            padding=padding.upper() if mode == "zeros" and padding in ("valid", "same") else amounts,
            mode=mode,
            groups=groups,
            flip=flip,
        ),
        {**options, "flip": flip, "method": choose(METHODS), "fused": choose((False, True))},
        linear_in=(0, 1),
    )


conv1d_case = partial(case, conv1d, 1)
conv2d_case = partial(case, conv2d, 2)
conv3d_case = partial(case, conv3d, 3)


def reference(
    x: Any, kernel: Any, bias: Any, *, stride: Any, dilation: Any, padding: Any, mode: str, groups: int, flip: bool
) -> Any:
    """Convolve by TensorFlow, which pads by itself where it knows how: "VALID" and "SAME" with zeros.

    Each group by itself, with a holed kernel: on CPUs its gradients know groups and dilation in some precisions only,
    and on processors without AVX-512 in none.
    """
    if not isinstance(padding, str):
        x, padding = _padded(x, padding, mode), "VALID"
    if flip:
        kernel = kernel[(slice(None, None, -1),) * len(stride)]
    kernel = _holed(kernel, dilation)
    convolution = {1: tf.nn.conv1d, 2: tf.nn.conv2d, 3: _conv3d}[len(stride)]
    pairs = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1), strict=True)
    y = tf.concat([convolution(part, w, stride, padding) for part, w in pairs], -1)
    return y if bias is None else y + bias


def _conv3d(x: Any, kernel: Any, stride: Any, padding: str) -> Any:
    return tf.nn.conv3d(x, kernel, (1, *stride, 1), padding)


def _padded(x: Any, amounts: Any, mode: Any) -> Any:
    """Pad by NumPy's own indices: `np.pad` of each axis's row numbers."""
    if mode == "zeros":
        return tf.pad(x, [(0, 0), *amounts, (0, 0)])
    for axis, pair in enumerate(amounts, 1):
        x = tf.gather(x, np.pad(np.arange(x.shape[axis]), pair, mode=mode), axis=axis)
    return x


def _holed(kernel: Any, dilation: Any) -> Any:
    """Write the taps of a kernel (*taps, c, k) into a larger one of zeros."""
    steps = list(zip(kernel.shape, dilation, strict=False))
    places = tf.stack(tf.meshgrid(*(range(0, extent(f, d), d) for f, d in steps), indexing="ij"), -1)
    return tf.scatter_nd(places, kernel, (*(extent(f, d) for f, d in steps), *kernel.shape[len(dilation) :]))


def conv2d_transpose_case(choose: Choose) -> Case:
    """Sample sizes on each axis independently, so most images are not square."""
    kernel, sizes, stride = ([choose(options) for _ in range(2)] for options in ((1, 2, 3), (1, 2, 3), (1, 2, 3)))
    dilation = [choose((1, 1, 2)) for _ in range(2)]
    batch, channels, filters = choose((1, 2)), choose((1, 2)), choose((1, 3))
    reach = list(map(extent, kernel, dilation))
    # A pair (before, after) cuts that many pixels off, and something has to be left.
    rooms = [(n - 1) * s + r - 1 for n, s, r in zip(sizes, stride, reach, strict=True)]
    cut = [(min(choose((0, 1)), room // 2), min(choose((0, 1, 2)), room // 2)) for room in rooms]
    padding: Any = choose(("valid", "same", cut))
    # With "same", an even kernel leaves one pixel too few.
    low = [padding == "same" and r % 2 == 0 for r in reach]
    more = [choose(range(a, max(a + 1, s))) for a, s in zip(low, stride, strict=True)]
    possible = all(extra < s for extra, s in zip(more, stride, strict=True))
    output_padding = choose((None, more)) if possible else None
    options = {"stride": stride, "dilation": dilation, "padding": padding, "output_padding": output_padding}
    random = generator(choose)
    return Case(
        conv2d_transpose,
        (
            random.normal(size=(batch, *sizes, channels)),
            random.normal(size=(*kernel, filters, channels)),
            random.normal(size=filters) if choose((True, True, False)) else None,
        ),
        partial(_transposed_reference, **options),
        {**options, "method": choose(("primitive", "derivation")), "fused": choose((False, True))},
        linear_in=(0, 1),
    )


def _transposed_reference(
    x: Any, kernel: Any, bias: Any, stride: Any, dilation: Any, padding: Any, output_padding: Any
) -> Any:
    """Convolve with a holed kernel: Keras has strides or dilation, TensorFlow dilates in float32 only."""
    holed = _holed(kernel, dilation)
    more = None if output_padding is None else tuple(output_padding)
    if isinstance(padding, str):
        y = keras.ops.conv_transpose(x, holed, tuple(stride), padding, output_padding=more)
    else:
        (top, bottom), (left, right) = padding
        y = keras.ops.conv_transpose(x, holed, tuple(stride), "valid", output_padding=more or 0)
        y = y[:, top : y.shape[1] - bottom, left : y.shape[2] - right]
    return y if bias is None else y + bias


def depthwise_conv2d_case(choose: Choose) -> Case:
    """Beside a sum over taps: TensorFlow's own knows neither two strides nor, in float64, dilation."""
    kernel, stride, dilation = ([choose(options) for _ in range(2)] for options in ((1, 2, 3), (1, 2, 3), (1, 1, 2)))
    stride = choose((stride, stride[:1] * 2))
    batch, channels, multiplier = choose((1, 2)), choose((1, 2, 3)), choose((1, 1, 2))
    sizes = [extent(k, d) + choose((0, 1, 2)) for k, d in zip(kernel, dilation, strict=True)]
    padding: Any = choose(("valid", "same", [(1, 0), (0, 2)]))
    mode = choose(("zeros", "zeros", "edge"))
    amounts = padding_amounts("depthwise_conv2d", padding, sizes, kernel, stride, dilation)
    random = generator(choose)
    options = {"stride": stride, "dilation": dilation, "padding": padding, "padding_mode": mode}
    return Case(
        depthwise_conv2d,
        (
            random.normal(size=(batch, *sizes, channels)),
            random.normal(size=(*kernel, channels, multiplier)),
            random.normal(size=channels * multiplier) if choose((True, True, False)) else None,
        ),
        partial(depthwise_reference, stride=stride, dilation=dilation, amounts=amounts, mode=mode),
        {**options, "method": choose(DEPTHWISE_METHODS)},
        linear_in=(0, 1),
    )


def depthwise_reference(x: Any, kernel: Any, bias: Any, *, stride: Any, dilation: Any, amounts: Any, mode: str) -> Any:
    """Apply to each channel by itself a convolution with a holed kernel of one channel."""
    holed, padded = _holed(kernel, dilation), _padded(x, amounts, mode)
    each = range(kernel.shape[2])
    parts = [tf.nn.conv2d(padded[..., c : c + 1], holed[:, :, c : c + 1], stride, "VALID") for c in each]
    y = tf.concat(parts, -1)
    return y if bias is None else y + bias


def locally_connected2d_case(choose: Choose) -> Case:
    window, stride = ([choose(options) for _ in range(2)] for options in ((1, 2), (1, 2)))
    sizes = [size + choose((0, 1, 2)) for size in window]
    outputs = list(map(output_size, sizes, window, stride))
    batch, channels, filters = choose((1, 2)), choose((1, 2)), choose((1, 2))
    random = generator(choose)
    return Case(
        locally_connected2d,
        (
            random.normal(size=(batch, *sizes, channels)),
            random.normal(size=(*outputs, *window, channels, filters)),
            random.normal(size=(*outputs, filters)) if choose((True, True, False)) else None,
        ),
        partial(_locally_connected_reference, stride=stride),
        {"stride": stride},
        linear_in=(0, 1),
    )


def _locally_connected_reference(x: Any, kernel: Any, bias: Any, stride: Any) -> Any:
    """Apply at each position a dense layer to what the window shows."""
    rows, columns, height, width = kernel.shape[:4]

    def at(i: int, j: int) -> Any:
        top, left = i * stride[0], j * stride[1]
        return tf.einsum("nabc,abck->nk", x[:, top : top + height, left : left + width], kernel[i, j])

    y = tf.stack([tf.stack([at(i, j) for j in range(columns)], 1) for i in range(rows)], 1)
    return y if bias is None else y + bias
