"""Cases that are always checked, since random ones hit upon them rarely: faults of the ops went unnoticed without."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.cases import convolution
from keras_suite.models.gradient_check.cases.attention import attention_reference
from keras_suite.models.gradient_check.check import Case
from keras_suite.models.ops.activations import softmax
from keras_suite.models.ops.attention import attention
from keras_suite.models.ops.convolution import conv1d, conv2d
from keras_suite.models.ops.depthwise_convolution import depthwise_conv2d
from keras_suite.models.ops.op import Op


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

    def reference(query: Any, key: Any, value: Any, *rest: Any) -> Any:
        rows = [tf.reshape(t, [2, 4, 1, t.shape[-1]]) for t in (query, key, value)]
        return tf.reshape(attention_reference(*rows, *rest, scale=scale), [2, 2, 2, 1, value.shape[-1]])

    tensors = (_normal(2, 2, 2, 1, 3), 2 * _normal(2, 2, 2, 1, 3)[::-1], _normal(2, 2, 2, 1, 2), None, None)
    return Case(attention, tensors, reference, {} if scale is None else {"scale": scale}, linear_in=(2,))


def _convolution(op: Op, x: tuple[int, ...], kernel: tuple[int, ...], groups: int = 1, **options: Any) -> Case:
    """Make tensors of these shapes, and the reference that random cases have; padding is "valid" if not given."""
    rank, padding = len(kernel) - 2, options.get("padding", "valid")
    amounts = [(padding, padding)] * rank if isinstance(padding, int) else padding.upper()
    tensors = (_normal(*x), _normal(*kernel), None)
    expected = partial(
        convolution.reference,
        stride=options.get("stride", (1,) * rank),
        dilation=(1,) * rank,
        padding=amounts,
        mode="zeros",
        groups=groups,
        flip=False,
    )
    autodiff = "float64" if groups == 1 else "float32"
    return Case(op, tensors, expected, {"groups": groups, **options}, linear_in=(0, 1), autodiff=autodiff)


def _idle_stride() -> Case:
    """Stride along an axis of one output, of one channel: TensorFlow 2.21's kernel computes something else."""
    return _convolution(conv2d, (2, 5, 3, 1), (3, 3, 1, 2), stride=(1, 2))


def _depthwise(x: tuple[int, ...], kernel: tuple[int, ...], stride: int, dilation: int) -> Case:
    steps = {"stride": (stride,) * 2, "dilation": (dilation,) * 2}
    expected = partial(convolution.depthwise_reference, **steps, amounts=((0, 0), (0, 0)), mode="zeros")
    return Case(depthwise_conv2d, (_normal(*x), _normal(*kernel), None), expected, steps, linear_in=(0, 1))


def _dilated_by_three() -> Case:
    """Dilate by a number of which the image's size is no multiple, and by which what is missing is not what is over."""
    return _depthwise((2, 7, 8, 2), (2, 2, 2, 1), 1, 3)


def _idle_depthwise_stride() -> Case:
    """Stride over a single output along the width: TensorFlow 2.21's kernel computes something else in bfloat16."""
    return _depthwise((2, 9, 2, 8), (1, 2, 8, 2), 2, 1)


ROWS = ((2, 5, 4), (2, 2, 4))
IMAGES = ((2, 4, 3, 2), (3, 3, 2, 2))
CORNERS: Mapping[str, tuple[Callable[[], Case], ...]] = MappingProxyType(
    {
        "softmax": (_far_apart,),
        "attention": (partial(_attention_over_images, None), partial(_attention_over_images, 0.3)),
        "conv1d": (partial(_convolution, conv1d, *ROWS, groups=2),),
        "conv2d": (
            partial(_convolution, conv2d, *IMAGES, padding=1),
            # Padding left to kernels, of methods that have none.
            partial(_convolution, conv2d, *IMAGES, padding="same", method="derivation", fused=True),
            partial(_convolution, conv2d, *IMAGES, padding="same", method="im2col", fused=True),
            _idle_stride,
        ),
        "depthwise_conv2d": (_dilated_by_three, _idle_depthwise_stride),
    }
)
