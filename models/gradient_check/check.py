"""Check hand-derived passes: against TensorFlow, autodiff and difference quotients, and as an adjoint."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check import CASES
from keras_suite.models.ops.op import Op
from keras_suite.tasks.task import load

T = TypeVar("T")


class Choose(Protocol):
    """Picks one of the options: at random for a user's check, by hypothesis in the tests."""

    def __call__(self, options: Sequence[T], /) -> T: ...


@dataclass(frozen=True)
class Case:
    """What an op is checked on: tensors and options, and TensorFlow's own function of the same meaning.

    Attributes:
        op: the op.
        tensors: float64 (integers where it takes indices, None where one is left out).
        reference: takes the same tensors and returns what the op should, by TensorFlow's own operations; of a tuple at
            least the first, which alone has a gradient.
        options: the op's keyword arguments.
        constant: the positions of the tensors that have no gradient: labels, masks, indices.
        linear_in: the positions of the tensors in each of which the op is linear while the others stand still.
        autodiff: the precision in which TensorFlow can differentiate its reference on a CPU.
        differences: False on kinks and ties: there TensorFlow's rule counts, and a difference quotient has two sides.
    """

    op: Op
    tensors: tuple[np.ndarray | None, ...]
    reference: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    constant: tuple[int, ...] = ()
    linear_in: tuple[int, ...] = ()
    autodiff: str = "float64"
    differences: bool = True


def generator(choose: Choose) -> np.random.Generator:
    """Create the generator of a case's tensors."""
    return np.random.default_rng(choose(range(1000)))


def spaced(random: np.random.Generator, shape: Sequence[int]) -> np.ndarray:
    """Return a permutation of a grid spaced 0.1 around 0, without 0: no two entries tie, none is near a kink at 0.

    Steps of 1e-5 then stay on one side of every maximum, and of every kink at 0.
    """
    count = int(np.prod(shape))
    return random.permutation((np.arange(count) - count // 2 + 0.5) * 0.1).reshape(shape)


STEP = 1e-5
MANY_ENTRIES = 256  # of a tensor: two passes for each then take longer than tracing one into a graph
DIFFERENCES = (1e-8, 1e-10)  # relative and absolute: |analytic - numeric| <= relative * max |analytic| + absolute
ROUNDING = {"float64": (1e-11, 1e-12), "float32": (2e-5, 1e-5)}  # two correct ways differ in their last digits only


@dataclass(frozen=True)
class Finding:
    """How one comparison of a case ended. `error` is the largest difference as a share of what is allowed."""

    comparison: str
    tensor: int | None
    error: float

    @property
    def passed(self) -> bool:
        """False for NaN, too."""
        return self.error <= 1.0


def check(case: Case, seed: int = 0) -> list[Finding]:
    """Make every comparison of the case, with random cotangents: all entries of all tensors that have a gradient."""
    tensors = [None if tensor is None else tf.constant(tensor) for tensor in case.tensors]
    y, cache = case.op.forward(*tensors, **case.options)
    first = y[0] if isinstance(y, tuple) else y
    random = np.random.default_rng(seed)
    dy = tf.constant(random.normal(size=first.shape), first.dtype)
    gradients = case.op.backward(dy, cache)
    if len(gradients) != len(tensors):
        raise ValueError(f"{case.op.name}: backward gave {len(gradients)} gradients for {len(tensors)} tensors")
    results = zip(all_of(y), all_of(case.reference(*tensors)), strict=False)
    findings = [Finding("forward", None, _error(one, other, ROUNDING["float64"])) for one, other in results]
    expected = _autodiff(case, tensors, dy)
    for position, gradient in enumerate(gradients):
        if tensors[position] is None or position in case.constant:
            continue
        if gradient is None:
            findings.append(Finding("missing", position, float("inf")))
            continue
        findings.append(Finding("autodiff", position, _error(gradient, expected[position], ROUNDING[case.autodiff])))
        if case.differences:
            numeric = _numeric(case, tensors, position, dy)
            findings.append(Finding("differences", position, _error(gradient, numeric, DIFFERENCES)))
        if position in case.linear_in:
            findings.append(Finding("adjoint", position, _adjoint_error(case, tensors, position, random)))
    return findings


def central_differences(
    f: Callable[[np.ndarray], Any], x: np.ndarray, dy: np.ndarray, step: float = STEP
) -> np.ndarray:
    """Return d sum(dy * f(x)) / dx at every entry of x, from (f(x + step) - f(x - step)) / (2 step), in float64."""
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] = x[index] + step
        above = np.asarray(f(moved))
        moved[index] = x[index] - step
        gradient[index] = np.sum(dy * (above - np.asarray(f(moved)))) / (2 * step)
    return gradient


def _numeric(case: Case, tensors: list[Any], position: int, dy: tf.Tensor) -> np.ndarray:
    def forward(moved: tf.Tensor) -> Any:
        return _first(case.op.forward(*tensors[:position], moved, *tensors[position + 1 :], **case.options)[0])

    x = tensors[position].numpy()
    if x.size > MANY_ENTRIES:
        forward = tf.function(forward)
    return central_differences(lambda moved: forward(tf.constant(moved)), x, dy.numpy())


def _autodiff(case: Case, tensors: list[Any], dy: tf.Tensor) -> list[Any]:
    """Return the reference's gradients by TensorFlow, in the precision that it is able to."""
    cast = [t if t is None or not t.dtype.is_floating else tf.cast(t, case.autodiff) for t in tensors]
    watched = [t for t in cast if t is not None and t.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        y = _first(case.reference(*cast))
    gradients = iter(tape.gradient(y, watched, tf.cast(dy, y.dtype), unconnected_gradients="zero"))
    return [next(gradients) if t is not None and t.dtype.is_floating else None for t in cast]


def _adjoint_error(case: Case, tensors: list[Any], position: int, random: np.random.Generator) -> float:
    """Compare <K x, dy> with <x, K* dy>, for K the op without what it adds when x is 0."""
    x = tensors[position]

    def forward(value: Any) -> tuple[Any, Any]:
        y, cache = case.op.forward(*tensors[:position], value, *tensors[position + 1 :], **case.options)
        return _first(y), cache

    y, cache = forward(x)
    linear = y - forward(tf.zeros_like(x))[0]
    dy = tf.constant(random.normal(size=y.shape), y.dtype)
    dx = case.op.backward(dy, cache)[position]
    if dx is None or dx.shape != x.shape:
        return float("inf")
    left, right = tf.reduce_sum(linear * dy), tf.reduce_sum(x * dx)
    size = tf.norm(linear) * tf.norm(dy)
    return float(abs(left - right) / (1e-12 * size + 1e-12))


def all_of(y: Any) -> tuple[Any, ...]:
    """Return all results: one that has a gradient, and statistics or indices that some ops return beside it."""
    return y if isinstance(y, tuple) else (y,)


def _first(y: Any) -> Any:
    return all_of(y)[0]


def _error(actual: Any, expected: Any, allowed: tuple[float, float]) -> float:
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    if actual.shape != expected.shape:
        return float("inf")
    if not actual.size:
        return 0.0
    relative, absolute = allowed
    return float(np.max(np.abs(actual - expected)) / (relative * np.max(np.abs(actual)) + absolute))


def case_of(op: str) -> Callable[[Choose], Case]:
    """Return the function that samples the op's cases."""
    return load(CASES[op])
