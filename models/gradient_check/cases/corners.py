"""Cases that are always checked, since random ones hit upon them rarely: faults of the ops went unnoticed without."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case
from keras_suite.models.ops.activations import softmax
from keras_suite.models.ops.attention import attention
from keras_suite.models.ops.convolution import conv1d, conv2d
from keras_suite.models.ops.depthwise_convolution import depthwise_conv2d


def corners(op: str) -> list[Case]:
    """Return the op's cases, none for most ops."""
    return [make() for make in CORNERS.get(op, ())]


def _normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).normal(size=shape)


def _far_apart() -> Case:
    """Make logits of which e^x overflows beside ones of which it does not."""
    return Case(softmax, (np.array([[0.0, 800.0, -3.0], [1.0, 2.0, 800.5]]),), tf.nn.softmax)


def _attention_over_images(scale: float | None) -> Case:
    """Attend over two axes of places, with a scale of one's own or the usual one."""

    def reference(query: Any, key: Any, value: Any, *_: None) -> Any:
        rows = [tf.reshape(t, [2, 4, 1, t.shape[-1]]) for t in (query, key, value)]
        factor = 1 / np.sqrt(3) if scale is None else scale
        z = tf.einsum("btnd,bsnd->bnts", rows[0], rows[1]) * tf.constant(factor, query.dtype)
        return tf.reshape(tf.einsum("bnts,bsnv->btnv", tf.nn.softmax(z), rows[2]), [2, 2, 2, 1, value.shape[-1]])

    tensors = (_normal(2, 2, 2, 1, 3), 2 * _normal(2, 2, 2, 1, 3)[::-1], _normal(2, 2, 2, 1, 2), None, None)
    return Case(attention, tensors, reference, {} if scale is None else {"scale": scale}, linear_in=(2,))


def _one_number_of_padding() -> Case:
    def reference(x: Any, kernel: Any, bias: None) -> Any:
        return tf.nn.conv2d(x, kernel, 1, [[0, 0], [1, 1], [1, 1], [0, 0]])

    return Case(conv2d, (_normal(2, 3, 4, 2), _normal(2, 3, 2, 2), None), reference, {"padding": 1}, linear_in=(0, 1))


def _fused(method: str) -> Case:
    """Ask for padding by TensorFlow's kernels of a method that has none."""
    options = {"padding": "same", "method": method, "fused": True}
    tensors = (_normal(2, 4, 3, 2), _normal(3, 3, 2, 2), None)
    return Case(conv2d, tensors, lambda x, w, bias: tf.nn.conv2d(x, w, 1, "SAME"), options, linear_in=(0, 1))


def _idle_stride() -> Case:
    """Stride along an axis of one output, of one channel: TensorFlow 2.21's kernel computes something else."""

    def reference(x: Any, kernel: Any, bias: None) -> Any:
        return tf.nn.conv2d(x, kernel, (1, 1), "VALID")

    return Case(
        conv2d, (_normal(2, 5, 3, 1), _normal(3, 3, 1, 2), None), reference, {"stride": (1, 2)}, linear_in=(0, 1)
    )


def _groups_of_a_row() -> Case:
    def reference(x: Any, kernel: Any, bias: None) -> Any:
        pairs = zip(tf.split(x, 2, -1), tf.split(kernel, 2, -1), strict=True)
        return tf.concat([tf.nn.conv1d(part, w, 1, "VALID") for part, w in pairs], -1)

    return Case(conv1d, (_normal(2, 5, 4), _normal(2, 2, 4), None), reference, {"groups": 2}, linear_in=(0, 1))


def _dilated_by_three() -> Case:
    """Dilate by a number of which the image's size is no multiple, and by which what is missing is not what is over."""

    def reference(x: Any, kernel: Any, bias: None) -> Any:
        each = [tf.nn.conv2d(x[..., c : c + 1], _holed(kernel[:, :, c : c + 1]), 1, "VALID") for c in range(2)]
        return tf.concat(each, -1)

    tensors = (_normal(2, 7, 8, 2), _normal(2, 2, 2, 1), None)
    return Case(depthwise_conv2d, tensors, reference, {"dilation": 3}, linear_in=(0, 1))


def _holed(kernel: Any) -> Any:
    """Return a kernel (2, 2, c, k) with two zeros between its taps."""
    places = np.stack(np.meshgrid([0, 3], [0, 3], indexing="ij"), -1)
    return tf.scatter_nd(places, kernel, (4, 4, *kernel.shape[2:]))


CORNERS: Mapping[str, tuple[Callable[[], Case], ...]] = MappingProxyType(
    {
        "softmax": (_far_apart,),
        "attention": (partial(_attention_over_images, None), partial(_attention_over_images, 0.3)),
        "conv1d": (_groups_of_a_row,),
        "conv2d": (_one_number_of_padding, partial(_fused, "derivation"), partial(_fused, "im2col"), _idle_stride),
        "depthwise_conv2d": (_dilated_by_three,),
    }
)
