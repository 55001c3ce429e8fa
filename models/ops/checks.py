"""Bad input to an op is answered before anything is computed: what was given, what was expected, how to mend it."""

from collections.abc import Sequence

import tensorflow as tf


def check_floating(op: str, argument: str, tensor: tf.Tensor) -> None:
    """ValueError unless `tensor` holds floating-point numbers.

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
    """`check_floating`, and ValueError unless it has as many axes as `axes` names, as in "batch, height, width"."""
    names = axes.split(", ")
    if tensor.shape.rank is not None and tensor.shape.rank != len(names):
        raise ValueError(
            f"{op}: {argument} has shape {tuple(tensor.shape)}: expected {len(names)} axes, ({axes})"
            + (f"; add one with {argument}[..., None]" if tensor.shape.rank == len(names) - 1 else "")
        )
    check_floating(op, argument, tensor)


def check_same_shape(op: str, argument: str, tensor: tf.Tensor, of: str, other: tf.Tensor) -> None:
    """ValueError if the shapes of two tensors are known to differ."""
    if not tensor.shape.is_compatible_with(other.shape):
        raise ValueError(
            f"{op}: {argument} has shape {tuple(tensor.shape)}: expected {tuple(other.shape)}, the shape of {of}"
        )


def check_same_size(op: str, argument: str, given: int | None, of: str, expected: int | None) -> None:
    """ValueError if two sizes are both known and differ."""
    if given is not None and expected is not None and given != expected:
        raise ValueError(f"{op}: {argument} is {given}: expected {expected}, as {of}")


def check_positive(op: str, argument: str, values: int | Sequence[int]) -> None:
    """ValueError unless every value is a whole number from 1 up."""
    for value in values if isinstance(values, Sequence) else (values,):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{op}: {argument}={values!r} is not possible: expected whole numbers from 1 up")


def check_choice(op: str, argument: str, value: str, known: Sequence[str]) -> None:
    """ValueError unless the value is one of the known ones."""
    if value not in known:
        raise ValueError(f"{op}: {argument}={value!r} is not known: expected one of {', '.join(map(repr, known))}")


def check_range(op: str, argument: str, value: float, low: float, high: float) -> None:
    """ValueError unless low <= value < high; NaN is never inside."""
    if not low <= value < high:
        raise ValueError(f"{op}: {argument}={value!r} is not possible: expected {low} <= {argument} < {high}")
