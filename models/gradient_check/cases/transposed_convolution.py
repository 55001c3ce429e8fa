"""Transposed convolutions, beside Keras's own."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from models.gradient_check.case import Case, Choose, generator
from models.ops.conv_geometry import extent
from models.ops.transposed_convolution import conv2d_transpose


def conv2d_transpose_case(choose: Choose) -> Case:
    kernel, sizes = ([choose(options) for _ in range(2)] for options in ((1, 2, 3), (1, 2, 3)))
    # Keras has strides or dilation, not both: TensorFlow's own operation has neither limit nor, on CPUs, the kernels.
    stride, dilation = choose((((1, 1), (1, 1)), ((2, 3), (1, 1)), ((2, 2), (1, 1)), ((1, 1), (2, 1))))
    batch, channels, filters = choose((1, 2)), choose((1, 2)), choose((1, 3))
    padding = choose(("valid", "same", 1))
    # A number P cuts P pixels off each side, and something has to be left.
    room = min((n - 1) * s + extent(f, d) for n, s, f, d in zip(sizes, stride, kernel, dilation, strict=True))
    if padding == 1 and room < 3:
        padding = "valid"
    random = generator(choose)
    return Case(
        conv2d_transpose,
        (
            random.normal(size=(batch, *sizes, channels)),
            random.normal(size=(*kernel, filters, channels)),
            random.normal(size=filters) if choose((True, True, False)) else None,
        ),
        partial(_reference, stride=stride, dilation=dilation, padding=padding),
        {
            "stride": stride,
            "dilation": dilation,
            "padding": padding,
            "method": choose(("primitive", "derivation")),
        },
        linear_in=(0, 1),
        autodiff="float64" if dilation == (1, 1) else "float32",
    )


def _reference(x: Any, kernel: Any, bias: Any, stride: Any, dilation: Any, padding: Any) -> Any:
    if max(dilation) > 1:  # TensorFlow dilates in float32 only: a holed kernel does the same in every precision
        rows = [extent(f, d) for f, d in zip(kernel.shape[:2], dilation, strict=True)]
        places = tf.stack(
            tf.meshgrid(*[range(0, r, d) for r, d in zip(rows, dilation, strict=True)], indexing="ij"), -1
        )
        kernel = tf.scatter_nd(places, kernel, (*rows, *kernel.shape[2:]))
    if padding == 1:
        y = keras.ops.conv_transpose(x, kernel, stride, "valid", output_padding=0)[:, 1:-1, 1:-1]
    else:
        y = keras.ops.conv_transpose(x, kernel, stride, padding)
    return y if bias is None else y + bias
