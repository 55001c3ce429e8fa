"""Whether a kernel of TensorFlow computes a convolution of some shapes: its output and both gradients.

A depthwise convolution is one of as many groups as channels. A transposed one is the convolution from its output to
its input, going back: what is the output there is the input gradient here, and the other way round.

The kernel gets a batch of two images of whole numbers, -1, 0 and 1, whose sums every precision holds; some entries of
its results are compared with sums written out in NumPy. (Of one image TensorFlow 2.21's faulty kernel is right.)
"""

import functools
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.models.ops.conv_geometry import extent, output_size, padding_amounts
from keras_suite.models.ops.convolution import conv1d, conv2d, conv3d
from keras_suite.models.ops.depthwise_convolution import depthwise_conv2d
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.transposed_convolution import conv2d_transpose

BATCH = 2
ENTRIES = 24  # of each result are compared
MOST_OUTPUTS = 5  # along an axis: a larger image is cut, for its kernel would take longer than the test may
SHARE = {"float64": 1e-10, "float32": 1e-5, "float16": 2e-2, "bfloat16": 2e-2}  # of the sum of the terms' sizes
RESULTS = ("output", "input gradient", "kernel gradient")
ORDINARY, DEPTHWISE, TRANSPOSED = "ordinary", "depthwise", "transposed"
OPS: dict[str, dict[int, Op]] = {
    ORDINARY: {1: conv1d, 2: conv2d, 3: conv3d},
    DEPTHWISE: {2: depthwise_conv2d},
    TRANSPOSED: {2: conv2d_transpose},
}


@dataclass(frozen=True)
class Convolution:
    """What a layer asks of a kernel; one number for each spatial axis.

    Attributes:
        sizes: Of the images.
        channels, filters, groups: As Keras counts them; a depthwise one has as many groups as channels.
        kernel, stride, dilation: As Keras's layers take them.
        padding: "valid", "same" or "causal".
        dtype: What it computes in.
        method: Of a hand-derived layer; "" is Keras's own.
        kind: Ordinary, depthwise or transposed.
    """

    sizes: tuple[int, ...]
    channels: int
    filters: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    padding: str
    dtype: str
    method: str = ""
    kind: str = ORDINARY


def wrong_results(of: Convolution) -> tuple[str, ...]:
    """Return which of `RESULTS` a kernel computes wrongly; none where there is no kernel, which training will say."""
    of = _cut(of)
    random = np.random.default_rng(0)
    x = random.integers(-1, 2, (BATCH, *of.sizes, of.channels))
    per_group = of.channels // of.groups
    w = random.integers(-1, 2, (*of.kernel, *_transposed_if(of, per_group, of.filters)))
    tensors = [tf.constant(each, of.dtype) for each in (x, w)]
    try:
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            y = _computed(of, *tensors)
        dy = random.integers(-1, 2, y.shape)
        found = (y, *tape.gradient(y, tensors, tf.constant(dy, of.dtype)))
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.NotFoundError):
        return ()
    return tuple(
        name
        for name, result, sums in zip(RESULTS, found, _sums_of(of, x, w, dy), strict=True)
        if not _agrees(np.asarray(tf.cast(result, tf.float64)), sums, of.dtype, random)
    )


def _transposed_if(of: Convolution, *pair: int) -> tuple[int, ...]:
    return pair[::-1] if of.kind == TRANSPOSED else pair


def _computed(of: Convolution, x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
    if of.kind == DEPTHWISE:
        w = tf.reshape(w, [*of.kernel, of.channels, of.filters // of.channels])
    if of.method:
        options: dict[str, Any] = {"stride": of.stride, "dilation": of.dilation, "padding": of.padding}
        options |= {"groups": of.groups} if of.kind == ORDINARY else {}
        return OPS[of.kind][len(of.sizes)](x, w, None, method=of.method, **options)
    if of.kind == DEPTHWISE:
        return keras.ops.depthwise_conv(x, w, of.stride, of.padding, "channels_last", of.dilation)
    if of.kind == TRANSPOSED:
        return keras.ops.conv_transpose(x, w, of.stride, of.padding, None, "channels_last", of.dilation)
    if of.padding == "causal":
        x = tf.pad(x, [[0, 0], [extent(of.kernel[0], of.dilation[0]) - 1, 0], [0, 0]])
    padding = "valid" if of.padding == "causal" else of.padding
    return keras.ops.conv(x, w, of.stride, padding, "channels_last", of.dilation)


def _agrees(result: np.ndarray, sums: Any, dtype: str, random: np.random.Generator) -> bool:
    for index in random.integers(0, result.shape, (ENTRIES, result.ndim)):
        terms = sums(tuple(map(int, index)))
        # `not <=`: NaN is no agreement.
        if not abs(result[tuple(index)] - terms.sum()) <= SHARE[dtype] * np.abs(terms).sum():
            return False
    return True


def _sums_of(of: Convolution, x: np.ndarray, w: np.ndarray, dy: np.ndarray) -> tuple[Any, Any, Any]:
    """Return what `_sums` does; of a transposed convolution those of the one from its output to its input."""
    if of.kind != TRANSPOSED:
        return _sums(of, x, w, dy)
    back = replace(of, sizes=dy.shape[1:-1], channels=of.filters, filters=of.channels, kind=ORDINARY)
    input_gradient, output, kernel_gradient = _sums(back, dy, w, x)
    return output, input_gradient, kernel_gradient


def _sums(of: Convolution, x: np.ndarray, w: np.ndarray, dy: np.ndarray) -> tuple[Any, Any, Any]:
    """Return for the output and both gradients a function of an entry's index: the terms that it is the sum of."""
    amounts = padding_amounts("convolution", of.padding, of.sizes, of.kernel, of.stride, of.dilation)
    padded = np.pad(x, ((0, 0), *amounts, (0, 0)))
    outputs = dy.shape[1:-1]
    per_group, filters = of.channels // of.groups, of.filters // of.groups

    def output(index: tuple[int, ...]) -> np.ndarray:
        n, *p, k = index
        seen = [slice(i * s, i * s + extent(f, d), d) for i, s, f, d in _axes(p, of.stride, of.kernel, of.dilation)]
        first = k // filters * per_group
        place: tuple[Any, ...] = (n, *seen, slice(first, first + per_group))
        return padded[place] * w[..., k]

    def of_kernel(index: tuple[int, ...]) -> np.ndarray:
        *a, c, k = index
        seen = [slice(t * d, t * d + (m - 1) * s + 1, s) for t, d, m, s in _axes(a, of.dilation, outputs, of.stride)]
        place: tuple[Any, ...] = (slice(None), *seen, k // filters * per_group + c)
        return padded[place] * dy[..., k]

    def of_input(index: tuple[int, ...]) -> np.ndarray:
        n, *q, c = index
        group, channel = divmod(c, per_group)
        own = slice(group * filters, (group + 1) * filters)
        terms = [np.zeros(1)]
        for tap in np.ndindex(*of.kernel):
            reached = [i + before - t * d for i, (before, _), t, d in _axes(q, amounts, tap, of.dilation)]
            places = [divmod(r, s) for r, s in zip(reached, of.stride, strict=True)]
            if all(rest == 0 and 0 <= p < m for (p, rest), m in zip(places, outputs, strict=True)):
                terms.append(dy[n, *(p for p, _ in places), own] * w[*tap, channel, own])
        return np.concatenate(terms)

    return output, of_input, of_kernel


_axes = functools.partial(zip, strict=True)


def _cut(of: Convolution) -> Convolution:
    """Return the convolution of an image that is no larger than `MOST_OUTPUTS` outputs need."""
    reach = [extent(f, d) for f, d in zip(of.kernel, of.dilation, strict=True)]
    most = [(MOST_OUTPUTS - 1) * s + r for s, r in zip(of.stride, reach, strict=True)]
    if of.kind == TRANSPOSED:
        most = [MOST_OUTPUTS] * len(of.sizes)  # of the convolution that goes back
    sizes = tuple(map(min, of.sizes, most))
    if of.padding == "valid" and of.kind != TRANSPOSED:
        for n, f, s, d in zip(sizes, of.kernel, of.stride, of.dilation, strict=True):
            output_size(n, f, s, dilation=d)
    return replace(of, sizes=sizes)
