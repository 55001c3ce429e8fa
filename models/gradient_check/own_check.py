"""Check somebody's backward pass: against central differences, TensorFlow's autodiff, and itself in float32.

Errors are shares of what is allowed: 1 is the limit. An entry at which the slopes to its two sides differ is left out:
there is a kink (relu, max) within a step, and no derivative.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.passes import Numbers, Passes, first_of
from keras_suite.models.gradient_check.trial_tensors import Trial, written

MOST_ENTRIES = 300  # of a tensor; of a larger one as many are drawn
SAME_SLOPE = 1e-2  # slopes to both sides differ by less, as a share of the largest, where there is a derivative
FLOOR = 1e-9
TINY = 1e-30
AUTODIFF = 1e-8  # two correct ways in float64 differ in their last digits
IN_FLOAT32 = 1e-3
ROUNDING_SHARE = 1e-3  # of what is allowed: errors of sums whose terms cancel
COMPARISONS = ("differences", "autodiff", "float32")


@dataclass(frozen=True)
class Wrong:
    """Why a tensor's gradient is wrong, to stand after "the gradient of `kernel` is wrong: "."""

    tensor: str
    reason: str


@dataclass(frozen=True)
class TensorRow:
    """How one tensor's gradient compares.

    Attributes:
        tensor: The parameter's name.
        shape: Of the tensor.
        entries: How many were compared with difference quotients.
        errors: By the comparison's name, as shares of what is allowed; without those that could not be made.
        wrong: Why it is wrong; None if it is not.
    """

    tensor: str
    shape: tuple[int, ...]
    entries: int
    errors: dict[str, float]
    wrong: Wrong | None = None

    @property
    def constant(self) -> bool:
        """Whether the backward pass says that the tensor has no gradient."""
        return not self.errors and self.wrong is None


@dataclass(frozen=True)
class Evidence:
    """What the gradients of passes on some tensors must be.

    Attributes:
        passes: They.
        numbers: What they are called with.
        arrays: The tensors' values.
        dy: The gradient with respect to y.
        chosen: The entries of each tensor that are compared, flat.
        slopes: The difference quotients there; None for a tensor of whole numbers.
        autodiff: TensorFlow's gradients; empty where it has none.
        size: Of the sum of dy * y, before its terms cancel: rounding errors are shares of it.
    """

    passes: Passes
    numbers: Numbers
    arrays: Sequence[np.ndarray]
    dy: np.ndarray
    chosen: list[np.ndarray]
    slopes: list[np.ndarray]
    autodiff: list[np.ndarray | None]
    size: float

    def gradients(self, dtype: str | None = None, dy: np.ndarray | None = None) -> list[np.ndarray | None]:
        """Return what the backward pass claims, in some precision and for some dy: by default the evidence's own."""
        tensors = [self.numbers.of(array, dtype) for array in self.arrays]
        _, cache = self.passes.forward(*tensors)
        found = self.passes.backward(self.numbers.of(self.dy if dy is None else dy, dtype), cache)
        return [None if each is None else np.asarray(each) for each in found]


def evidence(passes: Passes, trial: Trial, seed: int) -> Evidence:
    """Measure what the gradients must be, on tensors that the seed decides on.

    Raises:
        ValueError: If the forward pass is no function of its tensors.
    """
    random, numbers = np.random.default_rng(seed), trial.numbers
    arrays = trial.arrays(passes.parameters, seed)

    def y(moved: Sequence[np.ndarray]) -> np.ndarray:
        return np.asarray(first_of(passes.forward(*map(numbers.of, moved))[0]), np.float64)

    value = y(arrays)
    if not np.array_equal(value, y(arrays), equal_nan=True):
        raise ValueError(
            f"{passes.name} gives another result when it is called again with the same tensors: let what it draws "
            "follow from a seed, as tf.random.stateless_uniform does, or pass it as a tensor"
        )
    dy = random.normal(size=value.shape)
    chosen, slopes = [], []
    for position, array in enumerate(arrays):
        drawn = np.sort(random.permutation(array.size)[:MOST_ENTRIES]) if array.dtype.kind == "f" else np.arange(0)
        found = _slopes(y, arrays, position, drawn, dy, numbers.step)
        bent = np.abs(found[1]) > SAME_SLOPE * np.max(np.abs(found[0]), initial=0.0) + FLOOR
        smooth = ~bent if numbers.dtype == "float64" else np.ones_like(bent)  # steps in float32 are long
        chosen.append(drawn[smooth])
        slopes.append(found[0][smooth])
    size = float(np.sum(np.abs(dy * value)))
    return Evidence(passes, numbers, arrays, dy, chosen, slopes, _autodiff(passes, numbers, arrays, dy), size)


def compare(of: Evidence, gradients: Sequence[np.ndarray | None], single: bool = False) -> list[TensorRow]:
    """Compare claimed gradients with the evidence; `single` says that they were computed in float32."""
    return [_row(of, position, gradient, single) for position, gradient in enumerate(gradients)]


def check_passes(passes: Passes, trial: Trial, cases: int) -> tuple[list[TensorRow], list[Evidence]]:
    """Check a backward pass on some draws of the tensors.

    Returns:
        A row for each tensor, with the worst of all draws; and the evidence of each draw.
    """
    found, rows = [evidence(passes, trial, seed) for seed in range(cases)], []
    for each in found:
        rows.append(compare(each, each.gradients()))
        if each.numbers.dtype == "float64":
            rows.append(compare(each, each.gradients("float32"), single=True))
    return [_worst([case[position] for case in rows]) for position in range(len(passes.parameters))], found


def _slopes(
    y: object, arrays: Sequence[np.ndarray], position: int, drawn: np.ndarray, dy: np.ndarray, step: float
) -> np.ndarray:
    """Return at the drawn entries the central difference quotients, and by how much the two one-sided ones differ."""
    assert callable(y)
    here, found = y(arrays), np.empty((2, len(drawn)))
    for number, index in enumerate(drawn):
        sides = []
        for sign in (1, -1):
            moved = [np.array(array) for array in arrays]
            moved[position].flat[index] += sign * step
            sides.append(y(moved))
        found[0, number] = np.sum(dy * (sides[0] - sides[1])) / (2 * step)
        found[1, number] = np.sum(dy * (sides[0] - 2 * here + sides[1])) / step
    return found


def _autodiff(
    passes: Passes, numbers: Numbers, arrays: Sequence[np.ndarray], dy: np.ndarray
) -> list[np.ndarray | None]:
    """Return TensorFlow's own gradients of the forward pass; nothing where it cannot differentiate that."""
    if passes.plain is None or numbers.arrays:
        return []
    tensors = [numbers.of(array) for array in arrays]
    floating = [tensor for tensor in tensors if tensor.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(floating)
        y = first_of(passes.plain(*tensors))
    if not tf.is_tensor(y):
        return []
    try:
        gradients = iter(tape.gradient(y, floating, tf.cast(dy, y.dtype)))
    except LookupError:  # an operation that has none
        return []
    by_tensor = [next(gradients) if tensor.dtype.is_floating else None for tensor in tensors]
    return [None if each is None else np.asarray(tf.convert_to_tensor(each)) for each in by_tensor]


def _row(of: Evidence, position: int, gradient: np.ndarray | None, single: bool) -> TensorRow:
    name, array, chosen = of.passes.parameters[position], of.arrays[position], of.chosen[position]
    if gradient is None or array.dtype.kind != "f":
        forgotten = name not in of.passes.constants and bool(
            np.any(np.abs(of.slopes[position]) > FLOOR * (of.size + 1))
        )
        missing = f"it is None, and y depends on {name}"
        return TensorRow(name, array.shape, 0, {}, Wrong(name, missing) if forgotten else None)
    if gradient.shape != array.shape:
        shapes = f"its shape is {written(gradient.shape)}, and that of {name} is {written(array.shape)}"
        return TensorRow(name, array.shape, 0, {}, Wrong(name, shapes))
    actual, slopes = gradient.astype(np.float64).ravel()[chosen], of.slopes[position]
    precise, first = of.numbers.dtype == "float64", "float32" if single else "differences"
    quotients = 2 * np.finfo(of.numbers.dtype).eps * of.size / of.numbers.step
    allowed = (IN_FLOAT32, IN_FLOAT32 * (of.size + 1) * ROUNDING_SHARE) if single else (of.numbers.allowed, quotients)
    errors = {first: _share(actual, slopes, *allowed)}
    expected = of.autodiff[position] if of.autodiff and not single else None
    if expected is not None:
        relative = AUTODIFF if precise else IN_FLOAT32
        errors["autodiff"] = _share(gradient, expected, relative, relative * ROUNDING_SHARE * (of.size + 1))
    reason: str | None = None
    if not errors[first] <= 1:
        reason = _reason(array.shape, chosen, actual, slopes, single)
    elif not errors.get("autodiff", 0.0) <= 1:
        reason = "it agrees with difference quotients, but not with TensorFlow's autodiff of the forward pass"
    return TensorRow(name, array.shape, len(chosen), errors, Wrong(name, reason) if reason else None)


def _share(actual: np.ndarray, expected: np.ndarray, relative: float, absolute: float) -> float:
    """Return the largest difference as a share of relative * the largest expected entry + absolute; NaN for NaN."""
    if not actual.size:
        return 0.0
    actual, expected = actual.astype(np.float64), expected.astype(np.float64)
    return float(np.max(np.abs(actual - expected)) / (relative * np.max(np.abs(expected)) + absolute + TINY))


def _reason(shape: tuple[int, ...], chosen: np.ndarray, actual: np.ndarray, slopes: np.ndarray, single: bool) -> str:
    """Say where a gradient is worst, and whether it is a multiple of what it must be."""
    worst = int(np.argmax(np.nan_to_num(np.abs(actual - slopes), nan=np.inf)))
    place = "" if not shape else f" at {list(map(int, np.unravel_index(chosen[worst], shape)))}"
    text = f"it is {actual[worst]:.6g}{place}, and the difference quotient is {slopes[worst]:.6g}"
    text = f"in float32 {text}" if single else text
    if np.isfinite(actual).all() and np.any(slopes):
        factor = float(actual @ slopes / (slopes @ slopes))
        if np.allclose(actual, factor * slopes, rtol=0, atol=1e-4 * np.abs(slopes).max()):
            text += f" ({factor:.4g} times that, at all entries)" if abs(factor) > 1e-6 else " (it is 0 everywhere)"
    return text


def _worst(rows: Sequence[TensorRow]) -> TensorRow:
    """Return one row of several of the same tensor; NaN is the worst error."""
    names = [name for name in COMPARISONS if any(name in row.errors for row in rows)]
    errors = {
        name: max(
            (row.errors[name] for row in rows if name in row.errors),
            key=lambda error: np.inf if np.isnan(error) else error,
        )
        for name in names
    }
    wrong = next((row.wrong for row in rows if row.wrong is not None), None)
    return TensorRow(rows[0].tensor, rows[0].shape, max(row.entries for row in rows), errors, wrong)
