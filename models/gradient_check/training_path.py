"""The path that trains: an op as layers call it, in every precision, eagerly and in a graph, beside itself in float64.

A graph may also leave sizes open, which are then tensors: other code than for known sizes.

What is allowed comes from rounding. Tensors that are rounded to a precision are taken as exact; float64 says what the
op makes of them, and how far that moves when each entry is changed by one more rounding. A sound algorithm errs by a
few times that, and by a few roundings of the case's largest number, of which terms that cancel leave some (tanh near
1, say); a wrong formula errs by all of it. `FACTOR` is how many times: in 20 cases of each op the worst error was
within what is allowed, but for kernels of TensorFlow that compute garbage.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Finding, all_of
from keras_suite.tasks.wording.shown import message_of

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}  # half a last place
SMALLEST = {"float64": 0.0, "float32": 2.0**-149, "float16": 2.0**-24, "bfloat16": 2.0**-133}
FACTOR = 8
DRAWS = 8  # of changes by one rounding
WAYS = ("eager", "graph")
OPEN, KNOWN = "open graph", "expected a known"  # a graph that leaves the first tensor's sizes open; how ops refuse it
Path = tuple[str, str]  # precision and way
PATHS: tuple[Path, ...] = (("float32", "eager"), ("float32", "graph"))  # what layers train in, unless told otherwise
HALF_PATHS: tuple[Path, ...] = (("float16", "eager"), ("bfloat16", "eager"))
THOROUGH_PATHS: tuple[Path, ...] = (*itertools.product(UNIT, WAYS), ("float32", OPEN))


def check_training_path(
    case: Case, seed: int = 0, paths: Iterable[Path] = THOROUGH_PATHS, mean: float = 0.0
) -> list[Finding]:
    """Compare y and all gradients of a case in each precision and way with float64; and a graph's with themselves.

    Args:
        mean: Of the cotangent's entries; with 1, sums of many of them grow.

    Returns:
        A finding for each precision and way, named so; one that does not run has an infinite error.
    """
    findings, exact = [], {}
    for dtype, way in paths:
        try:
            if dtype not in exact:
                exact[dtype] = _exact(case, dtype, seed, mean)
            errors = _errors(case, exact[dtype], dtype, way)
        except Exception as error:  # whatever TensorFlow's kernels raise in a precision that they lack
            if way == OPEN and KNOWN in str(error):
                continue  # the op says itself that it takes no open sizes
            findings.append(Finding(f"{dtype} {way}: {message_of(error)[:80]}", None, float("inf")))
            continue
        findings.append(
            Finding(f"{dtype} {way}", *max(errors, key=lambda pair: np.inf if np.isnan(pair[1]) else pair[1]))
        )
    return findings


@dataclass(frozen=True)
class Exact:
    """What float64 makes of a case's tensors in the numbers of a precision.

    Attributes:
        tensors: They.
        watched: The positions of those with a gradient.
        dy: The cotangent.
        values: y, what is returned beside it, and the gradients of the watched tensors.
        moved: Computes how far each of these moves when every entry is changed by one rounding.
    """

    tensors: list[Any]
    watched: list[int]
    dy: tf.Tensor
    values: list[np.ndarray | None]
    moved: Callable[[], list[float]]


def _errors(case: Case, exact: Exact, dtype: str, way: str) -> list[tuple[int | None, float]]:
    """Return for y, and for each tensor with a gradient, its position and its error as a share of what is allowed."""
    given = [None if t is None else tf.cast(t, dtype) if t.dtype.is_floating else t for t in exact.tensors]

    def passes(*given: tf.Tensor | None) -> list[Any]:
        sources = [given[i] for i in exact.watched]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            y, *others = all_of(case.op(*given, **case.options))
        dy = tf.cast(exact.dy, y.dtype)
        dy = tf.compat.v1.placeholder_with_default(dy, y.shape) if way == OPEN else dy  # of sizes as open as y's
        return [y, *others, *tape.gradient(y, sources, dy)]

    run = passes if way == "eager" else _traced(passes, given, case.constant, way)
    found = run(*given)
    if way == "graph":
        for one, other in zip(found, run(*given), strict=True):
            if not np.array_equal(np.asarray(one), np.asarray(other), equal_nan=dtype != "bfloat16"):
                return [(None, float("inf"))]  # another answer each time
    values = [None if each is None else np.asarray(tf.cast(each, tf.float64)) for each in found]
    places: list[int | None] = [*[None] * (len(values) - len(exact.watched)), *exact.watched]
    largest = max(float(np.abs(each).max(initial=0)) for each in (exact.dy, *exact.values) if each is not None)
    shares = [_share(*pair, 0.0, largest, dtype) for pair in zip(values, exact.values, strict=True)]
    if not all(share <= 1 for share in shares):  # more than the last digits: it may be what rounding makes of this case
        shares = [_share(*each, largest, dtype) for each in zip(values, exact.values, exact.moved(), strict=True)]
    return list(zip(places, shares, strict=True))


def _traced(passes: Callable[..., Any], given: list[Any], constant: Sequence[int], way: str) -> Callable[..., Any]:
    """Return the passes as a graph; of open sizes but for the channels, where those are asked for."""
    if way != OPEN or given[0].shape.rank == 0:
        return tf.function(passes)
    opened = [
        i for i, each in enumerate(given) if i == 0 or (i in constant and each is not None and each.shape.rank > 1)
    ]
    specs = [
        tf.TensorSpec([*[None] * (given[i].shape.rank - 1), given[0].shape[-1] if i == 0 else None], given[i].dtype)
        for i in opened
    ]

    def of_opened(*tensors: tf.Tensor) -> Any:
        places = dict(zip(opened, tensors, strict=True))
        return passes(*(places.get(i, each) for i, each in enumerate(given)))

    run = tf.function(of_opened, input_signature=specs)
    return lambda *tensors: run(*(tensors[i] for i in opened))


def _exact(case: Case, dtype: str, seed: int, mean: float) -> Exact:
    """Run the passes in float64; again with each entry changed by one rounding, some times, when that is asked for."""
    tensors = [_rounded(tensor, dtype) for tensor in case.tensors]
    watched = [i for i, t in enumerate(tensors) if t is not None and i not in case.constant]
    random = np.random.default_rng(seed)

    def passes(tensors: list[Any], dy: tf.Tensor | None) -> tuple[tf.Tensor, list[np.ndarray | None]]:
        y, cache = case.op.forward(*tensors, **case.options)
        first, *others = all_of(y)
        if dy is None:
            dy = tf.cast(tf.cast(tf.constant(random.normal(mean, size=first.shape)), dtype), tf.float64)
        gradients = case.op.backward(dy, cache)
        values = (first, *others, *(gradients[position] for position in watched))
        return dy, [None if each is None else np.asarray(each) for each in values]

    def changed(tensor: Any) -> Any:
        return tensor * (1 + UNIT[dtype] * random.choice((-1.0, 1.0), size=tensor.shape))

    def moved() -> list[float]:
        most = [0.0] * len(values)
        for _ in range(DRAWS):
            _, others = passes([changed(t) if i in watched else t for i, t in enumerate(tensors)], changed(dy))
            most = [max(far, _distance(one, other)) for far, one, other in zip(most, values, others, strict=True)]
        return most

    dy, values = passes(tensors, None)
    return Exact(tensors, watched, dy, values, functools.cache(moved))


def _share(value: np.ndarray | None, expected: np.ndarray | None, moved: float, largest: float, dtype: str) -> float:
    """Return the largest difference as a share of what rounding allows."""
    if value is None or expected is None or value.shape != expected.shape:
        return float("inf")
    allowed = FACTOR * (moved + UNIT[dtype] * largest + SMALLEST[dtype])
    return _distance(value, expected) / (allowed + 1e-300)


def _distance(one: np.ndarray | None, other: np.ndarray | None) -> float:
    if one is None or other is None:
        return 0.0 if one is other else float("inf")
    return float(np.abs(one - other).max(initial=0))


def _rounded(tensor: np.ndarray | None, dtype: str) -> Any:
    """Return the tensor in float64 with the numbers that it has in the precision; whole numbers as they are."""
    if tensor is None:
        return None
    constant = tf.constant(tensor)
    return tf.cast(tf.cast(constant, dtype), tf.float64) if constant.dtype.is_floating else constant
