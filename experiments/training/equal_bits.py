"""How many images a network is called with, so that an image has the same bits at any place among them.

A matrix product handles its rows in packets as wide as the processor's registers allow, and those that are left over by
another kernel, which rounds otherwise: with AVX2 alone the last 8 rows of 32 differ from the first 24. Convolutions
without oneDNN, which TensorFlow leaves out on such processors, are such products, too. No query tells which kernels a
device has, so equal images are given to some, and what comes out must be equal.
"""

import functools
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

_DENSE = ((3, 10), (128, 64), (2048, 64), (4096, 10))  # inputs and outputs
_CONVOLUTIONS = (  # side, channels, filters, side of the kernel
    (5, 1, 32, 3),
    (5, 3, 8, 3),
    (7, 3, 64, 3),
    (7, 64, 3, 1),
    (14, 16, 32, 1),
    (14, 64, 64, 3),
)


@functools.cache
def with_equal_bits(most: int) -> int:
    """Return `most` where equal images among so many have equal bits; else the nearest such number, see `_nearest`."""
    return next(count for count in _nearest(most) if all(_all_equal(probe, count) for probe in _probes()))


def _nearest(most: int) -> Iterator[int]:
    """Yield fewer, down to half, then more, up to twice as many, then fewer still: one image is always alone."""
    yield from range(most, most // 2, -1)
    if most > 1:
        yield from range(most + 1, 2 * most + 1)
    yield from range(most // 2, 0, -1)


Probe = tuple[np.ndarray, Callable[[tf.Tensor], tf.Tensor]]  # one input, and a layer


@functools.cache
def _probes() -> tuple[Probe, ...]:
    random = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    def product(inputs: int, outputs: int) -> Probe:
        kernel = tf.constant(normal(inputs, outputs))
        return normal(inputs), lambda rows: tf.matmul(rows, kernel)

    def convolution(side: int, channels: int, filters: int, extent: int) -> Probe:
        kernel = tf.constant(normal(extent, extent, channels, filters))
        return normal(side, side, channels), lambda images: tf.nn.conv2d(images, kernel, 1, "SAME")

    return (*(product(*sizes) for sizes in _DENSE), *(convolution(*sizes) for sizes in _CONVOLUTIONS))


def _all_equal(probe: Probe, count: int) -> bool:
    one, layer = probe
    outputs = layer(tf.constant(np.repeat(one[np.newaxis], count, axis=0))).numpy()
    return bool((outputs == outputs[:1]).all())
