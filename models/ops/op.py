"""An op: a forward pass and the backward pass that was derived from it by hand, joined into one function.

Half precision is for storing and multiplying; sums, exponentials and statistics are computed in float32.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

Gradients = tuple[tf.Tensor | None, ...]


@dataclass(frozen=True)
class Op:
    """A function of tensors whose gradient is `backward`, not TensorFlow's.

    forward(*tensors, **options) -> (y, cache): y is a tensor, or a tuple of which only the first has a gradient;
    the cache is all that the backward pass needs.
    backward(dy, cache) -> the loss's gradient with respect to each tensor, given dy with respect to y; None for a
    tensor that has none (labels, indices, masks) or that was left out (a bias of None).

    Calling the op gives y, differentiable by any means of TensorFlow or Keras, in graph and eager mode; twice, too: the
    second derivative is TensorFlow's of `backward`.
    """

    name: str
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[[tf.Tensor, Any], Gradients]

    def __call__(self, *tensors: Any, **options: Any) -> Any:
        # Variables must come in as tensors: a variable that custom_gradient sees inside asks for a gradient of its own.
        inputs = [tf.convert_to_tensor(tensor) for tensor in tensors if tensor is not None]
        present = [tensor is not None for tensor in tensors]

        @tf.custom_gradient
        def apply(*inputs: tf.Tensor) -> tuple[Any, Callable[..., list[tf.Tensor | None]]]:
            remaining = iter(inputs)
            y, cache = self.forward(*(next(remaining) if there else None for there in present), **options)

            def gradient(*dy: tf.Tensor) -> list[tf.Tensor | None]:
                gradients = self.backward(dy[0], cache)[: len(present)]  # of what was left out at the end there is none
                return [each for each, there in zip(gradients, present, strict=True) if there]

            return y, gradient

        y = apply(*inputs)
        return (y[0], *map(tf.stop_gradient, y[1:])) if isinstance(y, tuple) else y


def at_least_float32(x: tf.Tensor) -> tf.Tensor:
    """Return x itself, or a float32 copy of float16 and bfloat16."""
    return tf.cast(x, tf.float32) if x.dtype.size < 4 else x


def sum_over(x: tf.Tensor, axes: Sequence[int]) -> tf.Tensor:
    """Return the sum over these axes, in the precision of x but added up in float32 at least.

    On a CPU TensorFlow's float16 sum of ones stands still at 2048, where one more rounds back.
    """
    return tf.cast(tf.reduce_sum(at_least_float32(x), axes), x.dtype)


def mean_over(x: tf.Tensor, axes: Sequence[int]) -> tf.Tensor:
    """Return the mean over these axes, added up as in `sum_over`."""
    return tf.cast(tf.reduce_mean(at_least_float32(x), axes), x.dtype)
