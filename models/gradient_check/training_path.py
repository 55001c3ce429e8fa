"""The path that trains: an op as layers call it, in every precision, eagerly and in a graph, beside itself in float64.

What is allowed comes from rounding. Tensors that are rounded to a precision are taken as exact; float64 says what the
op makes of them, and how far that moves when each entry is changed by one more rounding. A sound algorithm errs by a
few times that, and a wrong formula by all of it. `FACTOR` is how many times: in 6 cases of each of 33 ops the worst
error was within what is allowed, but for kernels of TensorFlow that compute garbage.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Finding
from keras_suite.tasks.wording.shown import message_of

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11, "bfloat16": 2.0**-8}  # half a last place
SMALLEST = {"float64": 0.0, "float32": 2.0**-149, "float16": 2.0**-24, "bfloat16": 2.0**-133}
FACTOR = 8
DRAWS = 8  # of changes by one rounding
WAYS = ("eager", "graph")


def check_training_path(case: Case, seed: int = 0) -> list[Finding]:
    """Compare y and all gradients of a case in each precision and way with float64; and a graph's with themselves.

    Returns:
        A finding for each precision and way, named so; one that does not run has an infinite error.
    """
    findings = []
    for dtype in UNIT:
        tensors = [_rounded(tensor, dtype) for tensor in case.tensors]
        for way in WAYS:
            comparison = f"{dtype} {way}"
            try:
                errors = list(_errors(case, tensors, dtype, way, seed))
            except Exception as error:  # whatever TensorFlow's kernels raise in a precision that they lack
                findings.append(Finding(f"{comparison}: {message_of(error)[:80]}", None, float("inf")))
                continue
            worst = max(errors, key=lambda pair: np.inf if np.isnan(pair[1]) else pair[1])
            findings.append(Finding(comparison, *worst))
    return findings


def _errors(case: Case, tensors: list[Any], dtype: str, way: str, seed: int) -> Iterator[tuple[int | None, float]]:
    """Yield for y, and for each tensor with a gradient, its position and its error as a share of what is allowed."""
    exact, dy = _exact(case, tensors, dtype, seed)
    given = [None if t is None else tf.cast(t, dtype) if t.dtype.is_floating else t for t in tensors]
    watched = [i for i, t in enumerate(given) if t is not None and i not in case.constant]

    def passes(*given: tf.Tensor | None) -> list[Any]:
        sources = [given[i] for i in watched]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            y = _first(case.op(*given, **case.options))
        return [y, *tape.gradient(y, sources, tf.cast(dy, y.dtype))]

    run = tf.function(passes) if way == "graph" else passes
    found = run(*given)
    if way == "graph":
        for one, other in zip(found, run(*given), strict=True):
            if not np.array_equal(np.asarray(one), np.asarray(other), equal_nan=dtype != "bfloat16"):
                yield None, float("inf")  # another answer each time
    spread = _spread(case, tensors, exact, dy, dtype, watched, seed)
    for position, value in zip((None, *watched), found, strict=True):
        expected, moved = (exact[0], spread[0]) if position is None else (exact[1][position], spread[1][position])
        if value is None:
            yield position, float("inf")
        else:
            yield position, _share(np.asarray(tf.cast(value, tf.float64)), expected, moved, dtype)


def _exact(case: Case, tensors: list[Any], dtype: str, seed: int) -> tuple[tuple[np.ndarray, list[Any]], tf.Tensor]:
    """Return y and the gradients in float64, and the cotangent, which has the numbers of the precision."""
    y, cache = case.op.forward(*tensors, **case.options)
    first = _first(y)
    dy = tf.constant(np.random.default_rng(seed).normal(size=first.shape), tf.float64)
    dy = tf.cast(tf.cast(dy, dtype), tf.float64)
    return (np.asarray(first), _as_arrays(case.op.backward(dy, cache))), dy


def _spread(
    case: Case, tensors: list[Any], exact: Any, dy: tf.Tensor, dtype: str, watched: list[int], seed: int
) -> tuple[float, dict[int, float]]:
    """Return how far y and each gradient move in float64 when every entry is changed by one rounding."""
    random, of_y, of_each = np.random.default_rng(seed), 0.0, dict.fromkeys(watched, 0.0)

    def changed(tensor: Any) -> Any:
        return tensor * (1 + UNIT[dtype] * random.choice((-1.0, 1.0), size=tensor.shape))

    for _ in range(DRAWS):
        moved = [changed(t) if i in of_each else t for i, t in enumerate(tensors)]
        y, cache = case.op.forward(*moved, **case.options)
        gradients = _as_arrays(case.op.backward(changed(dy), cache))
        of_y = max(of_y, _distance(np.asarray(_first(y)), exact[0]))
        of_each = {i: max(of_each[i], _distance(gradients[i], exact[1][i])) for i in watched}
    return of_y, of_each


def _share(value: np.ndarray, expected: np.ndarray, moved: float, dtype: str) -> float:
    """Return the largest difference as a share of what rounding allows."""
    if value.shape != expected.shape:
        return float("inf")
    allowed = FACTOR * (moved + UNIT[dtype] * np.abs(expected).max(initial=0) + SMALLEST[dtype])
    return _distance(value, expected) / (allowed + 1e-300)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max(initial=0))


def _rounded(tensor: np.ndarray | None, dtype: str) -> Any:
    """Return the tensor in float64 with the numbers that it has in the precision; whole numbers as they are."""
    if tensor is None:
        return None
    constant = tf.constant(tensor)
    return tf.cast(tf.cast(constant, dtype), tf.float64) if constant.dtype.is_floating else constant


def _as_arrays(gradients: Any) -> list[Any]:
    return [None if gradient is None else np.asarray(gradient) for gradient in gradients]


def _first(y: Any) -> Any:
    return y[0] if isinstance(y, tuple) else y
