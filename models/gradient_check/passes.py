"""Somebody's forward and backward pass as the check calls them, and in what numbers they are called.

The tensors of a trial keep clear of kinks and ties: their entries differ, and none is near 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

FORWARD, BACKWARD = "_forward", "_backward"  # how the names of a pair end
CLASSES = ("labels", "y_true", "targets", "one_hot")  # tensors that hold classes
CONSTANTS = (*CLASSES, "mask", "indices", "sample_weight")


@dataclass(frozen=True)
class Passes:
    """A function of tensors, and the gradient that is claimed for it.

    Attributes:
        name: The function's.
        parameters: The names of its tensors, in order.
        forward: (*tensors) -> (y, cache); y may be a tuple of which only the first has a gradient.
        backward: (dy, cache) -> a gradient for each tensor, None for one that is a constant.
        constants: The names of tensors that may have no gradient though y depends on them: labels, masks.
        plain: (*tensors) -> y by operations that TensorFlow differentiates itself; None where there are none but those
            of `forward`, with the claimed gradient in them.
    """

    name: str
    parameters: tuple[str, ...]
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[[Any, Any], Sequence[Any]]
    plain: Callable[..., Any] | None = None
    constants: tuple[str, ...] = CONSTANTS


def by_tape(function: Callable[..., Any]) -> tuple[Callable[..., tuple[Any, Any]], Callable[[Any, Any], Sequence[Any]]]:
    """Return the forward and backward pass of a function whose gradient a tape gives, as of `tf.custom_gradient`."""

    def forward(*tensors: Any) -> tuple[Any, Any]:
        if not all(map(tf.is_tensor, tensors)):
            raise TypeError("a tape watches tensors only")
        watched = [tensor for tensor in tensors if tensor.dtype.is_floating]
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(watched)
            y = function(*tensors)
        return y, (tape, tensors, y)

    def backward(dy: Any, cache: Any) -> Sequence[Any]:
        tape, tensors, y = cache
        first = first_of(y)
        if not tf.is_tensor(first):  # no TensorFlow operation made it
            return [tf.zeros_like(tensor) for tensor in tensors]
        floating = [tensor for tensor in tensors if tensor.dtype.is_floating]
        found = iter(tape.gradient(first, floating, tf.cast(dy, first.dtype), unconnected_gradients="none"))
        gradients = [next(found) if tensor.dtype.is_floating else None for tensor in tensors]
        return [None if each is None else tf.convert_to_tensor(each) for each in gradients]

    return forward, backward


def first_of(y: Any) -> Any:
    """Return the result that has a gradient: y itself, or the first of a tuple."""
    return y[0] if isinstance(y, tuple) else y


@dataclass(frozen=True)
class Numbers:
    """In what numbers passes are called, and what a difference quotient in them is worth.

    Attributes:
        name: For the person, as "tensors in float64".
        dtype: The precision.
        arrays: Whether NumPy arrays are passed, not tensors.
        step: Of the difference quotients.
        allowed: The difference to them, as a share of the gradient's largest entry.
    """

    name: str
    dtype: str
    arrays: bool
    step: float
    allowed: float

    def of(self, array: np.ndarray, dtype: str | None = None) -> Any:
        """Return a fresh tensor or array; whole numbers stay whole."""
        wanted = array.dtype if array.dtype.kind in "iu" else (dtype or self.dtype)
        return np.array(array, wanted) if self.arrays else tf.constant(array, wanted)


TENSORS = Numbers("tensors in float64", "float64", arrays=False, step=1e-5, allowed=1e-6)
ARRAYS = Numbers("NumPy arrays in float64", "float64", arrays=True, step=1e-5, allowed=1e-6)
SINGLE = Numbers("tensors in float32", "float32", arrays=False, step=1e-2, allowed=3e-3)
KINDS = (TENSORS, ARRAYS, SINGLE)
