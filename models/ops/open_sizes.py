"""Sizes along a tensor's axes: whole numbers where they are known, scalar tensors where a graph leaves them open.

Arithmetic is written once for both. Of a known size nothing is added to the graph.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Size = Any  # an int, or a scalar tensor


def size_of(x: tf.Tensor, axis: int) -> Size:
    """Return the size of x along one axis."""
    known = x.shape[axis]
    return tf.shape(x)[axis] if known is None else int(known)


def sizes_of(x: tf.Tensor) -> tuple[Size, ...]:
    """Return the sizes of x (batch, *spatial, channels) along its spatial axes."""
    return tuple(size_of(x, axis) for axis in range(1, x.shape.rank - 1))


def known(sizes: Sequence[Size | None]) -> list[int | None]:
    """Return the sizes with None in the place of those that only the run tells."""
    return [size if isinstance(size, int) else None for size in sizes]


def none_of(sizes: Sequence[Size]) -> bool:
    """Return whether all are known to be 0."""
    return all(isinstance(size, int) and size == 0 for size in sizes)


def shaped(x: tf.Tensor, of: tf.Tensor, sizes: Sequence[Size], channels: int | None) -> tf.Tensor:
    """Return x, with what is known of its shape told to the graph: the batch of `of`, its sizes, its channels.

    TensorFlow forgets all sizes of a slice or of a padding of which one is open.
    """
    x.set_shape([of.shape[0], *known(sizes), channels])
    return x


def unless_empty(x: tf.Tensor, of_none: Callable[[], Any], of_some: Callable[[], Any]) -> Any:
    """Return `of_some()`, or `of_none()` if x is a batch of no images: some of TensorFlow's kernels fail at that.

    The choice is made while a function is traced if the batch's size is known then.
    """
    batch = x.shape[0]
    if batch is not None:
        return of_some() if batch else of_none()
    return tf.cond(tf.equal(tf.shape(x)[0], 0), of_none, of_some)
