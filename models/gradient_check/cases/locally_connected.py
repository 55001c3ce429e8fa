"""Locally connected layers, beside a loop over their positions."""

from functools import partial
from typing import Any

import tensorflow as tf

from keras_suite.models.gradient_check.case import Case, Choose, generator
from keras_suite.models.ops.conv_geometry import output_size
from keras_suite.models.ops.locally_connected import locally_connected2d


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
        partial(_reference, stride=stride),
        {"stride": stride},
        linear_in=(0, 1),
    )


def _reference(x: Any, kernel: Any, bias: Any, stride: Any) -> Any:
    """At each position a dense layer on what the window shows."""
    rows, columns, height, width = kernel.shape[:4]

    def at(i: int, j: int) -> Any:
        top, left = i * stride[0], j * stride[1]
        return tf.einsum("nabc,abck->nk", x[:, top : top + height, left : left + width], kernel[i, j])

    y = tf.stack([tf.stack([at(i, j) for j in range(columns)], 1) for i in range(rows)], 1)
    return y if bias is None else y + bias
