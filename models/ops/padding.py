"""Padding of an image's spatial axes with zeros, by reflection, or by its edge; and what it does to gradients.

Each padded row is a copy of an input row (or zero), so along each axis padding is a 0/1 matrix P, and its backward pass
P^T: every input row collects the gradients of its copies. Reflection is 1 0 | 0 1 2 -> 2 1 | 0 1 2 (the edge itself is
not repeated: TensorFlow's REFLECT); "edge" repeats it: 0 0 | 0 1 2.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.checks import check_choice
from keras_suite.models.ops.conv_geometry import Amounts

MODES = ("zeros", "reflect", "edge")


def pad(x: tf.Tensor, amounts: Amounts, mode: str = "zeros", op: str = "pad") -> tf.Tensor:
    """x (batch, *spatial, channels) with `amounts` = (before, after) more pixels on each spatial axis."""
    check_choice(op, "padding_mode", mode, MODES)
    if not any(before or after for before, after in amounts):
        return x
    if mode == "zeros":
        return tf.pad(x, [[0, 0], *amounts, [0, 0]])
    for axis, (size, (before, after)) in enumerate(zip(x.shape[1:-1], amounts, strict=True), 1):
        x = tf.gather(x, _sources(size, before, after, mode, op), axis=axis)
    return x


def unpad(dy: tf.Tensor, sizes: Sequence[int], amounts: Amounts, mode: str = "zeros", op: str = "pad") -> tf.Tensor:
    """P^T dy: the gradient with respect to the unpadded x, whose spatial axes have these sizes."""
    if not any(before or after for before, after in amounts):
        return dy
    if mode == "zeros":
        inside = [slice(before, before + size) for size, (before, _) in zip(sizes, amounts, strict=True)]
        return dy[:, *inside]
    for axis, (size, (before, after)) in enumerate(zip(sizes, amounts, strict=True), 1):
        rows = tf.experimental.numpy.moveaxis(dy, axis, 0)
        collected = tf.math.unsorted_segment_sum(rows, _sources(size, before, after, mode, op), size)
        dy = tf.experimental.numpy.moveaxis(collected, 0, axis)
    return dy


def _sources(size: int, before: int, after: int, mode: str, op: str) -> np.ndarray:
    """For every padded row, the input row that it copies."""
    if mode == "reflect" and max(before, after) >= size:
        raise ValueError(
            f"{op}: {max(before, after)} pixels cannot be reflected at an image of {size}: at most {size - 1}; "
            "pad less, or with padding_mode='edge'"
        )
    rows = np.arange(-before, size + after)
    return np.clip(rows, 0, size - 1) if mode == "edge" else size - 1 - np.abs(size - 1 - np.abs(rows))
