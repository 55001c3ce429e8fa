"""The gradients of a model's weights, one after another, beside difference quotients of its loss."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np

from keras_suite.models.gradient_check.model_loss import ModelLoss

NUDGE = 1e-2
ALLOWED = 1e-5  # of the largest gradient of the same weight
# Tried in this order: a kink (relu, pooling) within a step is rare, within all of them rarer. From the fourth on they
# are for large gradients only: of the others' quotients rounding leaves no digits.
STEPS = (1e-6, 1e-7, 1e-5, 1e-8, 1e-9)
ALLOWED_IN_FLOAT32 = 5e-2
STEPS_IN_FLOAT32 = (1e-2, 3e-3, 1e-3)
ROUNDING = 10  # units in the last place of the loss
FLOOR = 1e-7
# One direction is enough: another may meet a kink. Two slopes of what is rounded agreed by chance in 2 of 80 networks.
DIRECTIONS, SMALL_STEPS, SAME_SLOPE = 4, (2e-8, 1e-8, 5e-9), 1e-2
LARGE_STEPS = (0.1, 0.5, 2.0)  # of a weight, that take a rounded one to its next value


@dataclass(frozen=True)
class WeightRow:
    """One trainable weight.

    Attributes:
        weight: Its path.
        layer: The name of the layer that owns it.
        kind: That layer's class.
        entries: How many were compared.
        error: The largest difference, as a share of the weight's largest gradient.
        allowed: The largest error that passes.
        reached: Whether there is a gradient.
        still: Whether it is 0 everywhere, so that a factor could not be noticed.
        reason: What is wrong, if anything is.
        estimated: Whether the loss stands still in small steps of the weight and moves in large ones, and the gradient
            is not 0: a straight-through estimator, which no difference quotient can confirm.
    """

    weight: str
    layer: str
    kind: str
    entries: int
    error: float
    allowed: float
    reached: bool = True
    still: bool = False
    reason: str = ""
    estimated: bool = False

    @property
    def passed(self) -> bool:
        """False for NaN, too, and for a weight that no gradient reaches."""
        return self.reached and (self.estimated or self.error <= self.allowed)


@contextlib.contextmanager
def nudged(model: keras.Model, seed: int) -> Iterator[None]:
    """Move all trainable weights a little in this block; afterwards they and all states are as before."""
    random, before = np.random.default_rng(seed), [np.array(variable) for variable in model.variables]
    for variable in model.trainable_variables:
        variable.assign_add(random.normal(scale=NUDGE, size=variable.shape))
    try:
        yield
    finally:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)


def smooth_along(weight: keras.Variable, loss: ModelLoss, seed: int) -> bool:
    """Return whether a loss is a smooth function of a weight in steps as small as float64 resolves.

    Where a layer computes in float32 whatever it is given, such steps are lost in rounding.
    """
    random, before = np.random.default_rng(seed), np.array(weight)
    for _ in range(DIRECTIONS):
        along, slopes = random.normal(size=before.shape), []
        for step in SMALL_STEPS:
            sides = []
            for sign in (1, -1):
                weight.assign(before + sign * step * along)
                sides.append(float(loss()))
            slopes.append((sides[0] - sides[1]) / (2 * step))
        weight.assign(before)
        if np.ptp(slopes) <= SAME_SLOPE * np.max(np.abs(slopes)) + FLOOR:
            return True
    return False


def largest_allowed(precision: str) -> float:
    """Return the largest error that passes, as a share of a weight's largest gradient."""
    return ALLOWED if precision == "float64" else ALLOWED_IN_FLOAT32


def rows_of(model: keras.Model, loss: ModelLoss, entries: int, seed: int, precision: str) -> list[WeightRow]:
    """Compare the gradient of each trainable weight with difference quotients at a few entries."""
    owners = {id(variable): layer for layer in model._flatten_layers() for variable in layer.trainable_variables}
    random = np.random.default_rng(seed)
    steps, allowed = (STEPS, ALLOWED) if precision == "float64" else (STEPS_IN_FLOAT32, ALLOWED_IN_FLOAT32)
    rows = []
    for variable, gradient in zip(model.trainable_variables, loss.gradients(), strict=True):
        owner = owners.get(id(variable), model)
        place = variable.path, owner.name, type(owner).__name__
        if gradient is None:
            rows.append(WeightRow(*place, 0, np.inf, allowed, reached=False, reason="no gradient reaches it"))
        else:
            chosen = _chosen(gradient, entries, random)
            error, reason = _compared(variable, gradient, loss, chosen, steps, allowed)
            still = not np.any(gradient)
            estimated = bool(reason) and _moves_in_leaps(variable, loss, steps)
            rows.append(WeightRow(*place, len(chosen), error, allowed, True, still, reason, estimated))
    loss.restore()
    return rows


def _chosen(gradient: np.ndarray, entries: int, random: np.random.Generator) -> np.ndarray:
    """Draw entries: that of the largest gradient, half of them where it is not 0, as of words that were looked up."""
    every = random.permutation(gradient.size)
    moved = every[gradient.ravel()[every] != 0]
    return np.array(
        list(dict.fromkeys([int(np.argmax(np.abs(gradient))), *moved[: (entries + 1) // 2], *every]))[:entries]
    )


def _compared(
    variable: keras.Variable,
    gradient: np.ndarray,
    loss: ModelLoss,
    chosen: np.ndarray,
    steps: tuple[float, ...],
    allowed: float,
) -> tuple[float, str]:
    """Return the largest error at the chosen entries; and if that is too large, what is wrong."""
    digits = ROUNDING * np.finfo(gradient.dtype).eps * abs(float(loss()))
    rounding = digits / steps[0]
    scale = np.abs(gradient).max() + rounding / allowed  # of a bias before batch normalisation the gradient is 0
    slopes = np.empty(len(chosen))
    for number, index in enumerate(chosen):
        found = []
        for step in (*steps[:3], *(s for s in steps[3:] if digits / s <= allowed * scale / ROUNDING)):
            found.append(_slope(variable, loss, int(index), step))
            if abs(gradient.flat[index] - found[-1]) <= allowed * scale:
                break
        slopes[number] = min(found, key=lambda slope: abs(gradient.flat[index] - slope))
    actual = gradient.ravel()[chosen].astype(np.float64)
    errors = np.abs(actual - slopes) / scale
    error = float(errors.max())
    if error <= allowed:
        return error, ""
    worst = int(np.argmax(np.nan_to_num(errors, nan=np.inf)))
    place = list(map(int, np.unravel_index(int(chosen[worst]), gradient.shape)))
    reason = f"it is {actual[worst]:.6g} at {place}, and the difference quotient is {slopes[worst]:.6g}"
    factor = float(actual @ slopes / (slopes @ slopes)) if np.any(slopes) else np.nan
    if len(chosen) > 1 and np.allclose(actual, factor * slopes, rtol=0, atol=allowed * np.abs(slopes).max()):
        reason += f" ({factor:.4g} times that, at all entries)"
    return error, reason


def _slope(variable: keras.Variable, loss: ModelLoss, index: int, step: float) -> float:
    start, values = np.array(variable), []
    for sign in (1, -1):
        moved = start.copy()
        moved.flat[index] += sign * step
        variable.assign(moved)
        values.append(float(loss()))
    variable.assign(start)
    return (values[0] - values[1]) / (2 * step)


def _moves_in_leaps(variable: keras.Variable, loss: ModelLoss, steps: tuple[float, ...]) -> bool:
    """Return whether the loss stands still in small steps of all of a weight's entries, and moves in large ones."""
    start, here = np.array(variable), float(loss())
    along = np.random.default_rng(0).choice((-1.0, 1.0), size=start.shape)

    def moved(step: float) -> bool:
        variable.assign(start + step * along)
        there = float(loss())
        variable.assign(start)
        return there != here

    return not any(map(moved, (-steps[1], steps[1]))) and any(map(moved, LARGE_STEPS))
