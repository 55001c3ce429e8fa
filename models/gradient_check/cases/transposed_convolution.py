"""Transposed convolutions, beside Keras's own."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.gradient_check.case import Case, Choose, generator
from keras_suite.models.ops.conv_geometry import extent
from keras_suite.models.ops.transposed_convolution import conv2d_transpose


def conv2d_transpose_case(choose: Choose) -> Case:
    """Sizes on each axis are drawn apart, so most images are not square."""
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
        partial(_reference, **options),
        {**options, "method": choose(("primitive", "derivation"))},
        linear_in=(0, 1),
    )


def _reference(x: Any, kernel: Any, bias: Any, stride: Any, dilation: Any, padding: Any, output_padding: Any) -> Any:
    """Keras has strides or dilation, not both, and TensorFlow dilates in float32 only: a holed kernel does the same."""
    rows, columns = (range(0, extent(f, d), d) for f, d in zip(kernel.shape[:2], dilation, strict=True))
    places = tf.stack(tf.meshgrid(rows, columns, indexing="ij"), -1)
    holed = tf.scatter_nd(places, kernel, (rows[-1] + 1, columns[-1] + 1, *kernel.shape[2:]))
    more = None if output_padding is None else tuple(output_padding)
    if isinstance(padding, str):
        y = keras.ops.conv_transpose(x, holed, tuple(stride), padding, output_padding=more)
    else:
        (top, bottom), (left, right) = padding
        y = keras.ops.conv_transpose(x, holed, tuple(stride), "valid", output_padding=more or 0)
        y = y[:, top : y.shape[1] - bottom, left : y.shape[2] - right]
    return y if bias is None else y + bias
