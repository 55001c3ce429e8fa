"""Checks of an op's input before anything is computed: what was given, what was expected, and the remedy."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf


def check_floating(op: str, argument: str, tensor: tf.Tensor) -> None:
    """Raise ValueError unless `tensor` holds floating-point numbers.

    NaN is refused where values can be seen, in eager mode; a traced function has none yet, and there the run's guard
    against non-finite losses stops the training.
    """
    if not tensor.dtype.is_floating:
        raise ValueError(
            f"{op}: {argument} is {tensor.dtype.name}: expected floating point; cast it, for example with "
            f"tf.cast({argument}, 'float32')"
        )
    if tf.executing_eagerly() and bool(tf.reduce_any(tf.math.is_nan(tensor))):
        raise ValueError(f"{op}: {argument} holds NaN: find where it came from, here it would only spread")


def check_tensor(op: str, argument: str, tensor: tf.Tensor, axes: str) -> None:
    """Raise ValueError unless it is floating and has as many axes as `axes` names, as in "batch, height, width".

    Only the batch may be empty.
    """
    names = axes.split(", ")
    if tensor.shape.rank is not None and tensor.shape.rank != len(names):
        raise ValueError(
            f"{op}: {argument} has shape {tuple(tensor.shape)}: expected {len(names)} axes, ({axes})"
            + (f"; add one with {argument}[..., None]" if tensor.shape.rank == len(names) - 1 else "")
        )
    if tensor.shape.rank is not None and 0 in tensor.shape[names[0] == "batch" :]:
        raise ValueError(f"{op}: {argument} has shape {tuple(tensor.shape)}: expected sizes from 1 up, ({axes})")
    check_floating(op, argument, tensor)


def check_known_sizes(op: str, argument: str, tensor: tf.Tensor) -> None:
    """Raise ValueError if any size but the batch's is unknown while a function is traced."""
    if tensor.shape.rank is None or None in tensor.shape[1:]:
        raise ValueError(
            f"{op}: {argument} has shape {tensor.shape}: expected a known size on every axis but the batch's; give the "
            "model's Input, or the function's TensorSpec, its sizes"
        )


def check_known_channels(op: str, argument: str, tensor: tf.Tensor) -> None:
    """Raise ValueError if the number of axes or the size of the last one is unknown while a function is traced."""
    if tensor.shape.rank is None or tensor.shape[-1] is None:
        raise ValueError(
            f"{op}: {argument} has shape {tensor.shape}: expected a known number of channels on its last axis; give "
            "the model's Input, or the function's TensorSpec, that size"
        )


def check_same_shape(op: str, argument: str, tensor: tf.Tensor, of: str, other: tf.Tensor) -> None:
    """Raise ValueError if the shapes of two tensors are known to differ."""
    if not tensor.shape.is_compatible_with(other.shape):
        raise ValueError(
            f"{op}: {argument} has shape {tuple(tensor.shape)}: expected {tuple(other.shape)}, the shape of {of}"
        )


def check_same_size(op: str, argument: str, size: int | None, of: str, expected: int | None) -> None:
    """Raise ValueError if two sizes are both known and differ."""
    if size is not None and expected is not None and size != expected:
        raise ValueError(f"{op}: {argument} is {size}: expected {expected}, as {of}")


def check_positive(op: str, argument: str, value: int) -> None:
    """Raise ValueError unless the value is a whole number from 1 up."""
    if not _from_one_up(value):
        raise ValueError(f"{op}: {argument}={value!r} is not possible: expected a whole number from 1 up")


def check_per_axis(op: str, argument: str, values: int | Sequence[int], axes: int) -> None:
    """Raise ValueError unless it is a whole number from 1 up, or a sequence of one for each of so many axes."""
    each = values if isinstance(values, Sequence) else [values] * axes
    if len(each) != axes or not all(map(_from_one_up, each)):
        raise ValueError(
            f"{op}: {argument}={values!r} is not possible: expected whole numbers from 1 up, one for all {axes} axes "
            "or one for each"
        )


def _from_one_up(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def check_choice(op: str, argument: str, value: str, known: Sequence[str]) -> None:
    """Raise ValueError unless the value is one of the known ones."""
    if value not in known:
        raise ValueError(f"{op}: {argument}={value!r} is not known: expected one of {', '.join(map(repr, known))}")


def check_range(op: str, argument: str, value: float, low: float, high: float) -> None:
    """Raise ValueError unless low <= value < high; NaN is never inside."""
    if not low <= value < high:
        raise ValueError(f"{op}: {argument}={value!r} is not possible: expected {low} <= {argument} < {high}")
