"""Check any Keras model's own gradients on a small batch: the whole chain of its layers, its loss and its penalties.

The model is rebuilt in float64, and its gradients (autodiff's, or those of whatever custom gradients its layers bring)
are compared with central differences at a few entries of each weight: as it predicts, and as it trains where that is
another function. What cannot be rebuilt is checked in float32, in coarser steps. All weights are nudged first: fresh
biases are 0 and so are blank pixels, and relu has no derivative there.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from keras_suite.models.gradient_check.float64_model import float64_default, in_float64
from keras_suite.models.gradient_check.model_loss import ModelLoss
from keras_suite.tasks.wording.shown import message_of

NUDGE = 1e-2
ALLOWED = 1e-5  # of the largest gradient of the same weight
STEPS = (
    1e-6,
    1e-7,
    1e-5,
)  # tried in this order: a kink (relu, pooling) within a step is rare, within all of them rarer
ALLOWED_IN_FLOAT32 = 5e-2
STEPS_IN_FLOAT32 = (1e-2, 3e-3, 1e-3)
ROUNDING = 10  # units in the last place of the loss
FLOOR = 1e-7
TRIES = 3  # of nudges: at a tie of two pixels float32 and float64 may choose another
SAME_GRADIENT = 3e-2  # in float32 and in float64, as a share of the largest
DIRECTIONS, SMALL_STEPS, SAME_SLOPE = 4, (1e-8, 5e-9), 1e-2  # one direction is enough: another may meet a kink


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

    @property
    def passed(self) -> bool:
        """False for NaN, too, and for a weight that no gradient reaches."""
        return self.reached and self.error <= self.allowed


@dataclass(frozen=True)
class ModelCheck:
    """The rows of all trainable weights, and how they were compared, as a sentence."""

    rows: list[WeightRow]
    training: bool
    precision: str
    how: str

    @property
    def allowed(self) -> float:
        """The largest error that passes."""
        return ALLOWED if self.precision == "float64" else ALLOWED_IN_FLOAT32


def check_model(
    model: keras.Model, inputs: np.ndarray, labels: np.ndarray, entries: int, seed: int = 0
) -> list[ModelCheck]:
    """Compare the gradients of each trainable weight, at a few entries, with central differences.

    Args:
        model: Any model; its weights are as before afterwards.
        inputs: A batch (B, …), as images 0..255.
        labels: Whole numbers (B,).
        entries: How many of each weight are compared.
        seed: Decides which.

    Returns:
        The check as the model predicts; and as it trains, if that is another function of the weights.

    Raises:
        ValueError: If it has no trainable weights, or its loss is no function of them.
    """
    if not model.trainable_variables:
        raise ValueError(f"the model {model.name} has no trainable weights: there are no gradients to check")
    exact, default, why = _exact(model, inputs, labels, seed)
    checks = _checks(exact, default, inputs, labels, entries, seed, why)
    if exact is not model and not all(row.passed for check in checks for row in check.rows):
        failed = {row.weight for check in checks for row in check.rows if row.reached and not row.passed}
        weights = [variable for variable in exact.trainable_variables if variable.path in failed]
        with default(), nudged(exact, seed):
            loss = ModelLoss(exact, _typed(inputs, "float64"), labels, training=True)
            in_single = any(not smooth_along(weight, loss, seed) for weight in weights)
        if in_single:
            why = " (a layer computes in float32, whatever it is given)"
            checks = _checks(model, contextlib.nullcontext, inputs, labels, entries, seed, why)
    return checks


Default = Callable[[], contextlib.AbstractContextManager[None]]


def _exact(model: keras.Model, inputs: np.ndarray, labels: np.ndarray, seed: int) -> tuple[keras.Model, Default, str]:
    """Return a copy in float64, and Keras's default precision in which it runs; else the model itself, and why."""
    said: list[str] = []
    for default in (float64_default, contextlib.nullcontext):  # some of Keras's augmentation runs in the second only
        try:
            exact = in_float64(model)
            with default():
                ModelLoss(exact, _typed(inputs, "float64"), labels, training=True, eager=True).gradients()
            for number in range(seed, seed + TRIES):
                with nudged(exact, number), nudged(model, number):
                    narrow = ModelLoss(model, _typed(inputs, "float32"), labels, training=False, eager=True).gradients()
                    with default():
                        wide = ModelLoss(exact, _typed(inputs, "float64"), labels, training=False, eager=True)
                        if agree(narrow, wide.gradients()):
                            return exact, default, ""
            said.append(
                "the copy has other gradients: get_config of a layer or model leaves out what __init__ was given"
            )
        except Exception as error:  # whatever layers raise in a precision that they were not written for
            said.append(_gist(error))
    return model, contextlib.nullcontext, f" (in float64 it does not run: {said[0]})"


def agree(gradients: Sequence[np.ndarray | None], others: Sequence[np.ndarray | None]) -> bool:
    """Return whether a copy's gradients are the model's, but for its precision; half precision is taken as it is."""
    largest = max((float(np.abs(each).max(initial=0)) for each in others if each is not None), default=0.0)
    for one, other in zip(gradients, others, strict=True):
        if (one is None) != (other is None):
            return False
        if one is not None and other is not None and one.dtype == np.float32:
            allowed = SAME_GRADIENT * (np.abs(other).max(initial=0) + FLOOR * (1 + largest))
            if not np.all(np.abs(one - other) <= allowed) and np.isfinite(one).all():
                return False
    return True


def _checks(
    model: keras.Model, default: Default, inputs: np.ndarray, labels: np.ndarray, entries: int, seed: int, why: str
) -> list[ModelCheck]:
    """Check a model in the precision of its weights, as it predicts and as it trains."""
    precision = "float32" if why else "float64"
    typed, checks = _typed(inputs, precision), []
    with default(), nudged(model, seed):
        predicting, training = (ModelLoss(model, typed, labels, training=mode) for mode in (False, True))
        predicting.check_repeats()
        training.check_repeats()
        differs = not np.array_equal(predicting(), training(), equal_nan=True)
        for mode, loss in ((False, predicting), (True, training))[: 2 if differs else 1]:
            rows = _rows(model, loss, entries, seed, precision)
            checks.append(ModelCheck(rows, mode, precision, f"{_how(mode, differs, precision)}{why}."))
    return checks


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
        if abs(slopes[0] - slopes[1]) <= SAME_SLOPE * max(map(abs, slopes)) + FLOOR:
            return True
    return False


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


def _typed(inputs: np.ndarray, precision: str) -> np.ndarray:
    return inputs.astype(precision) if inputs.dtype.kind != "i" else inputs


def _gist(error: Exception) -> str:
    """Return what an error says, without what Keras puts around it."""
    text = message_of(error)
    inside = re.search(r"Exception encountered when calling [^\ufffd]*\ufffd\[1m(.*?)\ufffd\[0m", text)
    return (inside[1] if inside else text)[:160]


def _how(training: bool, differs: bool, precision: str) -> str:
    mode = "As it trains (the same random numbers each time)" if training else "As it predicts"
    return f"{mode if differs else 'As it predicts and trains'}, in {precision}"


def _rows(model: keras.Model, loss: ModelLoss, entries: int, seed: int, precision: str) -> list[WeightRow]:
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
            rows.append(WeightRow(*place, len(chosen), error, allowed, still=still, reason=reason))
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
    rounding = ROUNDING * np.finfo(gradient.dtype).eps * abs(float(loss())) / steps[0]
    scale = np.abs(gradient).max() + rounding / allowed  # of a bias before batch normalisation the gradient is 0
    slopes = np.empty(len(chosen))
    for number, index in enumerate(chosen):
        found = []
        for step in steps:
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
